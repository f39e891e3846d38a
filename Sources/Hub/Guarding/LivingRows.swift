import Foundation
import Synchronization

/// How many rows a system has, by their kind, not counted anew for every batch: counting goes through all of them.
///
/// A count is at most ``lifetime`` old, and forgotten when something is to be deleted: deletions are measured by what there is. Whoever
/// finds a limit passed counts again before anything is held.
final class LivingRows: Sendable {
    /// Seconds.
    private static let lifetime: TimeInterval = 10

    private struct Count {
        let rows: [String: Int]
        let time: Date
    }

    private let count = Mutex<Count?>(nil)

    /// The rows as they were counted just now, or a moment ago.
    func rows(in system: String, _ store: any HubStore, now: Date) async throws -> [String: Int] {
        let known = self.count.withLock { $0 }
        if let known, (0..<Self.lifetime).contains(now.timeIntervalSince(known.time)) { return known.rows }
        return try await self.countAgain(in: system, store, now: now)
    }

    func countAgain(in system: String, _ store: any HubStore, now: Date) async throws -> [String: Int] {
        let rows = try await store.rowCounts(in: system)
        self.count.withLock { $0 = Count(rows: rows, time: now) }
        return rows
    }

    func forget() { self.count.withLock { $0 = nil } }
}
