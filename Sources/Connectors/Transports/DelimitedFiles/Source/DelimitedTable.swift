import ConnectorKit
/// The rows of delimited text, taken apart.
struct DelimitedTable: Sendable {
    struct Row: Sendable, Hashable {
        /// Where it begins; the first line is 1.
        let line: Int
        let fields: [String]
    }

    /// Without empty lines.
    private(set) var rows: [Row] = []
    /// Whether the last row has its line end: one without may be cut off.
    let isEnded: Bool

    /// - Parameter quotes: whether a field that begins with `"` goes to the next `"` that isn't doubled (RFC 4180).
    /// - Throws: ``FileProblem`` when a quoted field has no end.
    init(_ text: String, delimiter: Unicode.Scalar, quotes: Bool) throws(FileProblem) {
        let scalars = Array(text.unicodeScalars)
        self.isEnded = scalars.isEmpty || scalars.last == "\n" || scalars.last == "\r"
        var fields: [String] = []
        var field = String.UnicodeScalarView()
        var line = 1
        var start = 1
        var position = 0

        func isEnd(_ scalar: Unicode.Scalar) -> Bool { scalar == "\n" || scalar == "\r" }
        func isAtFieldStart() -> Bool { field.isEmpty }
        while position < scalars.count {
            let scalar = scalars[position]
            if quotes, scalar == "\"", isAtFieldStart() {
                let opened = line
                position += 1
                while true {
                    guard position < scalars.count else {
                        throw FileProblem(
                            .quoteWithoutEnd,
                            "a field in quotes has no end: the file is cut off, or quotes is to "
                                + "be false", line: opened)
                    }
                    let inner = scalars[position]
                    if inner == "\"" {
                        guard position + 1 < scalars.count, scalars[position + 1] == "\"" else { break }
                        position += 1
                    }
                    if inner == "\n" { line += 1 }
                    field.append(inner)
                    position += 1
                }
                position += 1
                continue
            }
            if scalar == delimiter {
                fields.append(String(field))
                field = .init()
            } else if isEnd(scalar) {
                if scalar == "\r", position + 1 < scalars.count, scalars[position + 1] == "\n" { position += 1 }
                self.close(&fields, &field, start)
                line += 1
                start = line
            } else {
                field.append(scalar)
            }
            position += 1
        }
        self.close(&fields, &field, start)
    }

    private mutating func close(_ fields: inout [String], _ field: inout String.UnicodeScalarView, _ line: Int) {
        fields.append(String(field))
        if fields.contains(where: { !$0.isEmpty }) { self.rows.append(Row(line: line, fields: fields)) }
        fields = []
        field = .init()
    }
}
