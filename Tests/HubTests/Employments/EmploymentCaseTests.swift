import Foundation
import Hub
import SchoolRecords
import StandIns
import Testing

@Suite("What an employer says becomes duties, roles and messages to Edlevo")
struct EmploymentCaseTests {
    @Test(arguments: EmploymentCase.all)
    func `a case has the messages, duties and roles that it is to have`(_ given: EmploymentCase) async throws {
        try await EmploymentWorld.with { world in
            for rows in given.files { try await world.tell(rows) }
            await #expect(world.messages == given.messages)
            try await #expect(world.duties() == given.duties.sorted())
            try await #expect(world.roles() == given.roles)
            try await #expect(world.failures.map(\.code) == given.failures)
            let inbox = await world.edlevo.inbox
            let mass = try await world.hub.store.heldChanges(HeldFilter(.source, "hr", nil, [.held]))
            #expect(inbox.log.isEmpty && inbox.stopped == 0 && mass.isEmpty)
            // The same file again changes nothing.
            if let last = given.files.last { try await world.tell(last) }
            await #expect(world.messages == given.messages)
            for failure in try await world.failures { #expect(!failure.message.contains(EmploymentWorld.number.prefix(8))) }
        }
    }

    @Test func `the page of the documentation has each case`() throws {
        var root = URL(fileURLWithPath: #filePath)
        for _ in 0..<4 { root.deleteLastPathComponent() }
        let page = try String(contentsOf: root.appendingPathComponent("docs/systems/hr.md"), encoding: .utf8)
        for given in EmploymentCase.all { #expect(page.contains("| \(given.name) |"), "\(given.name)") }
        #expect(EmploymentCase.all.count >= 20)
    }

    @Test func `the last employment doesn't end before the next is told of, so that a mentor stays one`() async throws {
        try await EmploymentWorld.with { world in
            try await world.tell([EmploymentCase.row("A1", "A")])
            // The school makes a mentor of the new colleague.
            let duties = await world.edlevo.inbox.duties
            let key = RecordKey(.duty, try #require(duties.values.first))
            var duty = try #require(await world.edlevo.register.document(key))
            duty["assignmentRole"] = [
                ["group": ["id": "class-1"], "assignmentRoleType": "Mentor", "startDate": "2026-08-17", "endDate": "2027-06-30"]
            ]
            try await world.edlevo.register.upsert(.duty, duty)
            try await world.tell([
                EmploymentCase.row("A1", "A", to: "2026-08-31"), EmploymentCase.row("A2", "A", from: "2026-09-01"),
            ])
            #expect(await world.edlevo.inbox.rolesEnded.isEmpty)
            let kept = await world.edlevo.register.document(key)?["assignmentRole"]?.arrayValue?.first
            #expect(kept?["endDate"] == "2027-06-30")
            try await world.tell([
                EmploymentCase.row("A1", "A", to: "2026-08-31"),
                EmploymentCase.row("A2", "A", from: "2026-09-01", to: "2026-12-18"),
            ])
            #expect(await world.edlevo.inbox.rolesEnded.map(\.day) == ["2026-12-18"])
        }
    }

    @Test(arguments: [PersonnelInbox.Gap.place, .title, .employmentType, .person])
    func `what isn't mapped in Edlevo stops the person there, and goes on when it is`(_ gap: PersonnelInbox.Gap) async throws {
        try await EmploymentWorld.with { world in
            switch gap {
            case .place: try await world.edlevo.setUnmapped([world.schools["A"] ?? ""])
            case .title: try await world.edlevo.setUnmapped(["2752"])
            case .employmentType: try await world.edlevo.setUnmapped(["UntilFurther"])
            case .person, .dates: await world.edlevo.setPopulation([])
            }
            try await world.tell([EmploymentCase.row("A1", "A")])
            try await world.tell([EmploymentCase.row("A1", "A") { $0.percent = "50,00" }])
            #expect(await world.edlevo.inbox.stopped == 1)
            #expect(await Set(world.edlevo.inbox.log.map(\.gap)) == [gap])
            try await #expect(world.duties().isEmpty)
            await world.edlevo.setPopulation(nil)
            try await world.edlevo.setUnmapped([])
            try await world.readRegister()
            try await #expect(world.duties() == ["A Lärare 50 % 2025-08-01.."])
            #expect(await world.edlevo.inbox.stopped == 0)
        }
    }

    @Test func `who the employee is becomes known when Edlevo has the person`() async throws {
        try await EmploymentWorld.with { world in
            try await world.tell([EmploymentCase.row("A1", "A")])
            try await #expect(world.employee()?.person == nil)
            #expect(try await world.employee()?.employments?.first?.organisation != nil)
            try await world.tell([EmploymentCase.row("A1", "A")])
            try await #expect(world.employee()?.person != nil)
        }
    }

    @Test func `of a protected employee whom Edlevo knows nothing is sent, and all of it lies in the vault`() async throws {
        try await EmploymentWorld.with { world in
            let persons = try await world.edlevo.register.truth(.person)
            let duties = try await world.edlevo.register.truth(.duty)
            let staff = Set(duties.values.compactMap { $0["person"]?["id"]?.stringValue })
            let hidden = try #require(
                persons.first { staff.contains($0.key) && SecurityMarking(json: $0.value["securityMarking"]).isProtected })
            var row = EmploymentCase.row("A1", "A")
            row.identityNumber = try #require(hidden.value["civicNo"]?["value"]?.stringValue)
            try await world.tell([row, EmploymentCase.row("A2", "A")])
            await #expect(world.messages == ["A2[A 2025-08-01..]"])
            #expect(try await world.hub.store.liveRecords(of: .employee, after: nil, limit: 10).count == 1)
            let held = try await world.hub.store.vaultRecords().filter { $0.opaqueKey.entity == .employee }
            #expect(held.count == 1)
        }
    }

    @Test func `an employee who becomes protected keeps the duty in Edlevo`() async throws {
        try await EmploymentWorld.with { world in
            try await world.tell([EmploymentCase.row("A1", "A")])
            try await world.tell([EmploymentCase.row("A1", "A")])
            let count = await world.messages.count
            var person = try #require(
                try await world.edlevo.register.truth(.person).values.first {
                    $0["civicNo"]?["value"]?.stringValue == EmploymentWorld.number
                })
            person["securityMarking"] = "Sekretessmarkering"
            try await world.edlevo.register.upsert(.person, person)
            try await world.readRegister()
            try await world.deliver()
            try await world.tell([EmploymentCase.row("A1", "A", to: "2026-06-12")])
            await #expect(world.messages.count == count)
            #expect(try await world.hub.store.liveRecords(of: .employee, after: nil, limit: 10).isEmpty)
        }
    }

    @Test func `a whole school's file goes through once, and nothing of it twice`() async throws {
        try await EmploymentWorld.with { world in
            let rows = try await {
                try await world.hr.employ(staffOf: world.edlevo.register)
                return await world.hr.rows
            }()
            // The stand-in's places are its own: everybody works at A here.
            try await world.tell(
                rows.map { row in
                    var row = row
                    row.unit = "UA"
                    return row
                })
            let marked = Set(rows.filter { !$0.mark.isEmpty }.map(\.identityNumber))
            let persons = Set(rows.map(\.identityNumber)).subtracting(marked)
            let sent = await world.messages.count
            #expect(sent + (try await world.failures.count) == persons.count)
            #expect(sent > 3)
            try await world.tell(world.hr.rows)
            await #expect(world.messages.count == sent)
        }
    }
}
