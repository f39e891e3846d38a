import Foundation
@testable import Hub
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

    @Test func `pauses are spread by a tenth, and days by at most a tenth less`() {
        var random = SystemRandomNumberGenerator()
        let pauses = (0..<200).map { _ in Jitter.spread(.seconds(100), using: &random) }
        #expect(pauses.allSatisfy { (.seconds(90) ... .seconds(110)).contains($0) })
        #expect(Set(pauses).count > 100)
        let factors = ["edlevo", "skola24", "tempus", "vega"].map(Jitter.factor)
        #expect(factors.allSatisfy { (0.9...1).contains($0) } && Set(factors).count == 4)
    }
}
