import ConnectorKit
import Connectors
import Foundation
import SchoolRecords
import StandIns
import Testing

@Suite("Defects of a source never reach School Data Sync, and are told")
struct SDSDefectTests {
    struct Defect: Sendable, CustomTestStringConvertible {
        let name: String
        /// The rule that tells it.
        let rule: String
        let plant: @Sendable (inout SDSSchool) -> Void
        var testDescription: String { self.name }

        init(_ name: String, _ rule: String, _ plant: @escaping @Sendable (inout SDSSchool) -> Void) {
            self.name = name
            self.rule = rule
            self.plant = plant
        }

        /// A value of a row is another.
        init(_ rule: String, _ kind: String, _ key: String, _ column: String, _ value: String?) {
            self.init("\(kind) \(column): \(value ?? "none")", rule) { $0.change(kind, key, column, to: value) }
        }
    }

    private static let pupilRole = "pupil-3|unit-1|student"

    static let defects: [Defect] = [
        Defect("required-value-missing", "org", "kommun", "name", nil),
        Defect("required-value-missing", "user", "pupil-3", "givenName", nil),
        Defect("required-value-missing", "user", "pupil-3", "familyName", "  "),
        Defect("required-value-missing", "class", "class-1", "title", nil),
        Defect("org-type-unknown", "org", "unit-1", "type", "Skolenhet"),
        Defect("parent-org-missing", "org", "unit-1", "parentSourcedId", "school-9"),
        Defect("orgs-in-a-circle", "org", "kommun", "parentSourcedId", "unit-1"),
        Defect("username-without-domain", "user", "pupil-3", "username", "e3"),
        Defect("username-without-domain", "user", "pupil-3", "username", "e3@elev"),
        Defect("username-without-domain", "user", "pupil-3", "username", "e 3@elev.example"),
        Defect("role-without-user", "user", "pupil-3", "username", nil),
        Defect("username-of-two", "user", "pupil-3", "username", "e4@elev.EXAMPLE"),
        Defect("email-invalid", "user", "pupil-3", "email", "e3@elev@example.org"),
        Defect("phone-not-e164", "user", "pupil-3", "phone", "0980-319200"),
        Defect("phone-not-e164", "user", "pupil-3", "sms", "+0980319200"),
        Defect("control-characters", "user", "pupil-3", "familyName", "Pro\nvsson"),
        Defect("role-unknown", "role", Self.pupilRole, "role", "elev"),
        Defect("grade-unknown", "role", Self.pupilRole, "grade", "åk 7"),
        Defect("date-invalid", "role", Self.pupilRole, "roleStartDate", "17/8 2026"),
        Defect("date-invalid", "role", Self.pupilRole, "roleEndDate", "2027-02-30"),
        Defect("end-before-start", "role", Self.pupilRole, "roleEndDate", "2026-08-16"),
        Defect("role-without-org", "role", Self.pupilRole, "orgSourcedId", "unit-9"),
        Defect("a role of nobody", "role-without-user") {
            $0.add("role", ["userSourcedId": "pupil-99", "orgSourcedId": "unit-1", "role": "student"])
        },
        Defect("a user without a role", "user-without-role") { $0.user("pupil-98", "e98@elev.example") },
        Defect("a class of no school", "class-without-org") {
            $0.add("class", ["sourcedId": "class-2", "orgSourcedId": "school-9", "title": "8B"])
            $0.add("enrollment", ["classSourcedId": "class-2", "userSourcedId": "pupil-3", "role": "student"])
        },
        Defect("somebody in a class that isn't there", "enrollment-without-class") {
            $0.add("enrollment", ["classSourcedId": "class-3", "userSourcedId": "pupil-3", "role": "student"])
        },
        Defect("nobody in a class", "enrollment-without-user") {
            $0.add("enrollment", ["classSourcedId": "class-1", "userSourcedId": "pupil-97", "role": "student"])
        },
        Defect("role-unknown", "enrollment", "class-1|pupil-3", "role", "vikarie"),
        Defect("a guardian without an address", "guardian-without-email") { $0.change("user", "guardian-1", "email", to: nil) },
        Defect("a guardian who isn't there", "relationship-without-user") { $0.remove("user", "guardian-1") },
        Defect("somebody's own guardian", "related-to-oneself") {
            $0.add(
                "relationship",
                ["userSourcedId": "pupil-3", "relationshipUserSourcedId": "pupil-3", "relationshipRole": "guardian"])
        },
        Defect("relationship-unknown", "relationship", "pupil-1|guardian-1", "relationshipRole", "vårdnadshavare"),
        Defect("a column that isn't there", "takes no") { $0.change("user", "pupil-3", "skola", to: "Södra") },
        Defect("a password in the mapping", "takes no") { $0.change("user", "pupil-3", "password", to: "hemligt") },
    ]

    @Test("one of", arguments: Self.defects)
    func one(_ defect: Defect) async throws {
        try await SDSHarness.with { harness in
            var harness = harness
            // The whole school may wait: what is shipped must be right even then.
            harness.more = ["most_left_out_percent": 100]
            var school = SDSSchool(pupils: 30)
            defect.plant(&school)
            let connector = try harness.make()
            let rejected = try await connector.give(school.batch("1-a"))
            #expect(try harness.findings().filter { $0.check != .coreWithoutRows } == [], "nothing of it is shipped")
            var told = rejected.values.map(\.message).joined(separator: "\n")
            if let latest = try harness.latest() { told += try String(contentsOfFile: latest + "/set.json", encoding: .utf8) }
            // Without any organisation there is no set, which is told too.
            do { try await connector.probe() } catch { told += "\(error)" }
            #expect(told.contains(defect.rule), "\(told)")
            for word in ["Prov", "elev.example", "pupil-3"] { #expect(!told.contains(word), "names nobody") }
        }
    }

    @Test func `there are thirty or more, of every rule`() {
        #expect(Self.defects.count >= 30)
        let rules = Set(Self.defects.map(\.rule)).subtracting(["takes no"])
        let all: Set<String> = [
            "required-value-missing", "org-type-unknown", "role-unknown", "relationship-unknown", "grade-unknown",
            "username-without-domain", "email-invalid", "phone-not-e164", "date-invalid", "end-before-start",
            "related-to-oneself",
            "control-characters", "parent-org-missing", "orgs-in-a-circle", "username-of-two", "role-without-user",
            "role-without-org",
            "user-without-role", "guardian-without-email", "class-without-org", "enrollment-without-class",
            "enrollment-without-user",
            "relationship-without-user",
        ]
        #expect(rules == all, "\(rules.symmetricDifference(all))")
    }
}

@Suite("The rules of School Data Sync are looked for one by one")
struct SDSValidatorTests {
    /// A good file, made bad: each check has something that only it finds.
    private static let faults: [(check: SDSValidator.Check, file: String, from: String, to: String)] = [
        (.notUTF8, "orgs", "Södra", "\u{FFFF}"), (.header, "users", "givenName", "givenname"),
        (.columnTwice, "roles", "grade", "role"), (.quoting, "orgs", "\"Södra skolan, \"\"Söder\"\"\"", "\"Södra skolan"),
        (.columnCount, "classes", "class-1,", "class-1,,"), (.lineBreak, "classes", "7A", "\"7\nA\""),
        (.required, "classes", "7A", ""), (.orgType, "orgs", "municipality", "kommun"),
        (.parent, "orgs", ",school-1\r", ",school-8\r"),
        (.username, "users", "l2@skola.example,", "l2,"), (.usernameTwice, "users", ",l2@skola.example,", ",l1@skola.example,"),
        (.email, "users", "v1@post.example", "v1"), (.emailCase, "users", "v1@post", "V1@post"),
        (.phone, "users", "v1@post.example,", "v1@post.example,070"),
        (.role, "roles", "student", "elev"), (.roleUser, "roles", "teacher-2", "teacher-8"),
        (.session, "roles", "SY2026", "SY1999"), (.grade, "roles", ",7,", ",77,"), (.boolean, "roles", "FALSE", "NEJ"),
        (.primary, "roles", "FALSE", "TRUE"), (.date, "roles", "2026-08-17", "17/8"),
        (.classOrg, "classes", "school-1", "school-8"),
        (.enrollmentClass, "enrollments", "class-1,teacher-1", "class-8,teacher-1"),
        (.enrollmentUser, "enrollments", "class-1,teacher-1", "class-1,teacher-8"),
        (.relationUser, "relationships", "guardian-1", "guardian-8"), (.relationRole, "relationships", ",guardian\r", ",mamma\r"),
        (.guardian, "users", "v1@post.example", ""), (.sessionValue, "academicSessions", "schoolYear,2026", "term,2026"),
        (.dateOrder, "academicSessions", "2027-06-30", "2026-06-30"), (.circle, "orgs", "municipality,", "municipality,unit-1"),
        (.userUnused, "relationships", "pupil-1,guardian-1,guardian\r\n", ""),
    ]

    @Test func `each is found by its name`() async throws {
        try await SDSHarness.with { harness in
            _ = try await harness.make().give(SDSSchool().batch("1-a"))
            let latest = try #require(try harness.latest())
            for (check, file, from, to) in Self.faults {
                let path = "\(latest)/\(file).csv"
                let good = try Data(contentsOf: URL(fileURLWithPath: path))
                let text = try #require(String(data: good, encoding: .utf8))
                #expect(text.contains(from), "\(check): \(text)")
                let bad = text.replacingOccurrences(of: from, with: to)
                try (check == .notUTF8 ? Data([0xFF, 0xFE, 0x41]) : Data(bad.utf8)).write(to: URL(fileURLWithPath: path))
                let found = try SDSValidator(folder: latest).findings.map(\.check)
                #expect(found.contains(check), "\(check): \(found)")
                try good.write(to: URL(fileURLWithPath: path))
            }
            #expect(try harness.findings() == [])
        }
    }

    @Test func `files that are missing, foreign or empty stop it`() async throws {
        try await SDSHarness.with { harness in
            _ = try await harness.make().give(SDSSchool().batch("1-a"))
            let latest = try #require(try harness.latest())
            func checks() throws -> Set<SDSValidator.Check> {
                Set(try SDSValidator(folder: latest, once: ["classes.csv"]).findings.map(\.check))
            }
            try Data("x".utf8).write(to: URL(fileURLWithPath: latest + "/Users.csv"))
            #expect(try checks() == [.foreignFile])
            try FileManager.default.removeItem(atPath: latest + "/Users.csv")
            try FileManager.default.removeItem(atPath: latest + "/classes.csv")
            #expect(try checks().isSuperset(of: [.fileMissing, .classesAlone, .enrollmentClass]))
            try Data().write(to: URL(fileURLWithPath: latest + "/orgs.csv"))
            #expect(try checks().isSuperset(of: [.fileEmpty, .roleOrg]))
            let header = "userSourcedId,orgSourcedId,role,sessionSourcedId,grade,isPrimary,roleStartDate,roleEndDate\r\n"
            try Data(header.utf8).write(to: URL(fileURLWithPath: latest + "/roles.csv"))
            #expect(try checks().contains(.coreWithoutRows))
            let twice = try String(contentsOfFile: latest + "/enrollments.csv", encoding: .utf8)
            try Data((twice + "class-1,pupil-1,student\r\n").utf8).write(to: URL(fileURLWithPath: latest + "/enrollments.csv"))
            #expect(try checks().contains(.idTwice))
        }
    }
}
