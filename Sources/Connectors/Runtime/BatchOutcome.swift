import ConnectorKit
import SchoolRecords

/// What a system said to one row.
enum RowAnswer: Sendable {
    /// It has it, or no longer has it, as it should.
    case done
    /// It says that the row and something else it holds can't both be; that may change within the batch.
    case conflict(ConnectorFailure)
    /// It takes this row no more when asked again.
    case refused(ConnectorFailure)
    /// It failed or let us wait in vain, which may be the row's fault or its own.
    case outage(ConnectorFailure)
}

/// A call of a batch: whose rows it writes.
protocol OwnedCall: Sendable {
    /// The records that give the row.
    var owners: [RecordKey] { get }
}

/// What came of the calls of a batch so far. Pure.
struct BatchOutcome<Call: OwnedCall> {
    private var conflicts: [Call] = []
    private(set) var refused: [RecordKey: ConnectorFailure] = [:]
    private(set) var written = 0

    /// The first reason stands.
    mutating func refuse(_ record: RecordKey, _ failure: ConnectorFailure) {
        if self.refused[record] == nil { self.refused[record] = failure }
    }

    /// Whether anybody still wants the call: of a record that was refused nothing more is written.
    func isWanted(_ call: Call) -> Bool { !call.owners.allSatisfy { self.refused[$0] != nil } }

    mutating func settle(_ call: Call, _ answer: RowAnswer, isLast: Bool) {
        switch answer {
        case .done: self.written += 1
        case .conflict where !isLast: self.conflicts.append(call)
        case .conflict(let failure), .refused(let failure), .outage(let failure):
            var failure = failure
            if case .outage(let outage) = answer {
                failure = ConnectorFailure(
                    outage.kind == .misconfigured ? .rejected : .transient, code: outage.word.ofRow,
                    message: "\(outage.message); it takes other calls",
                    retryAfter: outage.retryAfter, cause: outage)
            }
            for owner in call.owners { self.refuse(owner, failure) }
        }
    }

    /// The calls that conflicted, for one more try.
    mutating func takeConflicts() -> [Call] {
        defer { self.conflicts = [] }
        return self.conflicts
    }
}
