import ConnectorKit
import SchoolRecords

/// A batch as calls, and what came of them. Pure: it sends nothing.
struct ClassicBatch {
    struct Call: Sendable {
        let kind: ClassicRowKind
        /// One, or all of a person's employments that are told in one message.
        var rows: [[String: String]]
        let isRemoval: Bool
        /// The records that give the row.
        var owners: [RecordKey]
        /// Theirs where they share one, or else the batch's.
        let trace: TraceContext?

        /// The only row's, or the first's.
        var fields: [String: String] { self.rows.first ?? [:] }
    }

    private struct Identity: Hashable {
        let kind: String
        let key: String
    }

    /// In the order in which they are written; within one the lists may go side by side, each being of one person.
    private(set) var phases: [[[Call]]] = []
    private(set) var refused: [RecordKey: ConnectorFailure] = [:]
    private(set) var written = 0

    /// - Parameter today: in Sweden.
    init(_ batch: TargetBatch, today: CalendarDate) {
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
        let ended = writes.flatMap { ClassicEmploymentOrder.ended($0, today: today) }
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
                if kind == .employment, var call = calls[subject]?.first, call.kind == .employment {
                    // One message for a person: the order in it is the order in which it is taken.
                    call.rows.append(row.fields)
                    for giver in givers where !call.owners.contains(giver) { call.owners.append(giver) }
                    calls[subject] = [call]
                    continue
                }
                calls[subject, default: []].append(
                    Call(
                        kind: kind, rows: [row.fields], isRemoval: removes, owners: givers, trace: trace(givers)))
            }
            return order.compactMap { calls[$0] }
        }
        self.phases = [
            phase(rows.removed, removes: true), phase(ended + rows.objects, removes: false), phase(rows.added, removes: false),
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
