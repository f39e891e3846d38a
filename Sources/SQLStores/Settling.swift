import ConnectorKit
import Foundation
import Hub
import SchoolRecords

/// The settling of messages within one transaction.
struct Settling {
    let system: String
    let time: String
    let key: HubKey
    let connection: any SQLConnection

    func settle(_ settlement: Settlement) throws {
        switch settlement.outcome {
        case .applied(let rows, let references, let missing):
            try self.apply(settlement, rows: rows, references: references, missing: missing)
        case .superseded:
            try SQLStore.count(self.connection, "superseded")
            // What was sent again is overtaken only by a state that the system really has.
            let given = try self.connection.first(
                "SELECT sequence FROM delivery WHERE system = ? AND entity = ? AND id = ?", self.record(settlement.key))
            if let given { try self.closeFailures(of: settlement.key, below: given.integer(0), replayed: false) }
        case .retry(let due, let reason):
            try self.connection.execute(
                """
                INSERT INTO retry (system, entity, id, due, reason) VALUES (?, ?, ?, ?, ?)
                ON CONFLICT (system, entity, id) DO UPDATE SET due = excluded.due, reason = excluded.reason
                """, self.record(settlement.key) + [.integer(due), .text(reason)])
        case .failed(let failure):
            try SQLStore.record(failure, time: self.time, key: self.key, self.connection)
        }
    }

    private func record(_ key: RecordKey) -> [SQLValue] { [.text(self.system), .text(key.entity.rawValue), .text(key.id)] }

    private func apply(
        _ settlement: Settlement, rows: [TargetRow], references: Set<RecordKey>, missing: Set<RecordKey>
    ) throws {
        let record = self.record(settlement.key)
        let earlier = try self.connection.first(
            "SELECT sequence, rows_hash FROM delivery WHERE system = ? AND entity = ? AND id = ?", record)
        if let earlier, earlier.integer(0) > settlement.sequence {
            return try SQLStore.count(self.connection, "superseded")
        }
        let data = RowCoding.data(rows)
        let hash = self.key.contentHash(data)
        let isNews = earlier?.integer(0) != settlement.sequence || earlier?.text(1) != hash
        if isNews {
            try self.connection.execute(
                """
                INSERT INTO delivery (system, entity, id, sequence, rows_hash, body) VALUES (?, ?, ?, ?, ?, ?)
                ON CONFLICT (system, entity, id) DO UPDATE SET sequence = excluded.sequence, rows_hash = excluded.rows_hash,
                    body = excluded.body
                """,
                record + [
                    .integer(settlement.sequence), .text(hash),
                    .blob(try self.key.seal(data, context: "delivery/\(self.system)/\(settlement.key)")),
                ])
        }
        if earlier?.text(1) != hash { try self.replaceRows(rows, of: record, isFirst: earlier == nil) }
        try SQLStore.count(self.connection, isNews ? "delivered" : "superseded")
        try self.replaceReferences(references, of: record, isFirst: earlier == nil)
        if earlier != nil || !missing.isEmpty {
            try self.connection.execute("DELETE FROM waiting WHERE system = ? AND entity = ? AND id = ?", record)
        }
        for other in missing {
            try self.connection.execute(
                "INSERT INTO waiting (system, entity, id, for_entity, for_id) VALUES (?, ?, ?, ?, ?)",
                record + [.text(other.entity.rawValue), .text(other.id)])
        }
        try self.connection.execute("DELETE FROM retry WHERE system = ? AND entity = ? AND id = ?", record)
        try self.closeFailures(of: settlement.key, below: settlement.sequence, replayed: true)
        try self.wake(settlement.key, contentChanged: earlier.map { $0.integer(0) < settlement.sequence } ?? false)
    }

    private func replaceRows(_ rows: [TargetRow], of record: [SQLValue], isFirst: Bool) throws {
        if !isFirst {
            try self.connection.execute("DELETE FROM delivery_row WHERE system = ? AND entity = ? AND id = ?", record)
        }
        for row in rows {
            let hash = RowCoding.hash(RowIdentity(kind: row.kind, key: row.key), key: self.key)
            try self.connection.execute(
                "INSERT INTO delivery_row (system, row_hash, entity, id) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING",
                [record[0], .text(hash), record[1], record[2]])
        }
    }

    private func replaceReferences(_ references: Set<RecordKey>, of record: [SQLValue], isFirst: Bool) throws {
        if !isFirst {
            try self.connection.execute("DELETE FROM delivery_reference WHERE system = ? AND entity = ? AND id = ?", record)
        }
        for reference in references {
            try self.connection.execute(
                "INSERT INTO delivery_reference (system, ref_entity, ref_id, entity, id) VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
                [record[0], .text(reference.entity.rawValue), .text(reference.id), record[1], record[2]])
        }
    }

    /// Sends again the records that waited for this one, and, when its content changed, those that looked at it.
    /// Each stays marked as waiting until it has been applied anew.
    private func wake(_ key: RecordKey, contentChanged: Bool) throws {
        let arguments: [SQLValue] = [.text(self.system), .text(key.entity.rawValue), .text(key.id)]
        var woken = try self.connection.query(
            "SELECT entity, id FROM waiting WHERE system = ? AND for_entity = ? AND for_id = ?", arguments)
        if contentChanged {
            let looking = try self.connection.query(
                "SELECT entity, id FROM delivery_reference WHERE system = ? AND ref_entity = ? AND ref_id = ?", arguments)
            for row in looking where !(row.text(0) == key.entity.rawValue && row.text(1) == key.id) {
                try self.connection.execute(
                    "INSERT INTO waiting (system, entity, id, for_entity, for_id) VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
                    [arguments[0], .text(row.text(0)), .text(row.text(1)), arguments[1], arguments[2]])
            }
            woken += looking
        }
        for row in woken {
            guard let entity = Entity(rawValue: row.text(0)) else { continue }
            let other = RecordKey(entity, row.text(1))
            if other != key { try SQLStore.redeliver(other, to: self.system, reason: "reference", self.connection) }
        }
    }

    /// Closes open failures of a record that a state of it, at least as new, has got past.
    private func closeFailures(of key: RecordKey, below sequence: Int64, replayed: Bool) throws {
        let record: [SQLValue] = [.text(self.system), .text(key.entity.rawValue), .text(key.id), .integer(sequence)]
        let filter = """
            WHERE stage = 'delivery' AND system = ? AND entity = ? AND record_id = ? AND (sequence IS NULL OR sequence <= ?)
            """
        if replayed {
            let closed = try self.connection.execute(
                "UPDATE failure SET state = 'replayed' \(filter) AND state = 'replaying'", record)
            try SQLStore.count(self.connection, "replayed", closed)
            try self.connection.execute("UPDATE failure SET state = 'superseded' \(filter) AND state = 'failed'", record)
        } else {
            try self.connection.execute("UPDATE failure SET state = 'superseded' \(filter) AND state = 'replaying'", record)
        }
    }
}
