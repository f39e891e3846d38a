import ConnectorKit
import Foundation

/// How the bytes of a file from outside are text.
enum SourceEncoding: String, Sendable, CaseIterable {
    case utf8 = "utf-8"
    case latin1 = "iso-8859-1"
    case windows1252 = "windows-1252"

    /// The text, without a byte order mark.
    ///
    /// - Throws: ``FileProblem`` when the bytes are in another encoding, also when they are UTF-8 and something else is
    ///   expected: read as it, every å would become two wrong letters.
    func text(_ bytes: [UInt8]) throws(FileProblem) -> String {
        var bytes = bytes[...]
        let hasMark = bytes.starts(with: [0xEF, 0xBB, 0xBF])
        if hasMark { bytes = bytes.dropFirst(3) }
        let isASCII = bytes.allSatisfy { $0 < 0x80 }
        let asUTF8 = isASCII ? nil : String(validating: bytes, as: UTF8.self)
        switch self {
        case .utf8:
            if isASCII { return String(decoding: bytes, as: UTF8.self) }
            guard let asUTF8 else {
                throw FileProblem(
                    .wrongEncoding,
                    "the file is no UTF-8: set encoding to iso-8859-1 or windows-1252, or have it "
                        + "exported as UTF-8")
            }
            return asUTF8
        case .latin1, .windows1252:
            guard asUTF8 == nil, !hasMark else {
                throw FileProblem(.wrongEncoding, "the file is UTF-8 and not \(self.rawValue): set encoding to utf-8")
            }
            let scalars = bytes.map { byte -> Unicode.Scalar in
                guard self == .windows1252, (0x80..<0xA0).contains(byte) else { return Unicode.Scalar(byte) }
                return Unicode.Scalar(Self.windows[Int(byte) - 0x80]) ?? "\u{FFFD}"
            }
            return String(String.UnicodeScalarView(scalars))
        }
    }

    /// 0x80 to 0x9F (Microsoft's table); places without a letter stay what they are in ISO 8859-1.
    private static let windows: [UInt32] = [
        0x20AC, 0x81, 0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021, 0x02C6, 0x2030, 0x0160, 0x2039, 0x0152, 0x8D, 0x017D, 0x8F,
        0x90, 0x2018, 0x2019, 0x201C, 0x201D, 0x2022, 0x2013, 0x2014, 0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0x9D, 0x017E,
        0x0178,
    ]
}

/// Why a file, or a row of it, can't be taken. Holds no value of a row.
struct FileProblem: Error, Sendable, Hashable {
    let code: ConnectorFailure.Code
    let message: String
    /// The first is 1; `nil` for the file as a whole.
    var line: Int?

    init(_ code: ConnectorFailure.Code, _ message: String, line: Int? = nil) {
        self.code = code
        self.message = message
        self.line = line
    }
}
