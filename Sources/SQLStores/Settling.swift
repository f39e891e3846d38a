import ConnectorKit
import Foundation
import Hub
import SchoolRecords

/// The settling of messages within one transaction.
///
/// What is there of the records is looked up once, for all of them; what isn't there needs no statement.
struct Settling {
    private let system: String
    private let time: String
    private let note: SettlementNote
    private let seals: Seals
    private let connection: any SQLConnection

    private var given: [RecordKey: Given]
    private var references: [RecordKey: Set<RecordKey>]
    /// Records that have waits, that are waited for, that have a retry, and that have open failures.
    private var waiting: Set<RecordKey>
    private var awaited: Set<RecordKey>
    private var retried: Set<RecordKey>
    private var failing: Set<RecordKey>
    /// Records that are set aside with a held change, which is named.
    private var aside: [RecordKey: String]
    private var counts: [String: Int] = [:]
    private var woken: Set<RecordKey> = []

    private struct Given {
        let sequence: Int64
        let rowsHash: String
    }

    init(
        _ settlements: [Settlement], system: String, time: String, note: SettlementNote, seals: Seals,
        connection: any SQLConnection
    ) throws {
        self.system = system
        self.time = time
        self.note = note
        self.seals = seals
        self.connection = connection
        let present = Present(system: system, keys: Set(settlements.map(\.key)), connection: connection)
        var given: [RecordKey: Given] = [:]
        try present.forEach("SELECT entity, id, sequence, rows_hash FROM delivery", "entity", "id") { key, row in
            given[key] = Given(sequence: row.integer(2), rowsHash: row.text(3))
        }
        var references: [RecordKey: Set<RecordKey>] = [:]
        try present.forEach("SELECT entity, id, ref_entity, ref_id FROM delivery_reference", "entity", "id") { key, row in
            if let other = row.key(2, 3) { references[key, default: []].insert(other) }
        }
        self.given = given
        self.references = references
        self.waiting = try present.keys("SELECT entity, id FROM waiting", "entity", "id")
        self.awaited = try present.keys("SELECT for_entity, for_id FROM waiting", "for_entity", "for_id")
        self.retried = try present.keys("SELECT entity, id FROM retry", "entity", "id")
        var aside: [RecordKey: String] = [:]
        try present.forEach("SELECT entity, id, held FROM held_delivery", "entity", "id") { key, row in
            aside[key] = row.text(2)
        }
        self.aside = aside
        self.failing = try present.keys("SELECT entity, record_id FROM failure", "entity", "record_id")
    }

    mutating func settle(_ settlement: Settlement) throws {
        let key = settlement.key
        if case .superseded = settlement.outcome {
            self.counts["superseded", default: 0] += 1
            // What was sent again is overtaken only by a state that the system really has.
            if let given = self.given[key] { try self.closeFailures(of: key, upTo: given.sequence, replayed: false) }
            return
        }
        if let given = self.given[key], given.sequence > settlement.sequence {
            self.counts["superseded", default: 0] += 1
            return
        }
        switch settlement.outcome {
        case .superseded: break
        case .applied(let rows, let references, let missing):
            try self.apply(settlement, rows: rows, references: references, missing: missing)
        case .retry(let due, let reason):
            try self.connection.execute(
                """
                INSERT INTO retry (system, entity, id, due, reason) VALUES (?, ?, ?, ?, ?)
                ON CONFLICT (system, entity, id) DO UPDATE SET due = excluded.due, reason = excluded.reason
                """, self.columns(key) + [.integer(due), .text(reason)])
            self.retried.insert(key)
        case .failed(let failure):
            try SQLStore.record(failure, time: self.time, seals: self.seals, self.connection)
            self.failing.insert(key)
            guard let form = failure.form else { break }
            // What it lacked may be why: it goes again when that arrives, and when what it looked at changes.
            try self.replaceReferences(form.references.union(self.references[key] ?? []), of: key)
            try self.replaceWaits(form.missing, of: key)
        }
    }

    /// Writes what was gathered: counters, and what is sent again.
    ///
    /// - Returns: whether anything is sent again.
    func finish() throws -> Bool {
        for (name, amount) in self.counts { try SQLStore.count(self.connection, name, amount) }
        try SQLStore.redeliver(self.woken, to: self.system, reason: "reference", self.connection)
        return !self.woken.isEmpty
    }

    private func columns(_ key: RecordKey) -> [SQLValue] { [.text(self.system)] + key.columns }

    private mutating func apply(
        _ settlement: Settlement, rows: [TargetRow], references: Set<RecordKey>, missing: Set<RecordKey>
    ) throws {
        let key = settlement.key
        let earlier = self.given[key]
        let data = RowCoding.data(rows)
        let hash = self.seals.key.contentHash(data)
        let isNews = earlier?.sequence != settlement.sequence || earlier?.rowsHash != hash
        self.counts[isNews ? "delivered" : "superseded", default: 0] += 1
        if isNews {
            try self.connection.execute(
                """
                INSERT INTO delivery (system, entity, id, sequence, rows_hash, body, mapped_at, time, batch)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
                ON CONFLICT (system, entity, id) DO UPDATE SET sequence = excluded.sequence, rows_hash = excluded.rows_hash,
                    body = excluded.body, mapped_at = excluded.mapped_at, time = excluded.time, batch = excluded.batch
                """,
                self.columns(key) + [
                    .integer(settlement.sequence), .text(hash),
                    .blob(try self.seals.seal(data, context: "delivery/\(self.system)/\(key)")), .optional(self.note.mappedAt),
                    .text(self.time), .optional(self.note.batch),
                ])
            self.given[key] = Given(sequence: settlement.sequence, rowsHash: hash)
        }
        if earlier?.rowsHash != hash { try self.replaceRows(rows, of: key, isFirst: earlier == nil) }
        try self.replaceReferences(references, of: key)
        try self.replaceWaits(missing, of: key)
        if self.retried.remove(key) != nil {
            try self.connection.execute("DELETE FROM retry WHERE system = ? AND entity = ? AND id = ?", self.columns(key))
        }
        try self.endWait(of: key)
        try self.closeFailures(of: key, upTo: settlement.sequence, replayed: true)
        try self.wake(key, contentChanged: earlier.map { $0.sequence < settlement.sequence } ?? false)
    }

    /// A record that was set aside has been given. A held change that nothing waits with any more is over.
    private mutating func endWait(of key: RecordKey) throws {
        guard let held = self.aside.removeValue(forKey: key) else { return }
        try self.connection.execute(
            "DELETE FROM held_delivery WHERE system = ? AND entity = ? AND id = ?", self.columns(key))
        guard try self.connection.first("SELECT 1 FROM held_delivery WHERE held = ?", [.text(held)]) == nil else { return }
        let isApproved =
            try self.connection.first("SELECT 1 FROM held_change WHERE id = ? AND state = 'approved'", [.text(held)]) != nil
        try SQLStore.end(
            held, isApproved ? .applied : .superseded, note: isApproved ? "all of it is written" : "nothing of it is left",
            time: self.time, self.connection)
    }

    private func replaceRows(_ rows: [TargetRow], of key: RecordKey, isFirst: Bool) throws {
        if !isFirst {
            try self.rememberTaken(rows, of: key)
            try self.connection.execute(
                "DELETE FROM delivery_row WHERE system = ? AND entity = ? AND id = ?", self.columns(key))
        }
        for row in rows {
            let hash = RowCoding.hash(row.identity, key: self.seals.key)
            try self.connection.execute(
                "INSERT INTO delivery_row (system, row_hash, entity, id, kind) VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
                [.text(self.system), .text(hash)] + key.columns + [.text(row.kind)])
        }
    }

    /// Keeps which rows a record gave and doesn't give any more: found in the system all the same, they are known for what they were.
    private func rememberTaken(_ rows: [TargetRow], of key: RecordKey) throws {
        let kept = Set(rows.map { RowCoding.hash($0.identity, key: self.seals.key) })
        let given = try self.connection.query(
            "SELECT row_hash FROM delivery_row WHERE system = ? AND entity = ? AND id = ?", self.columns(key))
        for hash in given.map({ $0.text(0) }) where !kept.contains(hash) {
            try self.connection.execute(
                """
                INSERT INTO delivery_row_past (system, row_hash, entity, id, time) VALUES (?, ?, ?, ?, ?)
                ON CONFLICT (system, row_hash, entity, id) DO UPDATE SET time = excluded.time
                """, [.text(self.system), .text(hash)] + key.columns + [.text(self.time)])
        }
    }

    private mutating func replaceReferences(_ references: Set<RecordKey>, of key: RecordKey) throws {
        let earlier = self.references.updateValue(references, forKey: key) ?? []
        for other in earlier.subtracting(references) {
            try self.connection.execute(
                "DELETE FROM delivery_reference WHERE system = ? AND ref_entity = ? AND ref_id = ? AND entity = ? AND id = ?",
                self.columns(other) + key.columns)
        }
        for other in references.subtracting(earlier) {
            try self.connection.execute(
                "INSERT INTO delivery_reference (system, ref_entity, ref_id, entity, id) VALUES (?, ?, ?, ?, ?)",
                self.columns(other) + key.columns)
        }
    }

    private mutating func replaceWaits(_ missing: Set<RecordKey>, of key: RecordKey) throws {
        if self.waiting.remove(key) != nil {
            try self.connection.execute("DELETE FROM waiting WHERE system = ? AND entity = ? AND id = ?", self.columns(key))
        }
        for other in missing { try self.wait(key, for: other) }
    }

    private mutating func wait(_ key: RecordKey, for other: RecordKey) throws {
        try self.connection.execute(
            "INSERT INTO waiting (system, entity, id, for_entity, for_id) VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
            self.columns(key) + other.columns)
        self.waiting.insert(key)
        self.awaited.insert(other)
    }

    /// Sends again the records that waited for this one, and, when its content changed, those that looked at it.
    /// Each stays marked as waiting until it has been applied anew.
    private mutating func wake(_ key: RecordKey, contentChanged: Bool) throws {
        if self.awaited.contains(key) {
            let waiters = try self.connection.query(
                "SELECT entity, id FROM waiting WHERE system = ? AND for_entity = ? AND for_id = ?", self.columns(key))
            self.woken.formUnion(waiters.compactMap { $0.key(0, 1) })
        }
        if contentChanged {
            let lookers = try self.connection.query(
                "SELECT entity, id FROM delivery_reference WHERE system = ? AND ref_entity = ? AND ref_id = ?", self.columns(key))
            for looker in lookers.compactMap({ $0.key(0, 1) }) where looker != key {
                try self.wait(looker, for: key)
                self.woken.insert(looker)
            }
        }
        self.woken.remove(key)
    }

    /// Closes open failures of a record that a state of it, at least as new, has got past.
    private func closeFailures(of key: RecordKey, upTo sequence: Int64, replayed: Bool) throws {
        guard self.failing.contains(key) else { return }
        let arguments = self.columns(key) + [.integer(sequence)]
        let filter = """
            stage = 'delivery' AND system = ? AND entity = ? AND record_id = ? AND (sequence IS NULL OR sequence <= ?)
            """
        let closed = try FailureCount.move(
            to: replayed ? .replayed : .superseded, where: "\(filter) AND \(FailureCount.state) = 'replaying'", arguments,
            self.connection)
        guard replayed else { return }
        try SQLStore.count(self.connection, "replayed", closed)
        try FailureCount.move(
            to: .superseded, where: "\(filter) AND \(FailureCount.state) = 'failed'", arguments, self.connection)
    }
}
