import ConnectorKit
import Foundation
import SchoolRecords

/// What Skolverket says of an error or a warning, as far as it may be repeated: codes and names of attributes, never texts and values.
struct DNPLogEntry: Sendable, Hashable {
    /// Skolverket's number of the message, e.g. `3047`.
    let code: String
    let statusCode: Int?
    /// E.g. `Enrolment.schoolYear`.
    let attribute: String?

    /// `nil` for what has no code.
    init?(_ value: JSONValue) {
        let text = value["id"]?.stringValue ?? value["id"]?.integerValue.map { String($0) } ?? ""
        // Six digits are the beginning of an identity number.
        guard (1...5).contains(text.utf8.count), text.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
        self.code = text
        self.statusCode = value["statusCode"]?.integerValue.map { Int(clamping: $0) }
        let name = value["attributeName"]?.stringValue ?? value["parameterName"]?.stringValue
        self.attribute = name.flatMap { name in
            let isName = name.utf8.count <= 60 && name.allSatisfy { $0.isASCII && ($0.isLetter || $0 == ".") }
            return isName && !name.isEmpty ? name : nil
        }
    }

    /// The entries of an error reply; none when it holds something else.
    static func list(_ body: Data) -> [DNPLogEntry] {
        guard body.count <= 1 << 20, let entries = (try? JSONValue(parsing: body))?.arrayValue else { return [] }
        return entries.compactMap(DNPLogEntry.init)
    }

    var text: String { self.attribute.map { "\(self.code), \($0)" } ?? self.code }

    /// Whether the object isn't there.
    var isNotFound: Bool { self.code == "4001" || self.statusCode == 404 }

    /// What to do about it.
    var remedy: String {
        switch self.code {
        case "3047": "give the account an EPPN without letters of the person's name"
        case "2010", "2011": "an id is no UUID; look which rule of the mapping makes it"
        case "4001": "something that it refers to isn't at Skolverket: send that first"
        case "5020": "it is larger than Skolverket takes in one call"
        default:
            switch self.statusCode {
            case 409:
                "another person there has the EPPN or the number: give each an EPPN of its own, and delete the one who has left"
            case 404: "something that it refers to isn't at Skolverket: send that first"
            default: "correct it in the source, by what Skolverket says of the code, then replay"
            }
        }
    }

    /// The failure of a record whose object was refused.
    static func failure(_ entries: [DNPLogEntry], of type: DNPType) -> ConnectorFailure {
        let said = entries.map(\.text).joined(separator: "; ")
        let isConflict = entries.contains { $0.statusCode == 409 }
        let isMissing = entries.contains(where: \.isNotFound)
        return ConnectorFailure(
            .rejected, code: isConflict ? .conflict : isMissing ? .notFound : .rowRefused,
            message: "Skolverket refused the \(type.rawValue)\(said.isEmpty ? "" : " (\(said))"): "
                + (entries.first?.remedy ?? "it gave no code; ask Skolverket with the time and the job"))
    }
}
