/// How the rows of a file of delimited text are written.
struct DelimitedFormat: Sendable, Hashable {
    enum Delimiter: String, Sendable, CaseIterable {
        case tab
        case comma
        case semicolon

        var character: Unicode.Scalar {
            switch self {
            case .tab: "\t"
            case .comma: ","
            case .semicolon: ";"
            }
        }
    }

    enum Encoding: String, Sendable, CaseIterable {
        case utf8 = "utf-8"
        case latin1 = "iso-8859-1"
    }

    enum LineEnding: String, Sendable, CaseIterable {
        case lf
        case crlf

        var text: String { self == .lf ? "\n" : "\r\n" }
    }

    var delimiter = Delimiter.tab
    var encoding = Encoding.utf8
    var lineEnding = LineEnding.lf
    /// Whether the first line names the columns.
    var header = false
}
