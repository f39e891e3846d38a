import ConnectorKit
import SchoolRecords

/// A batch as calls, and what came of them. Pure: it sends nothing.
struct ClassicBatch {
    struct Call: Sendable {
        let kind: ClassicRowKind
        let fields: [String: String]
        let isRemoval: Bool
        /// The records that give the row.
        let owners: [RecordKey]
        /// Theirs where they share one, or else the batch's.
        let trace: TraceContext?
    }

    private struct Identity: Hashable {
        let kind: String
        let key: String
    }

    /// In the order in which they are written; within one the lists may go side by side, each being of one person.
    private(set) var phases: [[[Call]]] = []
    private(set) var refused: [RecordKey: ConnectorFailure] = [:]
    private(set) var written = 0

    init(_ batch: TargetBatch) {
        for write in batch.writes {
            let removed = write.removed.filter { $0.kind == ClassicRowKind.eppn.rawValue }
            if let problem = (write.set + removed).lazy.compactMap(ClassicRowKind.problem).first {
                self.refused[write.record] = problem
            }
        }
        let writes = batch.writes.filter { self.refused[$0.record] == nil }
        var owners: [Identity: [RecordKey]] = [:]
        for write in writes {
            for row in write.set + write.removed {
                let identity = Identity(kind: row.kind, key: row.key)
                if owners[identity]?.last != write.record { owners[identity, default: []].append(write.record) }
            }
        }
        let trace = batch.traceOfRecords
        let rows = ResolvedRows(writes, relationTypes: [ClassicRowKind.eppn.rawValue])
        func phase(_ rows: [TargetRow], removes: Bool) -> [[Call]] {
            var order: [String] = []
            var calls: [String: [Call]] = [:]
            for row in rows {
                guard let kind = ClassicRowKind(rawValue: row.kind) else { continue }
                let subject = row.fields[kind.subject] ?? row.key
                if calls[subject] == nil { order.append(subject) }
                let givers = owners[Identity(kind: row.kind, key: row.key)] ?? []
                calls[subject, default: []].append(
                    Call(
                        kind: kind, fields: row.fields, isRemoval: removes, owners: givers, trace: trace(givers)))
            }
            return order.compactMap { calls[$0] }
        }
        self.phases = [
            phase(rows.removed, removes: true), phase(rows.objects, removes: false), phase(rows.added, removes: false),
        ]
    }

    mutating func settle(_ call: Call, _ answer: RowAnswer) {
        switch answer {
        case .done: self.written += 1
        case .conflict(let failure), .refused(let failure):
            for owner in call.owners where self.refused[owner] == nil { self.refused[owner] = failure }
        case .outage(let outage):
            let failure = ConnectorFailure(
                outage.kind == .misconfigured ? .rejected : .transient, code: outage.word.ofRow,
                message: "\(outage.message); it takes other calls", retryAfter: outage.retryAfter, cause: outage)
            for owner in call.owners where self.refused[owner] == nil { self.refused[owner] = failure }
        }
    }
}
