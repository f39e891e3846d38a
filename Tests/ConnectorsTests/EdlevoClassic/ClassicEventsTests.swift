import ConnectorKit
import ConnectorTesting
import Foundation
import Mapping
import SchoolRecords
import StandIns
import Testing

@testable import Connectors

@Suite("Merges, absence and lessons are read from Edlevo's classic services")
struct ClassicEventsTests {
    private actor Collector {
        private(set) var records: [SourceRecord] = []
        func take(_ page: SourcePage) { self.records += page.records }
    }

    private static func with(
        _ body: (EdlevoClassicHarness, EdlevoClassicConnector) async throws -> Void
    ) async throws {
        try await EdlevoClassicHarness.with { harness in
            var settings = try await harness.settings()
            for (name, value) in ["merges": true, "attendance_days": 7, "calendar_days": 7] as [String: JSONValue] {
                settings[name] = value
            }
            let connector = try EdlevoClassicConnector.make(
                system: "edlevo", settings: settings, clock: harness.clock.clock, policy: RetryPolicy(),
                logger: ServerUnderTest.silent)
            #expect(connector.entities == connector.entities.sorted())
            try await body(harness, connector)
            let held = await harness.standIn.held
            try VendorSchema.expectValid(held.answered.map(\.body))
            await connector.shutdown()
        }
    }

    /// What the example's mapping makes of what is read.
    private static func read(_ entity: Entity, _ connector: EdlevoClassicConnector) async throws -> [JSONValue] {
        var root = URL(fileURLWithPath: #filePath)
        for _ in 0..<4 { root.deleteLastPathComponent() }
        let set = try #require(MappingSet.load(directory: root.appendingPathComponent("docs/systems/examples").path).set)
        let mapping = try #require(set.inbound(system: "edlevo-classic", entity: entity))
        let collector = Collector()
        try await connector.read(entity, scope: .full) { await collector.take($0) }
        return try await collector.records.compactMap {
            try mapping.apply($0.document, today: CalendarDate(year: 2026, month: 11, day: 23)).map {
                try SchoolRecord.validate(entity, $0)
            }
        }
    }

    @Test func `two persons that were made one are told by their ids`() async throws {
        try await Self.with { harness, connector in
            let persons = try await harness.standIn.register.truth(.person).keys.sorted()
            #expect(try await Self.read(.identityChange, connector).isEmpty)
            await harness.standIn.merge(persons[1], into: persons[0])
            harness.clock.advance(by: .seconds(900))
            let changes = try await Self.read(.identityChange, connector)
            #expect(changes.count == 1)
            #expect(changes.first?["changeType"] == "personsMerged")
            #expect(changes.first?["person"]?["id"] == .string(persons[0]))
            #expect(changes.first?["formerPerson"]?["id"] == .string(persons[1]))
            harness.clock.advance(by: .seconds(40 * 86_400))
            #expect(try await Self.read(.identityChange, connector).isEmpty)
        }
    }

    @Test func `absence that was reported is read, and lessons by the same ids`() async throws {
        try await Self.with { harness, connector in
            let groups = try await harness.standIn.register.truth(.group)
            let group = try #require(groups.values.first { $0["groupType"] == "Klass" && $0["schoolType"] == "GR" })
            let pupil = try #require(group["groupMemberships"]?.arrayValue?.first?["person"]?["id"]?.stringValue)
            let guardian = try #require(try await harness.standIn.register.truth(.person).keys.first { $0 != pupil })
            let settings = try await harness.settings()
            let target = try EdlevoClassicTarget.make(
                system: "edlevo", settings: settings, clock: harness.clock.clock, policy: RetryPolicy(),
                logger: ServerUnderTest.silent)
            let row = TargetRow(
                kind: "absence", key: "a",
                fields: [
                    "student": pupil, "guardian": guardian, "schooltype": "GR", "start": "2026-11-23T08:00:00Z",
                    "stop": "2026-11-23T09:00:00Z",
                ])
            let write = TargetWrite(record: RecordKey(.absence, "a"), sequence: 1, set: [row], removed: [])
            try await #expect(target.write(TargetBatch(id: "000001-a", writes: [write])).isEmpty)
            await target.shutdown()
            let attendances = try await Self.read(.attendance, connector)
            #expect(attendances.map { $0["student"]?["id"] } == [.string(pupil)])
            #expect(attendances.first?["validAbsenceMinutes"] == 60)
            let lessons = try await Self.read(.calendarEvent, connector)
            #expect(lessons.count >= 5)
            // Nine in Sweden in November.
            #expect(lessons.allSatisfy { $0["startTime"]?.stringValue?.contains("T08:00:00") ?? false })
        }
    }

    @Test func `an alias is found, and its lack is no failure`() async throws {
        try await Self.with { harness, connector in
            let persons = try await harness.standIn.register.truth(.person).keys.sorted()
            #expect(try await connector.alias(of: RecordKey(.person, persons[0])) == nil)
            await harness.standIn.setAlias(persons[1], of: persons[0])
            #expect(try await connector.alias(of: RecordKey(.person, persons[0]))?.key.id == persons[1])
        }
    }

    @Test func `documents that say utf-16 and are utf-8 are read as they are`() async throws {
        try await EdlevoClassicHarness.with { harness in
            try await harness.standIn.setFaults(EdlevoClassicFaults { $0.saysUTF16 = true })
            let connector = try await harness.connector()
            let collector = Collector()
            try await connector.read(.person, scope: .full) { await collector.take($0) }
            #expect(await collector.records.count == (try await harness.held(.person).count))
            await connector.shutdown()
        }
    }

    @Test func `every answer of the stand-in keeps to its schema, changes too`() async throws {
        try await EdlevoClassicHarness.with { harness in
            let connector = try await harness.connector()
            try await connector.read(.person, scope: .full) { _ in }
            for _ in 0..<3 {
                harness.clock.advance(by: .seconds(900))
                _ = try await harness.standIn.register.enrolNewPupil()
                _ = try await harness.standIn.register.changeClass()
                _ = try await harness.standIn.register.pupilLeaves()
                _ = try await harness.standIn.register.removePupil()
                harness.clock.advance(by: .seconds(900))
                try await connector.read(.person, scope: .modifiedAfter(EdlevoClassicHarness.now)) { _ in }
            }
            try await connector.probe()
            let held = await harness.standIn.held
            #expect(held.answered.contains { $0.service.hasSuffix("Delta") && $0.body.count > 2000 })
            try VendorSchema.expectValid(held.answered.map(\.body))
            await connector.shutdown()
        }
    }

    @Test(
        arguments: [
            ("true", "1", "Sekretessmarkering"), ("true", "2", "Skyddad folkbokföring"), ("true", "3", "Skyddad folkbokföring"),
            ("true", nil, "Sekretessmarkering"), ("false", nil, "Ingen"), ("false", "2", "Skyddad folkbokföring"),
            ("kanske", nil, "Sekretessmarkering"), ("true", "9", "Sekretessmarkering"), ("1", "1", "Sekretessmarkering"),
        ] as [(String, String?, String)])
    func `a privacy mark protects, also one that can't be read`(_ text: String, _ level: String?, _ marking: String) {
        var privacy: JSONValue = ["value": .string(text)]
        privacy["level"] = level.map(JSONValue.string)
        #expect(ClassicRecords.marking([level == nil ? .string(text) : privacy]) == .string(marking))
        // Of several school types the strongest counts.
        #expect(ClassicRecords.marking([nil, .string("false"), privacy]) == .string(marking))
    }
}
