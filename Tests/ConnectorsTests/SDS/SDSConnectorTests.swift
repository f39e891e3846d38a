import ConnectorKit
import ConnectorTesting
import Connectors
import Foundation
import SchoolRecords
import StandIns
import Testing

@Suite("Sets for School Data Sync are whole, or not there")
struct SDSConnectorTests {
    @Test("in keeping with the contract of targets", arguments: TargetConnectorRequirement.all)
    func contract(_ requirement: TargetConnectorRequirement) async throws {
        try await SDSHarness.with { harness in
            guard requirement.applies(to: harness) else { return }
            try await requirement.verify(harness)
        }
    }

    @Test func `a small school ships, and Microsoft's rules find nothing`() async throws {
        try await SDSHarness.with { harness in
            let connector = try harness.make()
            try await #expect(connector.give(SDSSchool().batch("1-a")).isEmpty)
            #expect(try harness.findings() == [])
            #expect(try harness.rows("users").count == 5 && harness.rows("relationships").count == 1)
            let roles = try harness.rows("roles")
            #expect(roles.allSatisfy { $0["sessionSourcedId"] == "SY2026" })
            #expect(roles.count { $0["isPrimary"] == "TRUE" } == 4, "one of the teacher's two")
            #expect(try Set(harness.rows("users").compactMap { $0["username"] }).contains("e1@elev.example"), "in small letters")
        }
    }

    @Test func `the format before has its six files`() async throws {
        try await SDSHarness.with { harness in
            var harness = harness
            harness.more = ["format": "v1"]
            _ = try await harness.make().give(SDSSchool().batch("1-a"))
            let latest = try #require(try harness.latest())
            let names = try FileManager.default.contentsOfDirectory(atPath: latest).sorted()
            #expect(
                names == [
                    "School.csv", "Section.csv", "Student.csv", "StudentEnrollment.csv", "Teacher.csv", "TeacherRoster.csv",
                    "set.json",
                ])
            func lines(_ name: String) throws -> [String] {
                try String(contentsOfFile: "\(latest)/\(name).csv", encoding: .utf8).split(separator: "\r\n").map(String.init)
            }
            #expect(
                try lines("Student") == [
                    "SIS ID,School SIS ID,Username", "pupil-1,unit-1,e1@elev.example", "pupil-2,unit-1,e2@elev.example",
                ])
            #expect(try lines("Teacher").count == 3 && lines("TeacherRoster") == ["Section SIS ID,SIS ID", "class-1,teacher-1"])
        }
    }

    @Test func `what is gone is in no set, and the files without rows still are`() async throws {
        try await SDSHarness.with { harness in
            let connector = try harness.make()
            let school = SDSSchool()
            _ = try await connector.give(school.batch("1-a"))
            let gone = school.rows.filter { ["class", "enrollment", "relationship"].contains($0.kind) }
            _ = try await connector.give(
                TargetBatch(id: "2-b", writes: [TargetWrite(record: RecordKey(.group, "g"), sequence: 1, set: [], removed: gone)])
            )
            let validator = try SDSValidator(
                folder: try #require(try harness.latest()),
                once: ["classes.csv", "enrollments.csv", "relationships.csv", "academicSessions.csv"])
            #expect(validator.findings == [], "and a user who was a guardian is none")
            #expect(try harness.rows("users").count == 4)
        }
    }

    @Test func `while too much of a file would wait no set is made, and the one before stays`() async throws {
        try await SDSHarness.with { harness in
            let connector = try harness.make()
            _ = try await connector.give(SDSSchool(pupils: 40).batch("1-a"))
            let before = try #require(try harness.latest())
            let org = TargetRow(kind: "org", key: "unit-1", fields: [:])
            _ = try await connector.give(
                TargetBatch(
                    id: "2-b", writes: [TargetWrite(record: RecordKey(.organisation, "u"), sequence: 1, set: [], removed: [org])])
            )
            #expect(try harness.latest() == before && harness.sets().count == 1)
            let problem = await #expect(throws: ConnectorFailure.self) { try await connector.probe() }
            #expect(problem?.code == "set-incomplete" && problem?.message.contains("role-without-org") == true)
            // Nothing is lost meanwhile.
            _ = try await connector.give(SDSSchool(pupils: 41).batch("3-c"))
            #expect(try harness.rows("users").count == 44 && harness.findings() == [])
            try await connector.probe()
        }
    }

    @Test func `old sets go, the newest stay`() async throws {
        try await SDSHarness.with { harness in
            let connector = try harness.make()
            for number in 1...6 { _ = try await connector.give(SDSSchool(pupils: 2 + number).batch("\(number)-a")) }
            #expect(try harness.sets() == ["set-4-a", "set-5-a", "set-6-a"])
        }
    }

    @Test func `a manifest says what is in a set, what was before, and what waits`() async throws {
        try await SDSHarness.with { harness in
            let connector = try harness.make()
            _ = try await connector.give(SDSSchool(pupils: 30).batch("1-a"))
            var school = SDSSchool(pupils: 31)
            school.add("enrollment", ["classSourcedId": "class-7", "userSourcedId": "pupil-1", "role": "student"])
            _ = try await connector.give(school.batch("2-b"))
            let latest = try #require(try harness.latest())
            let manifest = try JSONValue(parsing: Data(contentsOf: URL(fileURLWithPath: latest + "/set.json")))
            #expect(manifest["leftOut"]?["enrollments.csv"]?["enrollment-without-class"] == 1)
            let users = try #require(manifest["files"]?.arrayValue?.first { $0["name"] == "users.csv" })
            #expect(users["rows"] == 34 && manifest["before"]?["users.csv"] == 33)
            #expect(try harness.findings() == [])
        }
    }

    @Test func `a set broken off by a crash is made again, the same`() async throws {
        try await SDSHarness.with { harness in
            harness.files.fail("write", from: 5, errno: 5)
            await #expect(throws: ConnectorFailure.self) { try await harness.make().give(SDSSchool().batch("1-a")) }
            #expect(try harness.sets() == [] && harness.latest() == nil, "nothing that anybody would take")
            harness.files.heal()
            _ = try await harness.make().give(SDSSchool().batch("1-a"))
            #expect(try harness.sets() == ["set-1-a"] && harness.findings() == [])
            // The note of what was given couldn't be stored: the batch comes again.
            harness.files.fail("rename", from: 3, errno: 5)
            let more = SDSSchool(pupils: 3).batch("2-b")
            await #expect(throws: ConnectorFailure.self) { try await harness.make().give(more) }
            harness.files.heal()
            _ = try await harness.make().give(more)
            #expect(try harness.rows("users").count == 6 && harness.findings() == [])
        }
    }

    @Test func `a program carries the latest set, not too often, and again when it failed`() async throws {
        try await SDSHarness.with { harness in
            let script = harness.path + "/carry"
            let text =
                "#!/bin/sh\n[ -f \(harness.path)/broken ] && exit 3\necho \"$1 $KNUTPUNKT_SYSTEM $SECRET_OF_THE_HUB\" >> \(harness.path)/carried\n"
            try text.write(toFile: script, atomically: true, encoding: .utf8)
            try FileManager.default.setAttributes([.posixPermissions: 0o700], ofItemAtPath: script)
            var harness = harness
            harness.more = ["upload": ["command": [.string(script)], "every_hours": 4]]
            let connector = try harness.make()
            try await #expect(!connector.carry(), "nothing is there yet")
            _ = try await connector.give(SDSSchool().batch("1-a"))
            try Data().write(to: URL(fileURLWithPath: harness.path + "/broken"))
            let problem = await #expect(throws: ConnectorFailure.self) { try await connector.carry() }
            #expect(problem?.code == "hook-failed" && problem?.message.contains("status 3") == true)
            try FileManager.default.removeItem(atPath: harness.path + "/broken")
            try await #expect(connector.carry())
            _ = try await connector.give(SDSSchool(pupils: 3).batch("2-b"))
            try await #expect(!connector.carry(), "too soon")
            harness.clock.advance(by: .seconds(4 * 3600))
            try await #expect(harness.make().carry(), "also by a hub that was started anew")
            try await #expect(!connector.carry(), "nothing new")
            let carried = try String(contentsOfFile: harness.path + "/carried", encoding: .utf8)
            #expect(carried == "\(harness.path)/drop/set-1-a teams \n\(harness.path)/drop/set-2-b teams \n")
        }
    }

    @Test func `a program that hangs is ended`() async throws {
        try await SDSHarness.with { harness in
            var harness = harness
            harness.more = ["upload": ["command": ["/bin/sh", "-c", "exec sleep 3600"], "timeout_seconds": 1]]
            _ = try await harness.make().give(SDSSchool().batch("1-a"))
            let problem = await #expect(throws: ConnectorFailure.self) { try await harness.make().carry() }
            #expect(problem?.message.contains("took longer") == true, "\(String(describing: problem))")
        }
    }
}
