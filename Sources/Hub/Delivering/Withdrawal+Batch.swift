import ConnectorKit
import Foundation
import SchoolRecords

extension Withdrawal {
    /// A batch that has waited, without what mustn't be written any more because somebody is protected by now.
    ///
    /// The system may have taken the batch all the same, and only the answer was lost: the rows count as given, so that they are taken
    /// away, and as unsure, so that what of them stays is written again.
    func withoutOvertaken(_ prepared: PreparedBatch) async throws -> PreparedBatch {
        let overtaken = try await self.overtaken(prepared)
        guard !overtaken.isEmpty else { return prepared }
        var unsure: Set<RowIdentity> = []
        let writes = prepared.batch.writes.compactMap { write -> TargetWrite? in
            guard overtaken.contains(write.record) else { return write }
            unsure.formUnion(write.set.map(\.identity))
            guard !write.removed.isEmpty else { return nil }
            return TargetWrite(
                record: write.record, sequence: write.sequence, set: [], removed: write.removed, trace: write.trace)
        }
        // Another record may give a row of these too, which one write was to set for both.
        var again = overtaken
        let settlements = prepared.settlements.map { settlement in
            guard case .applied(let given, let references, let missing) = settlement.outcome,
                given.contains(where: { unsure.contains($0.identity) })
            else { return settlement }
            again.insert(settlement.key)
            return Settlement(
                key: settlement.key, sequence: settlement.sequence,
                outcome: .applied(
                    rows: given.map {
                        unsure.contains($0.identity) ? TargetRow(kind: $0.kind, key: $0.key, fields: ["": "unsure"]) : $0
                    }, references: references, missing: missing))
        }
        let rest = PreparedBatch(
            system: prepared.system, batch: TargetBatch(id: prepared.batch.id, writes: writes), settlements: settlements,
            mappedAt: prepared.mappedAt, mappings: prepared.mappings)
        try await self.store.prepare(rest)
        try await self.store.redeliver(Array(again), to: prepared.system, reason: "retry")
        return rest
    }
}
