import ConnectorKit
import Foundation
import Hub
import Messaging
import SchoolRecords
import Testing

@Suite("Protected persons go no further than the vault")
struct ProtectedPersonTests {
    private func everything(_ hub: TestHub) async throws -> String {
        var text = ""
        for entity in Entity.roster {
            for record in try await hub.store.liveRecords(of: entity, after: nil, limit: 1000) {
                text += String(decoding: record.body, as: UTF8.self) + record.key.id + "\n"
            }
        }
        for entry in try await hub.store.next(limit: 1000) {
            text += entry.routingKey + entry.change.key.id + String(decoding: entry.change.body, as: UTF8.self) + "\n"
        }
        for failure in try await hub.store.list(FailureFilter()) {
            text += "\(failure)" + String(decoding: failure.failure.body ?? Data(), as: UTF8.self) + "\n"
        }
        return text
    }

    @Test(arguments: ["Sekretessmarkering", "Skyddad folkbokföring", "något nytt"])
    func `nothing but an opaque id is known outside`(marking: String) async throws {
        try await TestHub.with { hub in
            let source = ScriptedSource()
            Documents.fill(source)
            source.put(.person, Documents.person(11, name: "Hemlig", unit: 2, marking: marking, guardians: [20]))
            let report = try await hub.intake(source).run(.full)
            #expect(report.parts["person"]?.withheld == 1)
            let text = try await self.everything(hub)
            #expect(!text.contains("Hemlig"))
            #expect(!text.contains("Testsson11"))
            #expect(!text.contains(Documents.id(11)))
            #expect(
                text.contains(hub.key.opaqueKey(for: RecordKey(.person, Documents.id(11))).id), "the class knows the opaque id")
        }
    }

    @Test
    func `whose record can't be used any more stays in the vault, and failures name neither the person nor what is about them`()
        async throws
    {
        try await TestHub.with { hub in
            let source = ScriptedSource()
            Documents.fill(source)
            let person = Documents.person(21, name: "Hemlig", marking: "Sekretessmarkering")
            let duty = Documents.duty(50, person: 21, school: 1, title: "2752 Grundskollärare")
            source.put(.person, person)
            source.put(.duty, duty)
            _ = try await hub.intake(source).run(.full)
            let before = Set(try await hub.store.vaultRecords().map(\.key))
            #expect(before == [RecordKey(.person, Documents.id(21)), RecordKey(.duty, Documents.id(50))])
            // Without its mark, too: nothing but the vault says then that there is something to hide.
            var (wrong, wrongDuty) = (person, duty)
            wrong["securityMarking"] = nil
            wrong["birthDate"] = "Hemlig"
            wrongDuty["dutyPercent"] = "Hemlig"
            source.put(.person, wrong)
            source.put(.duty, wrongDuty)
            let report = try await hub.intake(source).run(.full)
            #expect(report.parts["person"]?.failed == 1 && report.parts["duty"]?.failed == 1)
            let text = try await self.everything(hub)
            for real in [Documents.id(21), Documents.id(50), "Hemlig"] { #expect(!text.contains(real), "\(real)") }
            #expect(Set(try await hub.store.vaultRecords().map(\.key)) == before)
            source.put(.person, person)
            source.put(.duty, duty)
            _ = try await hub.intake(source).run(.full)
            #expect(try await hub.store.list(FailureFilter()).isEmpty, "what is right again closes its failure")
        }
    }

    @Test func `a guardian read after the child is masked in the child all the same`() async throws {
        try await TestHub.with { hub in
            let source = ScriptedSource()
            Documents.fill(source)
            source.put(.person, Documents.person(20, name: "Hemlig", marking: "Sekretessmarkering"))
            _ = try await hub.intake(source).run(.full)
            #expect(try await !self.everything(hub).contains(Documents.id(20)))
        }
    }

    @Test func `who becomes protected disappears everywhere and comes back when no longer`() async throws {
        try await TestHub.with { hub in
            let source = ScriptedSource()
            Documents.fill(source)
            source.put(.duty, Documents.duty(50, person: 21, school: 1, title: "2752 Grundskollärare"))
            _ = try await hub.intake(source).run(.full)
            source.put(
                .person,
                Documents.person(11, name: "Hemlig", unit: 2, marking: "Sekretessmarkering", modified: "2026-08-02T00:00:00Z"))
            source.put(
                .person, Documents.person(21, name: "Hemlig", marking: "Sekretessmarkering", modified: "2026-08-02T00:00:00Z"))
            _ = try await hub.intake(source).run(.changes)
            let live = try await self.liveText(hub)
            #expect(!live.contains(Documents.id(11)))
            #expect(!live.contains(Documents.id(21)), "nor in the duty, which has gone to the vault")
            #expect(try await hub.store.withheldCounts() == [.person: 2, .duty: 1])

            source.put(.person, Documents.person(11, unit: 2, modified: "2026-08-03T00:00:00Z"))
            _ = try await hub.intake(source).run(.changes)
            let group = try await hub.store.records([RecordKey(.group, Documents.id(30))]).values.first
            #expect(group.map { String(decoding: $0.body, as: UTF8.self).contains(Documents.id(11)) } == true)
            #expect(try await hub.store.withheldCounts()[.person] == 1)
        }
    }

    @Test func `who becomes protected disappears from other sources' records at once`() async throws {
        try await TestHub.with { hub in
            let edlevo = ScriptedSource()
            Documents.fill(edlevo)
            _ = try await hub.intake(edlevo).run(.full)
            let skola24 = ScriptedSource(system: "skola24", entities: [.absence])
            let absence: JSONValue = [
                "id": .string(Documents.id(90)), "student": ["id": .string(Documents.id(11))], "type": "Anmäld frånvaro",
                "startTime": "2026-08-24T07:00:00Z", "endTime": "2026-08-24T14:00:00Z",
                "meta": ["created": "2026-08-01T00:00:00Z", "modified": "2026-08-01T00:00:00Z"],
            ]
            skola24.put(.absence, absence)
            _ = try await hub.intake(skola24).run(.full)
            let key = RecordKey(.absence, Documents.id(90))
            #expect(try await hub.store.records([key])[key]?.operation == .upserted)
            // What a flow made of it.
            let derived = RecordKey(.absence, Documents.id(91))
            var copy = absence
            copy["id"] = .string(derived.id)
            copy["meta"] = nil
            _ = try await hub.store.take(
                [RecordState(key: derived, owner: Documents.id(11), body: copy.canonicalData)], withheld: [], failures: [],
                source: "absence-once", time: "2026-08-24T07:00:01.000Z")

            edlevo.put(
                .person,
                Documents.person(11, name: "Hemlig", unit: 2, marking: "Sekretessmarkering", modified: "2026-08-02T00:00:00Z"))
            _ = try await hub.intake(edlevo).run(.changes)
            for gone in [key, derived] { #expect(try await hub.store.records([gone])[gone]?.operation == .deleted) }
            #expect(try await hub.store.withheldCounts() == [.person: 1, .absence: 1])
            let live = try await self.liveText(hub)
            #expect(!live.contains(Documents.id(11)))

            // Read again it stays in the vault; released it comes back at once, whenever its source is read.
            _ = try await hub.intake(skola24).run(.full)
            #expect(try await hub.store.records([key])[key]?.operation == .deleted)
            edlevo.put(.person, Documents.person(11, unit: 2, modified: "2026-08-03T00:00:00Z"))
            _ = try await hub.intake(edlevo).run(.changes)
            #expect(try await hub.store.records([key])[key]?.operation == .upserted)
            #expect(try await hub.store.withheldCounts() == [:])
            _ = try await hub.intake(skola24).run(.full)
            #expect(try await hub.store.records([key])[key]?.operation == .upserted)
        }
    }

    private func liveText(_ hub: TestHub) async throws -> String {
        var text = ""
        for entity in Entity.allCases {
            for record in try await hub.store.liveRecords(of: entity, after: nil, limit: 1000) {
                text += record.key.id + String(decoding: record.body, as: UTF8.self)
            }
        }
        return text
    }

    @Test func `a protected person's broken record is known by the opaque id`() async throws {
        try await TestHub.with { hub in
            let source = ScriptedSource()
            var broken = Documents.person(11, name: "Hemlig", marking: "Sekretessmarkering")
            broken["familyName"] = nil
            source.put(.person, broken)
            _ = try await hub.intake(source).run(.full)
            #expect(try await !self.everything(hub).contains(Documents.id(11)))
            #expect(try await hub.store.list(FailureFilter()).count == 1)
        }
    }
}
