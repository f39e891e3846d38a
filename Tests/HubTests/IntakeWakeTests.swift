import Foundation
@testable import Hub
import Messaging
import SchoolRecords
import Synchronization
import Testing

@Suite("A source that tells of a change is read at once")
struct IntakeWakeTests {
    @Test func `a ring makes the service read, many rings once more at most`() async throws {
        try await TestHub.with { hub in
            let source = ScriptedSource()
            Documents.fill(source)
            let wake = Wake()
            // Pauses that never end by themselves.
            let clock = HubClock.withoutPauseEnds
            let intake = Intake(
                source: source, store: hub.store, key: hub.key, mappings: hub.mappings, clock: clock, logger: hub.logger)
            let service = IntakeService(
                intake: intake, lock: NoLock(), changesEvery: .seconds(3600), fullEvery: 86_400, wake: wake)
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await service.run() }
                defer { group.cancelAll() }
                func until(_ condition: () async throws -> Bool) async throws {
                    for await _ in hub.store.changes(every: .milliseconds(10)) where try await condition() { return }
                }
                try await until { try await hub.store.mark(source: "edlevo", entity: "full") != nil }
                source.put(
                    .person, Documents.person(10, name: "Ny", unit: 2, guardians: [20], modified: "2026-08-02T00:00:00Z"))
                let before = source.state.withLock { $0.scopes[.placement]?.count ?? 0 }
                for _ in 0..<20 { wake.ring() }
                let key = RecordKey(.person, Documents.id(10))
                try await until {
                    try await hub.store.records([key])[key].map { String(decoding: $0.body, as: UTF8.self) }?.contains("Ny")
                        == true
                }
                try await until { source.state.withLock { $0.scopes[.placement]?.count ?? 0 } > before }
                #expect(source.state.withLock { $0.scopes[.placement]?.count ?? 0 } <= before + 2)
            }
        }
    }

    @Test func `a notice has what it names read at once, persons before it, and deletions when it tells of them`() async throws {
        try await TestHub.with { hub in
            let source = ScriptedSource()
            Documents.fill(source)
            let intake = hub.intake(source)
            _ = try await intake.run(.full)
            func reading(_ scope: NoticeScope) async throws -> Set<Entity> {
                source.state.withLock { $0.scopes = [:] }
                _ = try await intake.run(.changes, about: scope)
                return Set(source.state.withLock { $0.scopes.keys })
            }
            func isThere(_ entity: Entity, _ number: Int) async throws -> Bool {
                let key = RecordKey(entity, Documents.id(number))
                return try await hub.store.records([key])[key]?.operation == .upserted
            }
            #expect(try await reading(.everything) == Set(Entity.roster))
            // A pupil and a class change, another class is deleted; the notice names the class alone.
            source.put(.group, Documents.group(31, school: 1, members: [10], modified: "2026-08-02T00:00:00Z"))
            source.put(.organisation, Documents.school(3))
            source.put(.person, Documents.person(13, unit: 2, modified: "2026-08-02T00:00:00Z"))
            source.remove(.group, Documents.id(30))
            source.state.withLock { $0.deleted = [RecordKey(.group, Documents.id(30))] }
            #expect(try await reading(NoticeScope(entities: [.group], deletions: false)) == [.person, .group])
            #expect(try await isThere(.group, 31))
            #expect(try await isThere(.person, 13), "whoever is protected now is known before anything else is taken")
            #expect(try await isThere(.group, 30))
            #expect(try await !isThere(.organisation, 3))
            // Told of deletions, it finds of which kind they are.
            #expect(try await reading(NoticeScope(entities: [.duty], deletions: true)) == [.person, .group, .duty])
            #expect(try await !isThere(.group, 30))
            // The next reading by schedule finds what no notice named.
            #expect(try await reading(.everything) == Set(Entity.roster))
            #expect(try await isThere(.organisation, 3))
            // A full reading is about everything, whatever was asked.
            source.state.withLock { $0.scopes = [:] }
            _ = try await intake.run(.full, about: NoticeScope(entities: [.group], deletions: false))
            #expect(Set(source.state.withLock { $0.scopes.keys }) == Set(Entity.roster))
        }
    }

    @Test func `a deletion that no notice told of is found by the next reading by schedule`() async throws {
        try await TestHub.with { hub in
            let source = ScriptedSource()
            Documents.fill(source)
            let intake = hub.intake(source)
            _ = try await intake.run(.full)
            let gone = RecordKey(.group, Documents.id(30))
            source.remove(.group, gone.id)
            source.state.withLock { $0.deleted = [gone] }
            for _ in 0..<3 { _ = try await intake.run(.changes, about: NoticeScope(entities: [.group], deletions: false)) }
            #expect(try await hub.store.records([gone])[gone]?.operation == .upserted)
            // The source forgets what was deleted before the last time that it was asked.
            let asked = source.state.withLock { $0.asked }
            _ = try await intake.run(.changes)
            #expect(try await hub.store.records([gone])[gone]?.operation == .deleted)
            #expect(source.state.withLock { $0.asked } == asked + 1, "not asked by readings for notices that tell of none")
        }
    }

    @Test func `pauses are spread by a tenth, and days by at most a tenth less`() {
        var random = SystemRandomNumberGenerator()
        let pauses = (0..<200).map { _ in Jitter.spread(.seconds(100), using: &random) }
        #expect(pauses.allSatisfy { (.seconds(90) ... .seconds(110)).contains($0) })
        #expect(Set(pauses).count > 100)
        let factors = ["edlevo", "skola24", "tempus", "vega"].map(Jitter.factor)
        #expect(factors.allSatisfy { (0.9...1).contains($0) } && Set(factors).count == 4)
    }
}
