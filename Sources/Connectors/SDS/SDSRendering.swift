import Foundation
import SchoolRecords

/// A whole set of rows as the files that School Data Sync takes. Pure: the same rows on the same day are the same bytes.
struct SDSRendering: Sendable {
    let format: SDSSettings.Format
    let year: SDSYear

    /// Every file of the format, those without rows too: a file that was there once must always be.
    func files(_ rows: SDSRows) -> [(file: DroppedFile, rows: Int)] {
        switch self.format {
        case .v2: SDSTable.allCases.map { table in self.file(table.fileName, table.columns, self.lines(table, rows)) }
        case .v1: self.first(rows)
        }
    }

    private func file(_ name: String, _ columns: [String], _ lines: [[String]]) -> (file: DroppedFile, rows: Int) {
        var text = Self.line(columns)
        for line in lines { text += Self.line(line) }
        return (DroppedFile(name: name, bytes: Array(text.utf8)), lines.count)
    }

    /// RFC 4180: what has a comma, a quotation mark or space at an end stands in quotation marks.
    private static func line(_ values: [String]) -> String {
        values.map { value in
            let needsMarks = value.contains { $0 == "," || $0 == "\"" } || value.first == " " || value.last == " "
            return needsMarks ? "\"\(value.replacing("\"", with: "\"\""))\"" : value
        }.joined(separator: ",") + "\r\n"
    }

    private func lines(_ table: SDSTable, _ rows: SDSRows) -> [[String]] {
        guard table != .academicSessions else {
            return [[self.year.id, self.year.title, "schoolYear", String(self.year.first), self.year.start, self.year.end]]
        }
        let primary = table == .roles ? Self.primary(rows[.roles]) : []
        return rows[table].sorted { $0.key < $1.key }.map { key, row in
            table.columns.map { column in
                switch (table, column) {
                case (.roles, "sessionSourcedId"), (.classes, "sessionSourcedIds"): self.year.id
                case (.roles, "isPrimary"): primary.contains(key) ? "TRUE" : "FALSE"
                case (.users, "email"), (.users, "username"): (row[column] ?? "").lowercased()
                default: row[column] ?? ""
                }
            }
        }
    }

    /// One role of each user is the first: the oldest.
    private static func primary(_ roles: [String: [String: String]]) -> Set<String> {
        let byUser = Dictionary(grouping: roles) { $0.value["userSourcedId"] ?? "" }
        return Set(
            byUser.values.compactMap { own in
                own.min { ($0.value["roleStartDate"] ?? "", $0.key) < ($1.value["roleStartDate"] ?? "", $1.key) }?.key
            })
    }

    /// The six files of the format before: one school for each user there, which is that of the first role.
    private func first(_ rows: SDSRows) -> [(file: DroppedFile, rows: Int)] {
        let users = rows[.users].values.reduce(into: [String: [String: String]]()) { $0[$1["sourcedId"] ?? ""] = $1 }
        let roles = rows[.roles]
        let primary = Self.primary(roles).sorted().compactMap { roles[$0] }
        func people(areStudents: Bool) -> [[String]] {
            primary.filter { ($0["role"]?.lowercased() == "student") == areStudents }.map { role in
                let id = role["userSourcedId"] ?? ""
                return [id, role["orgSourcedId"] ?? "", (users[id]?["username"] ?? "").lowercased()]
            }
        }
        func members(areStudents: Bool) -> [[String]] {
            rows[.enrollments].sorted { $0.key < $1.key }.map(\.value)
                .filter { ($0["role"]?.lowercased() == "student") == areStudents }
                .map { [$0["classSourcedId"] ?? "", $0["userSourcedId"] ?? ""] }
        }
        let person = ["SIS ID", "School SIS ID", "Username"]
        let roster = ["Section SIS ID", "SIS ID"]
        return [
            self.file(
                "School.csv", ["SIS ID", "Name"],
                rows[.orgs].sorted { $0.key < $1.key }.map { [$0.value["sourcedId"] ?? "", $0.value["name"] ?? ""] }),
            self.file(
                "Section.csv", ["SIS ID", "School SIS ID", "Section Name"],
                rows[.classes].sorted { $0.key < $1.key }.map {
                    [$0.value["sourcedId"] ?? "", $0.value["orgSourcedId"] ?? "", $0.value["title"] ?? ""]
                }),
            self.file("Student.csv", person, people(areStudents: true)),
            self.file("Teacher.csv", person, people(areStudents: false)),
            self.file("StudentEnrollment.csv", roster, members(areStudents: true)),
            self.file("TeacherRoster.csv", roster, members(areStudents: false)),
        ]
    }
}

/// The school year that a day lies in: July 1 to June 30.
struct SDSYear: Sendable, Hashable {
    /// The year that it begins in.
    let first: Int

    init(on day: CalendarDate) { self.first = day.month >= 7 ? day.year : day.year - 1 }

    var id: String { "SY\(self.first)" }
    var title: String { "\(self.first)/\(self.first + 1)" }
    var start: String { "\(self.first)-07-01" }
    var end: String { "\(self.first + 1)-06-30" }
}
