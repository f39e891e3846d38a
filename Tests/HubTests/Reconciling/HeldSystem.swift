import ConnectorKit
import Foundation
import Hub
import SchoolRecords
import Synchronization

/// A receiving system that keeps rows, tells what it holds, and counts what is written to it.
final class HeldSystem: ReadableTarget {
    let system: String
    let batchSize = 200
    let removableKinds: Set<String>

    struct State: Sendable {
        var rows: [RowIdentity: [String: String]] = [:]
        /// Rows that it tells once more.
        var doubles: [TargetRow] = []
        /// Rows that were set or removed.
        var touched: [RowIdentity] = []
        var isAway = false
        /// Whether it takes nothing, and tells what it holds all the same.
        var takesNothing = false
        /// Rows that it doesn't take away, whatever it answers.
        var keeps: Set<RowIdentity> = []
        /// Called for every page, before it is told.
        var onPage: (@Sendable (Int) async throws -> Void)?
        var pages = 0
        /// As of when it tells what it holds, where that is an export's time.
        var asOf: Date?
    }

    let state = Mutex(State())

    init(_ system: String, removableKinds: Set<String>) {
        self.system = system
        self.removableKinds = removableKinds
    }

    func write(_ batch: TargetBatch) async throws -> [RecordKey: ConnectorFailure] {
        try self.state.withLock { state in
            if state.isAway || state.takesNothing { throw Self.away }
            for write in batch.writes {
                for row in write.removed {
                    state.touched.append(row.identity)
                    if !state.keeps.contains(row.identity), self.removableKinds.contains(row.kind) {
                        state.rows[row.identity] = nil
                    }
                }
                for row in write.set {
                    state.touched.append(row.identity)
                    state.rows[row.identity] = row.fields
                }
            }
            return [:]
        }
    }

    func probe() async throws {}

    func heldAsOf() async throws -> Date? { self.state.withLock(\.asOf) }

    func readHeld(_ handle: @Sendable ([TargetRow]) async throws -> Void) async throws {
        let (rows, onPage) = self.state.withLock { state in
            (
                state.rows.map { TargetRow(kind: $0.key.kind, key: $0.key.key, fields: $0.value) } + state.doubles,
                state.onPage
            )
        }
        var rest = rows[...]
        while !rest.isEmpty {
            let page = self.state.withLock { state in
                state.pages += 1
                return state.pages
            }
            if self.state.withLock({ $0.isAway }) { throw Self.away }
            try await onPage?(page)
            // As it is now: a system changes while it is read.
            let now = self.state.withLock { state in
                rest.prefix(500).compactMap { row -> TargetRow? in
                    state.rows[row.identity].map { TargetRow(kind: row.kind, key: row.key, fields: $0) }
                }
            }
            try await handle(now)
            rest = rest.dropFirst(500)
        }
    }

    private static let away = ConnectorFailure(.systemUnavailable, code: .connectionRefused, message: "nobody listens")
}
