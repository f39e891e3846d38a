/// A file of comma-separated values as RFC 4180 has them, read strictly and by nobody else's code.
public struct CSVTable: Sendable {
    /// What is wrong with the file as such.
    public enum Fault: Sendable, Hashable {
        case notUTF8, empty, openQuote, textAfterQuote, quoteInText
        case lineBreakInValue(line: Int)
    }

    /// The first row.
    public let header: [String]
    /// Each with its line in the file, from 1.
    public let rows: [(line: Int, values: [String])]
    public let faults: [Fault]

    /// - Parameter bytes: the file's.
    public init(_ bytes: [UInt8]) {
        guard let text = String(validating: bytes, as: UTF8.self) else {
            self.init(header: [], rows: [], faults: [.notUTF8])
            return
        }
        var faults: [Fault] = []
        var rows: [(line: Int, values: [String])] = []
        var (values, value) = ([String](), "")
        var (line, start) = (1, 1)
        var (isQuoted, wasQuoted) = (false, false)
        func endValue() {
            values.append(value)
            (value, wasQuoted) = ("", false)
        }
        var scalars = Array(text.unicodeScalars)[...]
        while let scalar = scalars.popFirst() {
            if isQuoted {
                if scalar == "\"" {
                    if scalars.first == "\"" {
                        value.unicodeScalars.append("\"")
                        scalars.removeFirst()
                    } else {
                        (isQuoted, wasQuoted) = (false, true)
                    }
                } else {
                    if scalar == "\n" || scalar == "\r" { faults.append(.lineBreakInValue(line: start)) }
                    if scalar == "\n" { line += 1 }
                    value.unicodeScalars.append(scalar)
                }
                continue
            }
            switch scalar {
            case "\"" where value.isEmpty && !wasQuoted: isQuoted = true
            case "\"": faults.append(.quoteInText)
            case ",": endValue()
            case "\r" where scalars.first == "\n": continue
            case "\n":
                endValue()
                rows.append((start, values))
                values = []
                line += 1
                start = line
            default:
                if wasQuoted { faults.append(.textAfterQuote) }
                value.unicodeScalars.append(scalar)
            }
        }
        if isQuoted { faults.append(.openQuote) }
        if !value.isEmpty || !values.isEmpty {
            endValue()
            rows.append((start, values))
        }
        if rows.isEmpty { faults.append(.empty) }
        self.init(header: rows.first?.values ?? [], rows: Array(rows.dropFirst()), faults: faults)
    }

    private init(header: [String], rows: [(line: Int, values: [String])], faults: [Fault]) {
        self.header = header
        self.rows = rows
        self.faults = faults
    }
}
