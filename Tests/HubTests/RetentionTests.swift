import Foundation
import SchoolRecords
import Testing

@testable import Hub

@Suite("What was kept long enough is removed")
struct RetentionTests {
    @Test func `a sweep goes on to its end in small steps with pauses, and leaves what is open`() async throws {
        try await TestHub.with { hub in
            let start = Date(timeIntervalSince1970: 1_800_000_000)
            let keys = (0..<1203).map { RecordKey(.person, "p\($0)") }
            _ = try await hub.store.take(
                keys.map { RecordState(key: $0, owner: $0.id, body: Data(#"{"id":"\#($0.id)"}"#.utf8)) }, withheld: [],
                failures: [], source: "edlevo", time: RFC3339.text(start))
            try await hub.store.record(
                keys.map { key in
                    NewFailure(
                        stage: .delivery, system: "unikum", key: key, sequence: 1, kind: "rejected", code: "row-refused",
                        field: nil, place: nil, message: "refused", body: nil)
                }, time: RFC3339.text(start))
            try await hub.store.settle(
                keys.dropLast(2).map {
                    Settlement(key: $0, sequence: 2, outcome: .applied(rows: [], references: [], missing: []))
                },
                in: "unikum", time: RFC3339.text(start))
            var pauses = 0
            func sweep(day: Double) async throws -> RetentionStep {
                let now = start.addingTimeInterval(day * 86_400)
                let clock = HubClock(now: { now }, sleep: { _ in })
                let service = RetentionService(periods: RetentionPeriods(), store: hub.store, clock: clock, logger: hub.logger)
                return try await service.sweep(by: "retention") { _ in pauses += 1 }
            }
            #expect(try await sweep(day: 0) == RetentionStep(ended: 1201))
            #expect(pauses == 3)
            #expect(try await sweep(day: 31) == RetentionStep(archived: 1201))
            #expect(pauses == 6)
            #expect(try await hub.store.counts() == [.archived: 1201, .failed: 2])
            #expect(try await sweep(day: 400) == RetentionStep(deleted: 1201))
            #expect(try await hub.store.counts() == [.failed: 2])
            #expect(try await hub.store.firstBrokenAuditEntry() == nil)
            #expect(try await sweep(day: 9000).archived == 0)
            #expect(try await hub.store.list(FailureFilter()).map { $0.failure.message } == ["refused", "refused"])
        }
    }
}
