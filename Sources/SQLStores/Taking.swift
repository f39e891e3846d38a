import Crypto
import Foundation
import Hub
import Messaging
import SchoolRecords

/// What the register holds of a record, as far as a new state is measured by it.
struct KnownRecord {
    let sequence: Int64
    let source: String
    /// The hash of a live record's content; nothing for a deleted one.
    let liveHash: String?
    let unit: String?
    /// Of a grant, the system that may be given it.
    var receiver: String?

    /// What the register holds of these records; those never seen are left out.
    static func find(_ keys: some Sequence<RecordKey>, _ connection: any SQLConnection) throws -> [RecordKey: KnownRecord] {
        var known: [RecordKey: KnownRecord] = [:]
        try connection.inChunks(keys) { entity, ids in
            let sql = """
                SELECT entity, id, sequence, source, operation, content_hash, unit, receiver FROM record
                WHERE entity = ? AND id IN (\(ids.marks))
                """
            try connection.forEach(sql, [entity] + ids.values) { row in
                guard let key = row.key(0, 1) else { return }
                let isLive = row.text(4) == RecordChange.Operation.upserted.rawValue
                known[key] = KnownRecord(
                    sequence: row.integer(2), source: row.text(3), liveHash: isLive ? row.text(5) : nil,
                    unit: row.optionalText(6), receiver: row.optionalText(7))
            }
        }
        return known
    }
}

/// A state with the hash of its content.
struct HashedState {
    let state: RecordState
    let hash: String?

    init(_ state: RecordState, key: HubKey) {
        self.state = state
        self.hash = state.isGone ? nil : state.body.map { key.contentHash($0) }
    }

    func difference(from known: KnownRecord?, source: String) -> RecordDifference {
        guard let hash = self.hash else { return known?.liveHash == nil ? .unchanged : .deleted }
        guard let known, let liveHash = known.liveHash else { return .created }
        return liveHash == hash && known.source == source ? .unchanged : .updated
    }
}

/// The taking of a batch within one transaction.
struct Taking {
    let source: String
    let counting: TakeCounting
    let time: String
    let origin: ChangeOrigin?
    let ids: EventIDs
    let seals: Seals
    let connection: any SQLConnection

    init(
        source: String, counting: TakeCounting, time: String, origin: ChangeOrigin?, seals: Seals, connection: any SQLConnection
    ) {
        self.source = source
        self.counting = counting
        self.time = time
        self.origin = origin
        self.ids = EventIDs(at: time)
        self.seals = seals
        self.connection = connection
    }

    func take(_ given: [HashedState], withheld known: [WithheldRecord], failures: [NewFailure]) throws -> TakeResult {
        var result = TakeResult()
        let (states, guarded) = try MarkGuard(
            source: self.source, readAt: self.origin?.readAt, seals: self.seals, connection: self.connection
        ).sorted(given, withheld: known)
        let withheld = try self.withoutErased(guarded)
        try self.keep(try self.changes(states, &result))
        for record in withheld { try self.withhold(record) }
        try self.dropKeys(ofOwners: withheld)
        result.withheld += withheld.count
        let gone = Set(states.lazy.map(\.state).filter(\.isGone).map(\.key)).union(guarded.map(\.key))
        try self.forget(gone)
        try self.closeFailures(of: Set(states.map(\.state.key)).union(gone).union(guarded.map(\.opaqueKey)))
        for failure in failures {
            try SQLStore.record(failure, time: self.time, seals: self.seals, self.connection)
        }
        return result
    }

    /// Keeps states that differ, with their outbox entries.
    func keep(_ changes: [Change]) throws {
        let keys = try self.dataKeys(of: Set(changes.compactMap { $0.state.body == nil ? nil : $0.state.owner }))
        let traces = try self.traces(of: changes)
        for change in changes { try self.keep(change, dataKeys: keys, trace: traces[change.state.key]) }
        try self.count(changes)
    }

    struct Change {
        let state: RecordState
        let hash: String?
        let sequence: Int64
        let kind: ChangeKind
        /// The unit it belonged to before; for a new one, the one it belongs to.
        let unit: String?
        /// Of a grant, the system that was given it before.
        let receiver: String?
    }

    /// The traces that changes go on with; those without one begin their own.
    private func traces(of changes: [Change]) throws -> [RecordKey: String] {
        switch self.origin {
        case .reading(_, let trace?):
            Dictionary(changes.map { ($0.state.key, trace.traceID) }, uniquingKeysWith: { first, _ in first })
        case .derived: try PastStates.traces(ofDerived: changes.map(\.state.key), by: self.source, self.connection)
        case .reading, nil: [:]
        }
    }

    /// The states that differ from what is there, each with its sequence. A key that comes twice goes from state to state.
    private func changes(_ states: [HashedState], _ result: inout TakeResult) throws -> [Change] {
        var known = try KnownRecord.find(states.map(\.state.key), self.connection)
        var changes: [Change] = []
        for hashed in states {
            let before = known[hashed.state.key]
            let kind: ChangeKind
            switch hashed.difference(from: before, source: self.source) {
            case .unchanged:
                result.unchanged += 1
                continue
            case .created:
                result.created += 1
                kind = .creates
            case .updated:
                result.updated += 1
                kind = .updates
            case .deleted:
                result.deleted += 1
                kind = .deletes
            }
            let sequence = (before?.sequence ?? 0) + 1
            known[hashed.state.key] = KnownRecord(
                sequence: sequence, source: self.source, liveHash: hashed.hash, unit: hashed.state.unit)
            changes.append(
                Change(
                    state: hashed.state, hash: hashed.hash, sequence: sequence, kind: kind,
                    unit: kind == .creates ? hashed.state.unit : before?.unit, receiver: before?.receiver))
        }
        return changes
    }

    /// Adds to what went through unseen, or says that somebody has seen it.
    private func count(_ changes: [Change]) throws {
        guard !changes.isEmpty else { return }
        switch self.counting {
        case .uncounted: break
        case .unseen:
            for (entity, changes) in Dictionary(grouping: changes, by: \.state.key.entity) {
                var counts = PartedCounts()
                for change in changes { counts.add(change.kind, part: change.unit) }
                try SQLStore.countUnseen(
                    counts, .source, system: self.source, subject: entity.rawValue, time: self.time, self.connection)
            }
        case .seen: try self.markSeen(changes)
        case .planned(let plan):
            var counts = ChangeCounts()
            for change in changes { counts[change.kind] += 1 }
            try SQLStore.use(counts, ofPlan: plan, self.connection)
            try self.markSeen(changes)
        }
    }

    private func markSeen(_ changes: [Change]) throws {
        try self.connection.inChunks(changes.map(\.state.key)) { entity, ids in
            try self.connection.execute(
                "UPDATE record SET seen = sequence WHERE entity = ? AND id IN (\(ids.marks))", [entity] + ids.values)
        }
    }

    /// The data keys of persons, made where there is none.
    private func dataKeys(of owners: Set<String>) throws -> [String: SymmetricKey] {
        var keys: [String: SymmetricKey] = [:]
        for chunk in SQLChunk.of(owners.map(SQLValue.text)) {
            let sql = "SELECT owner, wrapped FROM data_key WHERE owner IN (\(chunk.marks))"
            try self.connection.forEach(sql, chunk.values) { row in
                guard let wrapped = row.optionalBlob(1) else { return }
                keys[row.text(0)] = try self.seals.dataKey(unwrapping: wrapped, owner: row.text(0))
            }
        }
        for owner in owners where keys[owner] == nil {
            let (key, wrapped) = try self.seals.key.newDataKey(owner: owner)
            try self.connection.execute("INSERT INTO data_key (owner, wrapped) VALUES (?, ?)", [.text(owner), .blob(wrapped)])
            keys[owner] = key
        }
        return keys
    }

    private func keep(_ change: Change, dataKeys: [String: SymmetricKey], trace: String?) throws {
        let key = change.state.key
        if change.sequence > 1 { try PastStates.remember(key, before: change.sequence, self.connection) }
        let context = "record/\(key)"
        let owner = change.state.body == nil ? nil : change.state.owner
        let body = change.state.body ?? Self.gone(key, receiver: change.receiver).canonicalData
        let sealed: Data
        if let owner, let dataKey = dataKeys[owner] {
            sealed = try HubKey.seal(body, with: dataKey, context: context)
        } else {
            sealed = try self.seals.seal(body, context: context)
        }
        let carrier = try change.state.body.flatMap { try SchoolRecord.carrier(key.entity, JSONValue(parsing: $0)) }
        let published = RecordChange(
            id: self.ids.next(), key: key, operation: change.state.isGone ? .deleted : .upserted,
            source: self.source, sequence: change.sequence, time: self.time, body: body)
        try self.connection.execute(
            """
            INSERT INTO record (entity, id, source, sequence, operation, owner, content_hash, body, time, created, unit,
                carrier_entity, carrier, event_id, trace, read_at, receiver)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            ON CONFLICT (entity, id) DO UPDATE SET source = excluded.source, sequence = excluded.sequence,
                operation = excluded.operation, owner = excluded.owner, content_hash = excluded.content_hash,
                body = excluded.body, time = excluded.time, unit = excluded.unit,
                carrier_entity = excluded.carrier_entity, carrier = excluded.carrier, event_id = excluded.event_id,
                trace = excluded.trace, read_at = excluded.read_at,
                receiver = excluded.receiver, published_at = NULL
            """,
            key.columns + [
                .text(self.source), .integer(change.sequence), .text(published.operation.rawValue), .optional(owner),
                .optional(change.hash), .blob(sealed), .text(self.time), .text(self.time),
                .optional(change.state.unit), .optional(carrier?.entity.rawValue), .optional(carrier?.id),
                .text(published.id), .optional(trace), .optional(self.origin?.readAt),
                // A grant is one system's business; what a system says that it holds is nobody's.
                .optional(key.entity == .roleGrant ? published.role?.system ?? "" : nil),
            ])
        if key.entity.isStandard { try TermIndex.mark(key, sequence: change.sequence, self.connection) }
        if key.entity == .roleGrant, self.source != RoleGrant.source { try self.remember(change) }
        if key.entity == .accountStatus { try self.note(account: change) }
        if key.entity == .person, let body = change.state.body { try self.noteGuardians(in: body) }
        try self.connection.execute(
            "INSERT INTO outbox (entity, id, sequence, event_id, exchange, routing_key, reason) VALUES (?, ?, ?, ?, ?, ?, NULL)",
            key.columns + [
                .integer(change.sequence), .text(published.id), .text(published.publicExchange), .text(published.routingKey),
            ])
    }

    /// What is left of a record that is gone; of a role, also which system has to be told.
    private static func gone(_ key: RecordKey, receiver: String?) -> JSONValue {
        var body: [String: JSONValue] = ["id": .string(key.id)]
        if let receiver, !receiver.isEmpty { body["system"] = .string(receiver) }
        return .object(body)
    }

    /// Remembers who of those in the vault is somebody's guardian: what systems may be given of them depends on it.
    private func noteGuardians(in body: Data) throws {
        // The version of an opaque id.
        guard body.firstRange(of: Data("\"responsibles\"".utf8)) != nil else { return }
        let person = try JSONValue(parsing: body)
        for responsible in person["responsibles"]?.arrayValue ?? [] {
            guard let id = responsible["person"]?["id"]?.stringValue, id.utf8.count == 36, id.dropFirst(14).first == "8" else {
                continue
            }
            try self.connection.execute(
                """
                INSERT INTO vault_guardian (person) SELECT id FROM vault WHERE entity = 'person' AND id = ?
                ON CONFLICT (person) DO NOTHING
                """, [.text(id)])
        }
    }

    /// Of those who were erased, the vault gets nothing either.
    private func withoutErased(_ records: [WithheldRecord]) throws -> [WithheldRecord] {
        guard !records.isEmpty else { return [] }
        let erased = try SQLStore.erased(self.connection)
        guard !erased.isEmpty else { return records }
        return try records.filter { record in
            let subject = SchoolRecord.subject(record.key.entity, try JSONValue(parsing: record.body))
            return subject.map { !erased.contains(self.seals.key.opaqueKey(for: $0).id) } ?? true
        }
    }

    /// Data keys of persons of whom the register holds nothing any more: a key's row names its person.
    private func dropKeys(ofOwners records: [WithheldRecord]) throws {
        let owners = try records.compactMap { try SchoolRecord.subject($0.key.entity, JSONValue(parsing: $0.body))?.id }
        for chunk in SQLChunk.of(Set(owners).map { .text($0) }) {
            try self.connection.execute(
                """
                DELETE FROM data_key WHERE owner IN (\(chunk.marks))
                    AND NOT EXISTS (SELECT 1 FROM record r WHERE r.owner = data_key.owner)
                """, chunk.values)
        }
    }

    private func withhold(_ record: WithheldRecord) throws {
        let content = try JSONEncoder().encode(VaultContent(id: record.key.id, body: record.body))
        try self.connection.execute(
            """
            INSERT INTO vault (entity, id, source, body, time) VALUES (?, ?, ?, ?, ?)
            ON CONFLICT (entity, id) DO UPDATE SET source = excluded.source, body = excluded.body, time = excluded.time
            """,
            record.opaqueKey.columns + [
                .text(self.source), .blob(try self.seals.seal(content, context: "vault/\(record.opaqueKey)")), .text(self.time),
            ])
        // Which roles somebody has had isn't told of protected persons.
        if record.key.entity == .roleGrant {
            try self.connection.execute("DELETE FROM held_role WHERE id = ?", [.text(record.key.id)])
        }
    }

    /// Removes the content of records that are gone, or have gone to the vault, from wherever else it rests: what is set
    /// aside, messages kept of failures, corrections of them, and samples of held changes. What a system was given stays until the
    /// deletion is settled there.
    func forget(_ keys: Set<RecordKey>) throws {
        guard !keys.isEmpty else { return }
        let runs = try self.connection.query("SELECT DISTINCT run FROM staged", [])
        try self.connection.inChunks(keys) { entity, ids in
            for run in runs {
                try self.connection.execute(
                    "DELETE FROM staged WHERE run = ? AND entity = ? AND id IN (\(ids.marks))",
                    [.text(run.text(0)), entity] + ids.values)
            }
            try TermIndex.forget(entity, ids, self.connection)
            try SQLStore.forgetTraces(entity, ids, self.connection)
        }
    }

    private func closeFailures(of keys: Set<RecordKey>) throws {
        try self.connection.inChunks(keys) { entity, ids in
            let filter = "stage = 'intake' AND system = ? AND entity = ? AND record_id IN (\(ids.marks))"
            let arguments = [.text(self.source), entity] + ids.values
            let replayed = try FailureCount.move(
                to: .replayed, where: "\(filter) AND \(FailureCount.state) = 'replaying'", arguments, self.connection)
            try SQLStore.count(self.connection, "replayed", replayed)
            try FailureCount.move(
                to: .superseded, where: "\(filter) AND \(FailureCount.state) = 'failed'", arguments, self.connection)
        }
    }
}

/// What the vault seals: the source's own id and document.
struct VaultContent: Codable {
    let id: String
    let body: Data
}
