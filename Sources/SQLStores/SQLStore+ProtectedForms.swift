import Foundation
public import Hub
import Messaging
public import SchoolRecords

extension SQLStore: ProtectedForms {
    public func opaqueKey(of key: RecordKey) -> RecordKey { self.key.opaqueKey(for: key) }

    public func vaultRecords() async throws -> [VaultRecord] {
        let rows = try await self.database.read {
            try $0.query("SELECT entity, id, source, body FROM vault ORDER BY entity, id", [])
        }
        return try rows.compactMap { row in
            guard let opaque = row.key(0, 1), let sealed = row.optionalBlob(3) else { return nil }
            let content = try JSONDecoder().decode(
                VaultContent.self, from: try self.seals.open(sealed, context: "vault/\(opaque)"))
            return VaultRecord(
                opaqueKey: opaque, key: RecordKey(opaque.entity, content.id), source: row.text(2), body: content.body)
        }
    }

    private static let formColumns = "system, entity, id, source, sequence, operation, form, class_lists, body, time"

    private func form(_ row: SQLRow) throws -> ProtectedForm? {
        try Self.form(row, seals: self.seals)
    }

    static func form(_ row: SQLRow, seals: Seals) throws -> ProtectedForm? {
        guard let key = row.key(1, 2), let sealed = row.optionalBlob(8),
            let operation = RecordChange.Operation(rawValue: row.text(5)), let form = ProtectedFormKind(rawValue: row.text(6))
        else { return nil }
        return ProtectedForm(
            key: key, system: row.text(0), source: row.text(3), sequence: row.integer(4), operation: operation, form: form,
            classLists: row.integer(7) != 0, body: try seals.open(sealed, context: "vault_form/\(row.text(0))/\(key)"),
            time: row.text(9))
    }

    public func forms(of keys: Set<RecordKey>, for system: String) async throws -> [RecordKey: ProtectedForm] {
        guard !keys.isEmpty else { return [:] }
        let rows = try await self.database.read { connection in
            var rows: [SQLRow] = []
            try connection.inChunks(keys) { entity, ids in
                rows += try connection.query(
                    "SELECT \(Self.formColumns) FROM vault_form WHERE system = ? AND entity = ? AND id IN (\(ids.marks))",
                    [.text(system), entity] + ids.values)
            }
            return rows
        }
        var forms: [RecordKey: ProtectedForm] = [:]
        for row in rows {
            if let form = try self.form(row) { forms[form.key] = form }
        }
        return forms
    }

    public func livingForms(for system: String) async throws -> [ProtectedForm] {
        let rows = try await self.database.read {
            try $0.query(
                """
                SELECT \(Self.formColumns) FROM vault_form WHERE system = ? AND operation = 'upserted' ORDER BY entity, id
                """, [.text(system)])
        }
        return try rows.compactMap(self.form)
    }

    public func systemsWithForms() async throws -> Set<String> {
        Set(try await self.database.read { try $0.query("SELECT DISTINCT system FROM vault_form", []) }.map { $0.text(0) })
    }

    public func keepForms(_ wanted: [WantedForm], for system: String, time: String) async throws -> Int {
        let seals = self.seals
        let changed = try await self.database.write { connection in
            try FormKeeping(system: system, time: time, seals: seals, connection: connection).keep(wanted)
        }
        if changed > 0 { self.bell.ring() }
        return changed
    }

    public func forgetTraces(of keys: Set<RecordKey>) async throws {
        try await self.database.write { connection in
            try connection.inChunks(keys) { entity, ids in try Self.forgetTraces(entity, ids, connection) }
        }
    }

    /// Removes what was kept of records beside the register: messages kept of failures, corrections of them, forms, samples.
    static func forgetTraces(_ entity: SQLValue, _ ids: SQLChunk, _ connection: any SQLConnection) throws {
        try connection.execute(
            "UPDATE failure SET body = NULL WHERE entity = ? AND record_id IN (\(ids.marks)) AND body IS NOT NULL",
            [entity] + ids.values)
        try SQLStore.forgetForms(entity, ids, connection)
        try SQLStore.forgetFindings(entity, ids, connection)
        try SQLStore.forgetDifferences(entity, ids, connection)
        try connection.execute(
            """
            DELETE FROM failure_edit WHERE failure IN (
                SELECT id FROM failure WHERE entity = ? AND record_id IN (\(ids.marks)))
            """, [entity] + ids.values)
        try connection.execute(
            "DELETE FROM held_sample WHERE entity = ? AND id IN (\(ids.marks))", [entity] + ids.values)
    }

    public func registerSequences(of keys: Set<RecordKey>) async throws -> [RecordKey: Int64] {
        guard !keys.isEmpty else { return [:] }
        return try await self.database.read { connection in
            var sequences: [RecordKey: Int64] = [:]
            try connection.inChunks(keys) { entity, ids in
                let sql = "SELECT entity, id, sequence FROM record WHERE entity = ? AND id IN (\(ids.marks))"
                try connection.forEach(sql, [entity] + ids.values) { row in
                    if let key = row.key(0, 1) { sequences[key] = row.integer(2) }
                }
            }
            return sequences
        }
    }

    /// Whether any of these records is in the vault, or a form of it was: nothing of it is kept beside.
    static func isProtected(_ keys: some Sequence<RecordKey>, _ connection: any SQLConnection) throws -> Bool {
        var isProtected = false
        try connection.inChunks(keys) { entity, ids in
            for table in ["vault", "vault_form"] where !isProtected {
                let sql = "SELECT 1 FROM \(table) WHERE entity = ? AND id IN (\(ids.marks)) LIMIT 1"
                if try connection.first(sql, [entity] + ids.values) != nil { isProtected = true }
            }
        }
        return isProtected
    }

    /// What stands for records of the vault in the outbox: by the places of the rows, which have system and key.
    func formsToSend(_ keys: [(place: Int, system: String, key: RecordKey)]) async throws -> [Int: ProtectedForm] {
        var found: [Int: ProtectedForm] = [:]
        for (system, keys) in Dictionary(grouping: keys, by: \.system) {
            let forms = try await self.forms(of: Set(keys.map(\.key)), for: system)
            for (place, _, key) in keys { found[place] = forms[key] }
        }
        return found
    }
}

/// Makes what one system is given of protected persons what is wanted, within one transaction.
private struct FormKeeping {
    let system: String
    let time: String
    let seals: Seals
    let connection: any SQLConnection

    private struct Known {
        let sequence: Int64
        let hash: String?
        let source: String
        let classLists: Bool
    }

    func keep(_ wanted: [WantedForm]) throws -> Int {
        var known: [RecordKey: Known] = [:]
        try self.connection.forEach(
            "SELECT entity, id, sequence, operation, content_hash, source, class_lists FROM vault_form WHERE system = ?",
            [.text(self.system)]
        ) { row in
            guard let key = row.key(0, 1) else { return }
            let isLive = row.text(3) == RecordChange.Operation.upserted.rawValue
            known[key] = Known(
                sequence: row.integer(2), hash: isLive ? row.text(4) : nil, source: row.text(5), classLists: row.integer(6) != 0)
        }
        var changed: [RecordKey] = []
        var listsChanged = false
        for form in wanted {
            let before = known.removeValue(forKey: form.key)
            let hash = self.seals.key.contentHash(
                Data("\(form.form.rawValue)|\(form.classLists)|\(form.source)|".utf8) + form.body)
            guard before?.hash != hash else { continue }
            // Also after a while of nothing: a group that left the person out hasn't noted that it would have said something.
            if let before, before.classLists != form.classLists { listsChanged = true }
            try self.write(form, hash: hash, sequence: (before?.sequence ?? 0) + 1, operation: .upserted)
            changed.append(form.key)
        }
        for (key, before) in known.sorted(by: { $0.key < $1.key }) where before.hash != nil {
            let gone = WantedForm(
                key: key, source: before.source, form: .withhold, classLists: before.classLists,
                body: (["id": .string(key.id)] as JSONValue).canonicalData)
            try self.write(gone, hash: nil, sequence: before.sequence + 1, operation: .deleted)
            changed.append(key)
        }
        guard !changed.isEmpty else { return 0 }
        try self.wake(changed, listsChanged: listsChanged)
        return changed.count
    }

    private func write(_ form: WantedForm, hash: String?, sequence: Int64, operation: RecordChange.Operation) throws {
        let body = try self.seals.seal(form.body, context: "vault_form/\(self.system)/\(form.key)")
        try self.connection.execute(
            """
            INSERT INTO vault_form (system, entity, id, source, sequence, operation, form, class_lists, content_hash, body, time)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            ON CONFLICT (system, entity, id) DO UPDATE SET source = excluded.source, sequence = excluded.sequence,
                operation = excluded.operation, form = excluded.form, class_lists = excluded.class_lists,
                content_hash = excluded.content_hash, body = excluded.body, time = excluded.time
            """,
            [.text(self.system)] + form.key.columns + [
                .text(form.source), .integer(sequence), .text(operation.rawValue), .text(form.form.rawValue),
                .integer(form.classLists ? 1 : 0), .optional(hash), .blob(body), .text(self.time),
            ])
        let queue = SQLValue.text(HubTopology.deliveryQueue(of: self.system))
        try self.connection.execute(
            "DELETE FROM outbox WHERE exchange = '' AND routing_key = ? AND entity = ? AND id = ?", [queue] + form.key.columns)
        try self.connection.execute(
            "INSERT INTO outbox (entity, id, sequence, event_id, exchange, routing_key, reason) VALUES (?, ?, ?, ?, '', ?, NULL)",
            form.key.columns + [.integer(sequence), .text(UUID().uuidString.lowercased()), queue])
        // What failed of an earlier form is over: it was another clearance's.
        try self.connection.execute(
            "UPDATE failure SET body = NULL WHERE system = ? AND entity = ? AND record_id = ? AND body IS NOT NULL",
            [.text(self.system)] + form.key.columns)
    }

    /// Sends what refers to changed forms again.
    private func wake(_ keys: [RecordKey], listsChanged: Bool) throws {
        var lookers: Set<RecordKey> = []
        try self.connection.inChunks(keys) { entity, ids in
            try self.connection.forEach(
                """
                SELECT entity, id FROM delivery_reference WHERE system = ? AND ref_entity = ? AND ref_id IN (\(ids.marks))
                """, [.text(self.system), entity] + ids.values
            ) { row in
                if let key = row.key(0, 1) { lookers.insert(key) }
            }
        }
        if listsChanged {
            try self.connection.forEach(
                "SELECT entity, id FROM record WHERE entity = 'group' AND operation = 'upserted'", []
            ) { row in
                if let key = row.key(0, 1) { lookers.insert(key) }
            }
        }
        try SQLStore.redeliver(lookers.subtracting(keys), to: self.system, reason: "reference", self.connection)
    }
}
