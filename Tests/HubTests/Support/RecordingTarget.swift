import ConnectorKit
import SchoolRecords
import Synchronization

/// A system that keeps what it is given, and can be told to refuse.
final class RecordingTarget: TargetConnector {
    let system = "unikum"
    let batchSize: Int
    let removableKinds: Set<String> = ["student_in_school", "student_in_class", "guardian_for", "mentor_for"]

    struct State: Sendable {
        var batches: [TargetBatch] = []
        var rows: [String: TargetRow] = [:]
        /// Answers before the batch counts, one a call, then all is well.
        var failures: [ConnectorFailure] = []
        /// Whether nobody answers.
        var isAway = false
        /// Written, but the answer is lost: one a call.
        var lostAnswers = 0
        var refused: [RecordKey: ConnectorFailure] = [:]
        var calls = 0
    }

    let state = Mutex(State())

    init(batchSize: Int = 50) { self.batchSize = batchSize }

    func write(_ batch: TargetBatch) async throws -> [RecordKey: ConnectorFailure] {
        try self.state.withLock { state in
            state.calls += 1
            if state.isAway {
                throw ConnectorFailure(.systemUnavailable, code: .connectionRefused, message: "nobody listens")
            }
            if !state.failures.isEmpty { throw state.failures.removeFirst() }
            let refused = state.refused
            state.batches.append(batch)
            for write in batch.writes where refused[write.record] == nil {
                for row in write.removed { state.rows[row.kind + " " + row.key] = nil }
                for row in write.set { state.rows[row.kind + " " + row.key] = row }
            }
            if state.lostAnswers > 0 {
                state.lostAnswers -= 1
                throw ConnectorFailure(.systemUnavailable, code: .connectionLost, message: "the answer was lost")
            }
            return refused.filter { entry in batch.writes.contains { $0.record == entry.key } }
        }
    }

    func probe() async throws {}

    var rowNames: Set<String> { self.state.withLock { Set($0.rows.keys) } }
    var batchIDs: [String] { self.state.withLock { $0.batches.map(\.id) } }
}
