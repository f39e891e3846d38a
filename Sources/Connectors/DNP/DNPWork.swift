import ConnectorKit
import SchoolRecords

/// A batch as changes of whole objects, and what came of them. Pure: it sends nothing.
struct DNPWork {
    struct Identity: Hashable, Sendable {
        let type: DNPType
        let id: String
    }

    /// What a batch says of one object.
    struct Change: Sendable {
        var fields: [String: String]?
        var unit: String?
        var isRemoved = false
        var set: [(kind: DNPRowKind, key: String, fields: [String: String])] = []
        var removed: [(kind: DNPRowKind, key: String)] = []
        /// The records that give these rows.
        var owners: [RecordKey] = []
    }

    private var changes: [Identity: Change] = [:]
    private var order: [Identity] = []
    private(set) var refused: [RecordKey: ConnectorFailure] = [:]
    /// Objects that Skolverket doesn't have as they should be, for which others must not be sent as if it had.
    private(set) var failed: Set<Identity> = []
    private(set) var written = 0
    private(set) var warnings: [String: Int] = [:]

    init(_ batch: TargetBatch, rules: DNPRules) {
        for write in batch.writes {
            for row in write.set {
                do throws(ConnectorFailure) {
                    try rules.check(row)
                } catch {
                    if self.refused[write.record] == nil { self.refused[write.record] = error }
                }
            }
        }
        let refused = self.refused
        let writes = batch.writes.filter { refused[$0.record] == nil }
        var givers: [String: [RecordKey]] = [:]
        func mark(_ row: TargetRow) -> String { "\(row.kind)\n\(row.key)" }
        for write in writes {
            for row in write.set + write.removed { givers[mark(row), default: []].append(write.record) }
        }
        for write in batch.writes where refused[write.record] != nil {
            for row in write.set {
                guard let kind = DNPRowKind(row.kind), kind.isObject else { continue }
                self.failed.insert(Identity(type: kind.type, id: kind.objectID(row.key)))
            }
        }
        let rows = ResolvedRows(writes, relationTypes: Set(DNPRowKind.allCases.map(\.rawValue)))
        for (list, isSet) in [(rows.removed, false), (rows.added, true)] {
            for row in list {
                guard let kind = DNPRowKind(row.kind) else { continue }
                let identity = Identity(type: kind.type, id: kind.objectID(row.key))
                if self.changes[identity] == nil { self.order.append(identity) }
                self.changes[identity, default: Change()].take(row, kind, isSet: isSet)
                for giver in givers[mark(row)] ?? [] where self.changes[identity]?.owners.contains(giver) == false {
                    self.changes[identity]?.owners.append(giver)
                }
            }
        }
        // What another record sets well stands, though one that was refused gives it too.
        for (identity, change) in self.changes where change.fields != nil { self.failed.remove(identity) }
    }

    /// The objects of a type that are to be deleted and that anybody still wants so.
    func deletions(_ type: DNPType) -> [String] {
        self.order.filter { $0.type == type && self.changes[$0]?.isRemoved == true && self.isWanted($0) }.map(\.id)
    }

    /// The objects of a type that are to be written and that anybody still wants.
    func updates(_ type: DNPType) -> [String] {
        self.order.filter { $0.type == type && self.changes[$0]?.isRemoved == false && self.isWanted($0) }.map(\.id)
    }

    private func isWanted(_ identity: Identity) -> Bool {
        !(self.changes[identity]?.owners ?? []).allSatisfy { self.refused[$0] != nil }
    }

    func change(_ type: DNPType, _ id: String) -> Change { self.changes[Identity(type: type, id: id)] ?? Change() }

    func hasFailed(_ type: DNPType, _ id: String) -> Bool { self.failed.contains(Identity(type: type, id: id)) }

    mutating func isDone() { self.written += 1 }

    mutating func isWarned(_ entries: [DNPLogEntry]) {
        for entry in entries { self.warnings[entry.code, default: 0] += 1 }
    }

    /// The object doesn't get through: nothing more of its records is written.
    mutating func fail(_ type: DNPType, _ id: String, _ failure: ConnectorFailure) {
        let identity = Identity(type: type, id: id)
        self.failed.insert(identity)
        self.blame(identity, failure)
    }

    /// The object is there, but lacks something: its records come again.
    mutating func leaveOpen(_ type: DNPType, _ id: String, _ failure: ConnectorFailure) {
        self.blame(Identity(type: type, id: id), failure)
    }

    private mutating func blame(_ identity: Identity, _ failure: ConnectorFailure) {
        for owner in self.changes[identity]?.owners ?? [] where self.refused[owner] == nil { self.refused[owner] = failure }
    }
}

extension DNPWork.Change {
    fileprivate mutating func take(_ row: TargetRow, _ kind: DNPRowKind, isSet: Bool) {
        switch (kind.isObject, isSet) {
        case (true, true):
            var fields = row.fields
            self.unit = fields.removeValue(forKey: "unit")
            // A duty's unit is a field like any other.
            if kind == .duty { (fields["unit"], self.unit) = (self.unit, nil) }
            fields["nationality"] = nil
            self.fields = fields
            self.isRemoved = false
        case (true, false): self.isRemoved = true
        case (false, true): self.set.append((kind, row.key, row.fields))
        case (false, false): self.removed.append((kind, row.key))
        }
    }

    /// The object as it shall be.
    ///
    /// - Parameter held: as Skolverket has it.
    func applied(to held: DNPDocument?, _ type: DNPType, _ id: String) -> DNPDocument {
        var document = held ?? DNPDocument(type, id)
        if let fields { document.fields = fields }
        for (kind, key) in self.removed { document.set(kind, key, nil) }
        for (kind, key, fields) in self.set { document.set(kind, key, fields) }
        return document
    }
}
