import ConnectorKit
import Foundation
@testable import Hub
import SchoolRecords
import Testing

@Suite("How many rows a system has is known for a moment")
struct LivingRowsTests {
    @Test func `a count lasts ten seconds, unless it is forgotten or counted again`() async throws {
        try await TestHub.with { hub in
            let (living, now) = (LivingRows(), Date(timeIntervalSince1970: 1_800_000_000))
            func count(after seconds: TimeInterval) async throws -> Int {
                try await living.rows(in: "unikum", hub.store, now: now.addingTimeInterval(seconds)).values.reduce(0, +)
            }
            try await #expect(count(after: 0) == 0)
            let (guarded, target) = (GuardedSource(), RecordingTarget(batchSize: 500))
            _ = try await hub.intake(guarded.source).run(.full)
            try await hub.run(target) { try await hub.isAtRest() }
            let rows = try await hub.store.rowCounts(in: "unikum").values.reduce(0, +)
            #expect(rows > 0)
            try await #expect(count(after: 9) == 0, "as it was a moment ago")
            let again = try await living.countAgain(in: "unikum", hub.store, now: now.addingTimeInterval(-9))
            #expect(again.values.reduce(0, +) == rows)
            try await #expect(count(after: 0) == rows)
            try await #expect(count(after: 10) == rows)
            living.forget()
            try await #expect(count(after: 1) == rows, "forgotten, so counted again")
        }
    }
}
