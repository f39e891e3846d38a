import Foundation

extension SDSValidator {
    private static let orgTypes = Self.words(
        "school ministryOfEducation localAuthority department university region district college division local campus province state "
            + "adultEducation researchCenter national municipality program departmentOfEducation academicTrust")
    private static let roles = Self.words(
        "principal chair professor researcher adjunct affiliate occupationalTherapist physicalTherapist speechTherapist visionTherapist "
            + "paraprofessional specialServices advisor proctor nurse officeStaff lecturer itAdmin administrator teacher faculty staff "
            + "teacherAssistant assistant instructor substitute coach alumni student other")
    private static let relations = Self.words("guardian parent relative aide doctor child other")
    private static let grades = Self.words("pr pk tk kg ps ps1 ps2 ps3 ps4 ug other 1 2 3 4 5 6 7 8 9 10 11 12 13")

    private static func words(_ text: String) -> Set<String> { Set(text.lowercased().split(separator: " ").map(String.init)) }

    mutating func checkRows() {
        let required: [String: [String]] = [
            "orgs.csv": ["sourcedId", "name", "type"], "users.csv": ["sourcedId", "givenName", "familyName"],
            "roles.csv": ["userSourcedId", "orgSourcedId", "role"], "classes.csv": ["sourcedId", "orgSourcedId", "title"],
            "enrollments.csv": ["classSourcedId", "userSourcedId", "role"],
            "relationships.csv": ["userSourcedId", "relationshipUserSourcedId", "relationshipRole"],
            "academicSessions.csv": ["sourcedId", "title", "type", "schoolYear", "startDate", "endDate"],
        ]
        let keys: [String: [String]] = [
            "orgs.csv": ["sourcedId"], "users.csv": ["sourcedId"], "classes.csv": ["sourcedId"],
            "academicSessions.csv": ["sourcedId"],
            "roles.csv": ["userSourcedId", "orgSourcedId", "role"], "enrollments.csv": ["classSourcedId", "userSourcedId"],
            "relationships.csv": ["userSourcedId", "relationshipUserSourcedId"],
        ]
        for (name, columns) in required.sorted(by: { $0.key < $1.key }) {
            var seen: Set<[String]> = []
            for (line, row) in self.rows(name) {
                for column in columns where (row[column] ?? "").allSatisfy(\.isWhitespace) { self.find(.required, name, line) }
                let key = (keys[name] ?? []).map { row[$0] ?? "" }
                if !seen.insert(key).inserted { self.find(.idTwice, name, line) }
            }
        }
        self.checkOrgs()
        self.checkUsers()
        self.checkRoles()
        self.checkClasses()
        self.checkRelationships()
        self.checkSessions()
    }

    private func ids(_ name: String) -> Set<String> { Set(self.rows(name).compactMap { $0.row["sourcedId"] }) }

    private mutating func checkOrgs() {
        let orgs = self.ids("orgs.csv")
        let parents = self.rows("orgs.csv").reduce(into: [String: String]()) {
            $0[$1.row["sourcedId"] ?? ""] = $1.row["parentSourcedId"]
        }
        for (line, row) in self.rows("orgs.csv") {
            if !Self.orgTypes.contains((row["type"] ?? "").lowercased()) { self.find(.orgType, "orgs.csv", line) }
            if let parent = row["parentSourcedId"], !orgs.contains(parent) { self.find(.parent, "orgs.csv", line) }
            var above = row["parentSourcedId"]
            for _ in 0...orgs.count {
                guard let id = above else { break }
                if id == row["sourcedId"] {
                    self.find(.circle, "orgs.csv", line)
                    break
                }
                above = parents[id]
            }
        }
    }

    private mutating func checkUsers() {
        let used = Set(
            self.rows("roles.csv").compactMap { $0.row["userSourcedId"] }
                + self.rows("relationships.csv").compactMap { $0.row["relationshipUserSourcedId"] })
        let withRole = Set(self.rows("roles.csv").compactMap { $0.row["userSourcedId"] })
        var names: Set<String> = []
        for (line, row) in self.rows("users.csv") {
            let id = row["sourcedId"] ?? ""
            if !used.contains(id) { self.find(.userUnused, "users.csv", line) }
            if let name = row["username"] {
                if name.wholeMatch(of: #/[^@\s]+@[^@\s.]+(\.[^@\s.]+)+/#) == nil { self.find(.username, "users.csv", line) }
                if !names.insert(name.lowercased()).inserted { self.find(.usernameTwice, "users.csv", line) }
            } else if withRole.contains(id) {
                self.find(.username, "users.csv", line)
            }
            if let mail = row["email"] {
                if mail.wholeMatch(of: #/[^@\s]+@[^@\s.]+(\.[^@\s.]+)+/#) == nil { self.find(.email, "users.csv", line) }
                if mail != mail.lowercased() { self.find(.emailCase, "users.csv", line) }
            }
            for column in ["phone", "sms"] {
                if let phone = row[column], phone.wholeMatch(of: #/\+[1-9][0-9]{6,14}/#) == nil {
                    self.find(.phone, "users.csv", line)
                }
            }
        }
    }

    private mutating func checkRoles() {
        let (users, orgs, sessions) = (self.ids("users.csv"), self.ids("orgs.csv"), self.ids("academicSessions.csv"))
        var primary: [String: Int] = [:]
        for (line, row) in self.rows("roles.csv") {
            func wrong(_ check: Check) { self.find(check, "roles.csv", line) }
            if !Self.roles.contains((row["role"] ?? "").lowercased()) { wrong(.role) }
            if !users.contains(row["userSourcedId"] ?? "") { wrong(.roleUser) }
            if !orgs.contains(row["orgSourcedId"] ?? "") { wrong(.roleOrg) }
            if let session = row["sessionSourcedId"], !sessions.contains(session) { wrong(.session) }
            if let grade = row["grade"]?.lowercased() {
                let plain = grade.count > 1 && grade.hasPrefix("0") ? String(grade.dropFirst()) : grade
                if !Self.grades.contains(plain) { wrong(.grade) }
            }
            switch row["isPrimary"]?.uppercased() {
            case "TRUE": primary[row["userSourcedId"] ?? "", default: 0] += 1
            case "FALSE", nil: primary[row["userSourcedId"] ?? "", default: 0] += 0
            default: wrong(.boolean)
            }
            self.checkDates(row, "roleStartDate", "roleEndDate", "roles.csv", line)
        }
        if primary.values.contains(where: { $0 > 1 }) { self.find(.primary, "roles.csv") }
    }

    private mutating func checkDates(_ row: [String: String], _ first: String, _ last: String, _ file: String, _ line: Int) {
        for column in [first, last] {
            guard let date = row[column] else { continue }
            let parts = date.split(separator: "-", omittingEmptySubsequences: false).compactMap { Int($0) }
            var components = DateComponents()
            (components.year, components.month, components.day) = (parts.first, parts.dropFirst().first, parts.last)
            let isDay = parts.count == 3 && date.count == 10 && components.isValidDate(in: Calendar(identifier: .gregorian))
            if !isDay { self.find(.date, file, line) }
        }
        if let start = row[first], let end = row[last], end < start { self.find(.dateOrder, file, line) }
    }

    private mutating func checkClasses() {
        let (users, orgs) = (self.ids("users.csv"), self.ids("orgs.csv"))
        let (sessions, classes) = (self.ids("academicSessions.csv"), self.ids("classes.csv"))
        for (line, row) in self.rows("classes.csv") {
            if !orgs.contains(row["orgSourcedId"] ?? "") { self.find(.classOrg, "classes.csv", line) }
            for session in (row["sessionSourcedIds"] ?? "").split(separator: ",") where !sessions.contains(String(session)) {
                self.find(.session, "classes.csv", line)
            }
        }
        for (line, row) in self.rows("enrollments.csv") {
            if !classes.contains(row["classSourcedId"] ?? "") { self.find(.enrollmentClass, "enrollments.csv", line) }
            if !users.contains(row["userSourcedId"] ?? "") { self.find(.enrollmentUser, "enrollments.csv", line) }
            if !Self.roles.contains((row["role"] ?? "").lowercased()) { self.find(.role, "enrollments.csv", line) }
        }
    }

    private mutating func checkRelationships() {
        let users = self.rows("users.csv").reduce(into: [String: [String: String]]()) { $0[$1.row["sourcedId"] ?? ""] = $1.row }
        for (line, row) in self.rows("relationships.csv") {
            let guardian = users[row["relationshipUserSourcedId"] ?? ""]
            if guardian == nil || users[row["userSourcedId"] ?? ""] == nil { self.find(.relationUser, "relationships.csv", line) }
            if row["userSourcedId"] == row["relationshipUserSourcedId"] { self.find(.relationUser, "relationships.csv", line) }
            if !Self.relations.contains((row["relationshipRole"] ?? "").lowercased()) {
                self.find(.relationRole, "relationships.csv", line)
            }
            if let guardian, ["givenName", "familyName", "email"].contains(where: { guardian[$0] == nil }) {
                self.find(.guardian, "relationships.csv", line)
            }
        }
    }

    private mutating func checkSessions() {
        for (line, row) in self.rows("academicSessions.csv") {
            if Int(row["schoolYear"] ?? "") == nil || row["type"]?.lowercased() != "schoolyear" {
                self.find(.sessionValue, "academicSessions.csv", line)
            }
            self.checkDates(row, "startDate", "endDate", "academicSessions.csv", line)
        }
    }
}
