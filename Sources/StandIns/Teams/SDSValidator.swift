import Foundation

/// What School Data Sync would say to a set of files, from the rules that Microsoft has published for its CSV format 2.1: each a check with a
/// name. It knows nothing of how the hub makes files.
///
/// Source: learn.microsoft.com/schooldatasync (sds-validation-process, validation-rules-and-descriptions, default-list-of-values).
public struct SDSValidator: Sendable {
    public enum Check: String, Sendable, CaseIterable {
        // The run stops.
        case fileMissing = "file missing", foreignFile = "foreign file", notUTF8 = "not UTF-8", fileEmpty = "no header"
        case header = "header differs", columnTwice = "column twice", quoting = "quoting", coreWithoutRows =
            "core file without rows"
        case classesAlone = "classes without enrollments file"
        // The row is dropped.
        case columnCount = "column count", lineBreak = "line break in a value", required = "value missing", idTwice = "id twice"
        case orgType = "org type", parent = "parent org", circle = "orgs in a circle"
        case username = "username", usernameTwice = "username twice", email = "email", emailCase = "email not lower case", phone =
            "phone"
        case role = "role", roleUser = "role's user", roleOrg = "role's org", session = "session", grade = "grade"
        case boolean = "boolean", primary = "one primary role", date = "date", dateOrder = "end before start"
        case classOrg = "class's org", enrollmentClass = "enrollment's class", enrollmentUser = "enrollment's user"
        case relationUser = "relationship's user", relationRole = "relationship role", guardian = "guardian without name or email"
        case userUnused = "user without role", sessionValue = "session value"
    }

    /// A check that failed, and where; no value is in it.
    public struct Finding: Sendable, Hashable, CustomStringConvertible {
        public let check: Check
        public let file: String
        /// From 1; 0 for the file as such.
        public let line: Int
        public var description: String { "\(self.file):\(self.line): \(self.check.rawValue)" }
    }

    static let columns: [String: [[String]]] = [
        "orgs.csv": [["sourcedId", "name", "type", "parentSourcedId"]],
        "users.csv": [
            ["sourcedId", "username", "givenName", "familyName", "password", "activeDirectoryMatchId", "email", "phone", "sms"]
        ],
        "roles.csv": [
            ["userSourcedId", "orgSourcedId", "role", "sessionSourcedId", "grade", "isPrimary", "roleStartDate", "roleEndDate"]
        ],
        "classes.csv": [
            ["sourcedId", "orgSourcedId", "title", "sessionSourcedIds", "courseSourcedId"],
            ["sourcedId", "orgSourcedId", "title", "sessionSourcedIds", "courseSourcedId", "code"],
        ],
        "enrollments.csv": [["classSourcedId", "userSourcedId", "role"]],
        "relationships.csv": [["userSourcedId", "relationshipUserSourcedId", "relationshipRole"]],
        "academicSessions.csv": [["sourcedId", "title", "type", "schoolYear", "startDate", "endDate"]],
    ]
    static let core = ["orgs.csv", "users.csv", "roles.csv"]

    var tables: [String: CSVTable] = [:]
    public private(set) var findings: [Finding] = []

    /// Reads a set and checks all of it.
    ///
    /// - Parameters:
    ///   - folder: the set's.
    ///   - once: files that earlier sets had: they must always be there.
    public init(folder: String, once: Set<String> = []) throws {
        let names = try FileManager.default.contentsOfDirectory(atPath: folder).filter { $0 != "set.json" }
        for name in names.sorted() where Self.columns[name] == nil { self.find(.foreignFile, name) }
        for name in Set(Self.core).union(once).sorted() where !names.contains(name) { self.find(.fileMissing, name) }
        if names.contains("classes.csv") != names.contains("enrollments.csv") { self.find(.classesAlone, "classes.csv") }
        for name in Self.columns.keys.sorted() where names.contains(name) {
            self.read(name, Array(try Data(contentsOf: URL(fileURLWithPath: "\(folder)/\(name)"))))
        }
        self.checkRows()
    }

    mutating func find(_ check: Check, _ file: String, _ line: Int = 0) {
        self.findings.append(Finding(check: check, file: file, line: line))
    }

    private mutating func read(_ name: String, _ bytes: [UInt8]) {
        let table = CSVTable(bytes)
        for fault in table.faults {
            switch fault {
            case .notUTF8: self.find(.notUTF8, name)
            case .empty: self.find(.fileEmpty, name)
            case .lineBreakInValue(let line): self.find(.lineBreak, name, line)
            case .openQuote, .textAfterQuote, .quoteInText: self.find(.quoting, name)
            }
        }
        if Set(table.header).count < table.header.count { self.find(.columnTwice, name, 1) }
        if !table.header.isEmpty, !(Self.columns[name] ?? []).contains(table.header) { self.find(.header, name, 1) }
        if table.rows.isEmpty, Self.core.contains(name) { self.find(.coreWithoutRows, name) }
        for row in table.rows where row.values.count != table.header.count { self.find(.columnCount, name, row.line) }
        self.tables[name] = table
    }

    /// The rows of a file by column, each with its line.
    func rows(_ name: String) -> [(line: Int, row: [String: String])] {
        guard let table = self.tables[name] else { return [] }
        return table.rows.map { line, values in
            (line, Dictionary(zip(table.header, values)) { first, _ in first }.filter { !$0.value.isEmpty })
        }
    }
}
