import ConnectorKit
import Foundation
import Mapping
import Messaging
import SchoolRecords
import Synchronization
import Testing

@testable import Hub

@Suite("The hub's own mark takes a person back at once")
struct ProtectTests {
    private func protect(_ world: ProtectionWorld, _ person: Int) async throws -> Protector.Outcome {
        let outcome = try await world.protector.protect(
            ProtectionWorld.id(person), level: .protectedRegistration, by: "prov", reason: "prov")
        world.marked[person] = .protectedRegistration
        world.noteChange()
        return outcome
    }

    private func shows(_ world: ProtectionWorld, _ person: Int) -> [String] {
        ProtectionWorld.systems.filter { system in
            (world.holdings[system] ?? [:]).values.contains { row in
                "\(row.key) \(row.fields)".contains(ProtectionWorld.id(person))
                    || "\(row.fields)".contains("Namn\(person)q")
            }
        }
    }

    @Test func `what was given is told, and taken back everywhere`() async throws {
        try await ProtectionSequenceTests.withWorld { world in
            try await world.pump()
            let outcome = try await self.protect(world, 0)
            #expect(outcome.wasOpen && outcome.person == world.opaque(0))
            #expect(outcome.departed.map(\.system) == ProtectionWorld.systems)
            #expect(outcome.departed.allSatisfy { $0.rows["person"] == 1 && $0.rows["school"] == 1 && $0.rows["guardian"] == 1 })
            let recalls = try await world.store.recalls()
            #expect(recalls.map(\.person) == [world.opaque(0)])
            try await world.pump()
            #expect(self.shows(world, 0).isEmpty)
            #expect(try await world.store.auditEntries(AuditFilter()).last?.action == "protect")
        }
    }

    @Test func `a message that lies in a queue is carried out no more`() async throws {
        try await ProtectionSequenceTests.withWorld { world in
            // The first load is published and nothing of it delivered.
            try await world.relay(500)
            _ = try await self.protect(world, 1)
            for system in ProtectionWorld.systems { try await world.deliver(system, cleared: false, 500) }
            #expect(self.shows(world, 1).isEmpty)
            try await world.pump()
            #expect(self.shows(world, 1).isEmpty)
            #expect(self.shows(world, 2) == ProtectionWorld.systems, "others are given as before")
        }
    }

    @Test func `a batch that waits for a system that is down is written without the person`() async throws {
        try await ProtectionSequenceTests.withWorld { world in
            world.isDown = ["alfa"]
            try await world.relay(500)
            try await world.deliver("alfa", cleared: false, 500)
            _ = try await self.protect(world, 1)
            world.isDown = []
            try await world.pump()
            #expect(self.shows(world, 1).isEmpty)
            #expect(self.shows(world, 0) == ProtectionWorld.systems)
            let members = (world.holdings["alfa"] ?? [:]).values.filter { $0.kind == "member" }
            #expect(members.count == 3, "the others in the class are members all the same")
        }
    }

    @Test func `a reading under way when the mark comes lets nothing through`() async throws {
        try await ProtectionSequenceTests.withWorld { world in
            try await world.pump()
            world.change(2)
            world.put()
            let protector = world.protector
            world.source.hook.withLock { hook in
                hook = {
                    _ = try await protector.protect(ProtectionWorld.id(2), level: .hub, by: "prov", reason: "prov")
                }
            }
            _ = try await world.intake(.full)
            world.marked[2] = .hub
            world.noteChange()
            let key = RecordKey(.person, ProtectionWorld.id(2))
            #expect(try await world.store.records([key])[key]?.operation == .deleted)
            let group = RecordKey(.group, Documents.id(593))
            let body = try #require(try await world.store.records([group])[group]?.body)
            #expect(!String(decoding: body, as: UTF8.self).contains(ProtectionWorld.id(2)))
            try await world.wait(seconds: 61)
            #expect(self.shows(world, 2).isEmpty)
        }
    }

    @Test func `the mark stands whatever the source says, until it is taken away`() async throws {
        try await ProtectionSequenceTests.withWorld { world in
            try await world.pump()
            _ = try await self.protect(world, 0)
            for mode in [Intake.Mode.changes, .full, .full] {
                world.change(0)
                world.put()
                let report = try await world.intake(mode)
                #expect(report.held.isEmpty)
                try await world.pump()
                #expect(self.shows(world, 0).isEmpty)
            }
            let outcome = try await world.protector.unprotect(ProtectionWorld.id(0), by: "prov", reason: "prov")
            world.marked[0] = nil
            world.noteChange()
            #expect(!outcome.isProtected && outcome.note == nil)
            try await world.pump()
            #expect(self.shows(world, 0) == ProtectionWorld.systems)
            let members = (world.holdings["alfa"] ?? [:]).values.filter { $0.kind == "member" }
            #expect(members.count == 4)
        }
    }

    @Test func `whom the source protects as well stays protected`() async throws {
        try await ProtectionSequenceTests.withWorld { world in
            world.said[5] = "Sekretessmarkering"
            world.put()
            _ = try await world.intake(.full)
            _ = try await self.protect(world, 5)
            let outcome = try await world.protector.unprotect(ProtectionWorld.id(5), by: "prov", reason: "prov")
            #expect(outcome.isProtected && outcome.note == .protectedBySource)
            let again = try await world.protector.unprotect(ProtectionWorld.id(5), by: "prov", reason: "prov")
            #expect(again.note == .notMarked)
        }
    }

    @Test func `somebody whom no source has given yet is protected on arrival`() async throws {
        try await ProtectionSequenceTests.withWorld { world in
            let outcome = try await world.protector.protect(Documents.id(599), level: .hub, by: "prov", reason: "prov")
            #expect(outcome.note == .unknownPerson && outcome.departed.isEmpty)
            world.source.put(.person, Documents.person(599, name: "Hemlig", unit: 592))
            let report = try await world.intake(.full)
            #expect(report.parts["person"]?.withheld == 1)
            #expect(try await world.store.records([RecordKey(.person, Documents.id(599))]).isEmpty)
        }
    }

    @Test func `failed messages that would tell are emptied`() async throws {
        try await ProtectionSequenceTests.withWorld { world in
            let key = RecordKey(.person, ProtectionWorld.id(0))
            let group = RecordKey(.group, Documents.id(593))
            for key in [key, group] {
                let body = try #require(try await world.store.records([key])[key]?.body)
                try await world.store.record(
                    [
                        NewFailure(
                            stage: .delivery, system: "alfa", key: key, sequence: 1, kind: "rejected", code: "http-status",
                            field: nil, place: nil, message: "refused", body: body)
                    ], time: world.clock.timestamp)
            }
            _ = try await self.protect(world, 0)
            for failed in try await world.store.list(FailureFilter()) {
                #expect(try await world.store.message(failed.id)?.failure.body == nil)
            }
        }
    }
}
