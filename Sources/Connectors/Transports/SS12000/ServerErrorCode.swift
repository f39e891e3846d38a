import Foundation
import SchoolRecords

/// The `code` of the standard's error object. Its `message` is never kept: it may hold a value of a person.
struct ServerErrorCode: Sendable, Hashable {
    let text: String

    /// `nil` when the reply has none, or one that could be anything else than a word of a program.
    init?(_ body: Data) {
        guard body.count <= 64 << 10, let code = (try? JSONValue(parsing: body))?["code"] else { return nil }
        let text = code.stringValue ?? code.integerValue.map { String($0) } ?? ""
        let isWord = text.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."):
                true
            default: false
            }
        }
        // Six digits are the beginning of an identity number.
        let digits = text.utf8.count { (0x30...0x39).contains($0) }
        guard isWord, (1...60).contains(text.utf8.count), digits < 6 else { return nil }
        self.text = text
    }
}
