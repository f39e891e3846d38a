import ConnectorKit
import Foundation
import SchoolRecords
import Synchronization

/// A system that guardians report absence in and that is given absences: what it is given stands among its own when it is read.
final class TwoSidedSystem: SourceConnector, TargetConnector {
    let system: String
    let entities: [Entity] = [.absence]
    let batchSize = 200
    let removableKinds: Set<String> = ["absence"]

    struct Absence: Sendable, Hashable {
        var student: String
        var from: String
        var to: String
    }

    struct State: Sendable {
        /// Reported here.
        var own: [String: Absence] = [:]
        /// Given by the hub.
        var given: [String: Absence] = [:]
        var writes = 0
    }

    let state = Mutex(State())

    init(_ system: String) { self.system = system }

    /// All that it has, whoever it is from.
    var all: [String: Absence] { self.state.withLock { $0.own.merging($0.given) { own, _ in own } } }

    func read(_ entity: Entity, scope: ReadScope, handle: @Sendable (SourcePage) async throws -> Void) async throws {
        let records = self.all.sorted { $0.key < $1.key }.map { id, absence in
            SourceRecord(
                key: RecordKey(.absence, id),
                document: [
                    "id": .string(id), "meta": Documents.meta(), "type": "Anmäld frånvaro",
                    "student": ["id": .string(absence.student)], "startTime": .string(absence.from),
                    "endTime": .string(absence.to),
                ])
        }
        try await handle(SourcePage(records: records))
    }

    func read(_ key: RecordKey) async throws -> SourceRecord? { nil }

    func deletions(after instant: Date) async throws -> [RecordKey] { [] }

    func write(_ batch: TargetBatch) async throws -> [RecordKey: ConnectorFailure] {
        self.state.withLock { state in
            for write in batch.writes {
                for row in write.removed {
                    state.given[row.key] = nil
                    state.writes += 1
                }
                for row in write.set {
                    state.given[row.key] = Absence(
                        student: row.fields["student"] ?? "", from: row.fields["from"] ?? "", to: row.fields["to"] ?? "")
                    state.writes += 1
                }
            }
        }
        return [:]
    }

    func probe() async throws {}

    func shutdown() async {}
}
