/// A kind of file that Skola24's web page imports, with its columns in the order of the page's help.
public enum Skola24File: String, Sendable, Hashable, CaseIterable {
    /// Children of preschool and after-school care: the whole of one school.
    case child
    /// Everybody's guardians.
    case guardian
    /// Staff of preschool and after-school care: the whole of one school.
    case staff

    /// The columns, in order.
    public var columns: [String] {
        switch self {
        case .child: ["school", "department", "number", "givenName", "familyName", "marked"]
        case .guardian: ["childNumber", "number", "givenName", "familyName", "email", "mobile"]
        case .staff: ["school", "department", "number", "givenName", "familyName", "signature", "email", "marked"]
        }
    }

    /// Columns that no row may leave empty.
    var required: [String] {
        switch self {
        case .child, .staff: ["school", "number", "givenName", "familyName"]
        case .guardian: ["childNumber", "number", "givenName", "familyName"]
        }
    }
}

/// A row as Skola24 holds it.
public struct Skola24Row: Sendable, Hashable {
    public let file: Skola24File
    /// Column → value; empty ones are left out.
    public let fields: [String: String]
}

/// Reads one file as the page takes it: no header, semicolons, ISO 8859-1, lines that end in CR LF.
struct Skola24Import {
    private(set) var rows: Set<Skola24Row> = []
    /// Why rows weren't taken, in order; never with a value.
    private(set) var refusals: [String] = []

    init(_ file: Skola24File, _ bytes: [UInt8]) {
        var lines = bytes.split(separator: 0x0A, omittingEmptySubsequences: false)
        if let last = lines.last, last.isEmpty { lines.removeLast() } else { self.refusals.append("the last line has no end") }
        for line in lines {
            guard line.last == 0x0D else {
                self.refusals.append("a line doesn't end in CR LF")
                continue
            }
            let values = line.dropLast().split(separator: 0x3B, omittingEmptySubsequences: false).map { part in
                String(String.UnicodeScalarView(part.map { UnicodeScalar($0) }))
            }
            guard values.count == file.columns.count else {
                self.refusals.append("a \(file.rawValue) has \(file.columns.count) columns, not \(values.count)")
                continue
            }
            let fields = Dictionary(uniqueKeysWithValues: zip(file.columns, values)).filter { !$0.value.isEmpty }
            if let problem = Self.problem(of: file, fields) {
                self.refusals.append(problem)
            } else if !self.rows.insert(Skola24Row(file: file, fields: fields)).inserted {
                self.refusals.append("a \(file.rawValue) is there twice")
            }
        }
    }

    private static func problem(of file: Skola24File, _ fields: [String: String]) -> String? {
        for column in file.required where fields[column] == nil { return "\(column) of a \(file.rawValue) is empty" }
        for column in ["number", "childNumber"] where fields[column].map({ !UnikumFormat.isNumber($0) }) ?? false {
            return "\(column) of a \(file.rawValue) is not of the form ååååmmdd-nnnn or ååååmmdd-TFxx"
        }
        // Skola24 takes no one with a marking.
        if fields["marked"] == "1" { return "a \(file.rawValue) is marked as protected" }
        return nil
    }
}
