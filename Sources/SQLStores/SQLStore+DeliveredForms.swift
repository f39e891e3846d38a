import Foundation
public import Hub
public import SchoolRecords

extension SQLStore: DeliveredForms {
    /// Keeps what a mapping had made when it was refused, or forgets what was kept where this failure has nothing. A form that was
    /// sent as it was stays of the mappings that made it.
    static func keep(
        _ form: DeliveredForm?, of failure: Int64, system: String, seals: Seals, _ connection: any SQLConnection
    ) throws {
        guard let form else {
            try connection.execute("DELETE FROM failure_form WHERE failure = ?", [.integer(failure)])
            return
        }
        let body = try seals.seal(try JSONEncoder().encode(form), context: "failure_form/\(system)")
        try connection.execute(
            """
            INSERT INTO failure_form (failure, mappings, body, under_way) VALUES (?, ?, ?, 0)
            ON CONFLICT (failure) DO UPDATE SET body = excluded.body, under_way = 0,
                mappings = CASE WHEN failure_form.under_way = 1 THEN failure_form.mappings ELSE excluded.mappings END
            """, [.integer(failure), .optional(form.mappings), .blob(body)])
    }

    /// Forgets the forms that hold something of records: their own, and those that looked at them.
    static func forgetForms(
        _ entity: SQLValue, _ ids: SQLChunk, _ connection: any SQLConnection
    ) throws {
        try connection.execute(
            """
            DELETE FROM failure_form WHERE failure IN (
                SELECT id FROM failure WHERE entity = ? AND record_id IN (\(ids.marks)))
            """, [entity] + ids.values)
        try connection.execute(
            """
            DELETE FROM failure_form WHERE failure IN (
                SELECT f.id FROM delivery_reference d
                JOIN failure f ON f.entity = d.entity AND f.record_id = d.id AND f.system = d.system
                WHERE d.ref_entity = ? AND d.ref_id IN (\(ids.marks)))
            """, [entity] + ids.values)
    }

    /// Says of failures that are sent whether it is as they were.
    static func mark(_ ids: [Int64], underWay: Bool, _ connection: any SQLConnection) throws {
        for chunk in SQLChunk.of(ids.map(SQLValue.integer)) {
            try connection.execute(
                "UPDATE failure_form SET under_way = ? WHERE under_way <> ? AND failure IN (\(chunk.marks))",
                [.integer(underWay ? 1 : 0), .integer(underWay ? 1 : 0)] + chunk.values)
        }
    }

    public func forms(of failures: [Int64]) async throws -> [Int64: KeptForm] {
        let rows = try await self.database.read { connection in
            var rows: [SQLRow] = []
            for chunk in SQLChunk.of(failures.map(SQLValue.integer)) {
                rows += try connection.query(
                    """
                    SELECT f.id, f.entity, f.record_id, f.system, f.sequence, m.mappings, m.body FROM failure_form m
                    JOIN failure f ON f.id = m.failure WHERE m.failure IN (\(chunk.marks))
                    """, chunk.values)
            }
            return rows
        }
        var forms: [Int64: KeptForm] = [:]
        for row in rows { forms[row.integer(0)] = try self.keptForm(row) }
        return forms
    }

    public func formsUnderWay(of keys: [RecordKey], to system: String) async throws -> [RecordKey: KeptForm] {
        let rows = try await self.database.read { connection in
            var rows: [SQLRow] = []
            try connection.inChunks(keys) { entity, ids in
                rows += try connection.query(
                    """
                    SELECT f.id, f.entity, f.record_id, f.system, f.sequence, m.mappings, m.body FROM failure f
                    JOIN failure_form m ON m.failure = f.id AND m.under_way = 1
                    WHERE f.entity = ? AND f.record_id IN (\(ids.marks)) AND f.system = ? AND f.stage = 'delivery'
                        AND \(FailureCount.state) = 'replaying'
                    """, [entity] + ids.values + [.text(system)])
            }
            return rows
        }
        var forms: [RecordKey: KeptForm] = [:]
        for row in rows {
            if let key = row.key(1, 2) { forms[key] = try self.keptForm(row) }
        }
        return forms
    }

    private func keptForm(_ row: SQLRow) throws -> KeptForm? {
        guard let sealed = row.optionalBlob(6) else { return nil }
        let form = try JSONDecoder().decode(
            DeliveredForm.self, from: try self.seals.open(sealed, context: "failure_form/\(row.text(3))"))
        return KeptForm(
            sequence: row.integer(4),
            form: DeliveredForm(
                rows: form.rows, references: form.references, missing: form.missing, mappings: row.optionalText(5)))
    }
}
