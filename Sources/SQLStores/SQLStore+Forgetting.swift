public import Foundation
public import Hub
import SchoolRecords

extension SQLStore: Forgetting {
    public func forget(
        _ periods: ForgettingPeriods, now: Date, limit: Int, by person: String
    ) async throws -> Forgotten {
        let seals = self.seals
        return try await self.database.write { connection in
            try Self.refreshHolds(now: now, seals: seals, connection)
            let forgetter = Forgetter(periods: periods, now: now, limit: limit, connection: connection)
            let forgotten = try forgetter.run(deleting: true)
            guard !forgotten.isNothing else { return forgotten }
            let counts = [
                ("gone", forgotten.gone), ("keys", forgotten.keys), ("history", forgotten.history), ("roles", forgotten.roles),
                ("plans", forgotten.plans), ("changes", forgotten.changes),
            ].filter { $0.1 > 0 }.map { "\($0.0) \($0.1)" }.joined(separator: ", ")
            try Self.audit(
                [Deed(action: "retention.forget", subject: "store", reason: counts)], by: person, time: RFC3339.text(now),
                key: seals.key, connection)
            return forgotten
        }
    }

    public func forgettable(_ periods: ForgettingPeriods, now: Date, limit: Int) async throws -> Forgotten {
        try await self.database.read { connection in
            try Forgetter(periods: periods, now: now, limit: limit, connection: connection).run(deleting: false)
        }
    }

    /// Which records holds are about: those that have come since are added, those of holds that are over go.
    static func refreshHolds(now: Date, seals: Seals, _ connection: any SQLConnection) throws {
        let day = String(RFC3339.text(now).prefix(10))
        for row in try connection.query("SELECT person, body FROM legal_hold", []) {
            guard let sealed = row.optionalBlob(1) else { continue }
            let hold = try JSONDecoder().decode(
                LegalHold.self, from: try seals.open(sealed, context: "legal_hold/\(row.text(0))"))
            if let until = hold.until, until < day {
                try connection.execute("DELETE FROM legal_hold_record WHERE person = ?", [.text(hold.person)])
                continue
            }
            for record in try connection.query("SELECT id FROM record WHERE owner = ?", [.text(hold.realID)]) {
                try connection.execute(
                    "INSERT INTO legal_hold_record (person, id) VALUES (?, ?) ON CONFLICT DO NOTHING",
                    [.text(hold.person), .text(record.text(0))])
            }
        }
    }

    /// That a row's id isn't one that a hold is about.
    static func isFree(_ column: String) -> String {
        "NOT EXISTS (SELECT 1 FROM legal_hold_record h WHERE h.id = \(column))"
    }
}

/// One step of forgetting.
private struct Forgetter {
    let periods: ForgettingPeriods
    let now: Date
    let limit: Int
    let connection: any SQLConnection

    func run(deleting: Bool) throws -> Forgotten {
        var forgotten = Forgotten()
        func cutoff(_ days: Int?) -> String? { ForgettingPeriods.cutoff(days, now: self.now) }
        if let cutoff = cutoff(self.periods.goneDays) { forgotten.gone = try self.gone(cutoff, deleting) }
        forgotten.keys = try self.rows(
            "data_key", "owner", "NOT EXISTS (SELECT 1 FROM record r WHERE r.owner = data_key.owner)", [], deleting)
        if let cutoff = cutoff(self.periods.historyDays) {
            let old = try self.connection.query(
                "SELECT entity, id, sequence FROM record_past WHERE time <= ? AND \(SQLStore.isFree("record_past.id")) LIMIT ?",
                [.text(cutoff), .integer(Int64(self.limit))])
            for row in old where deleting {
                try self.connection.execute(
                    "DELETE FROM record_past WHERE entity = ? AND id = ? AND sequence = ?",
                    [row.value(0), row.value(1), row.value(2)])
            }
            forgotten.history = old.count
        }
        if let cutoff = cutoff(self.periods.rolesDays) {
            forgotten.roles = try self.rows(
                "role_decision", "number",
                "(withdrawn_at <= ? OR last < ?) AND \(SQLStore.isFree("role_decision.person"))",
                [.text(cutoff), .text(String(cutoff.prefix(10)))], deleting)
            forgotten.roles += try self.rows(
                "held_role", "number", "ended <= ? AND \(SQLStore.isFree("held_role.person"))", [.text(cutoff)], deleting)
            forgotten.plans = try self.rows(
                "role_plan", "id", "state IN ('applied', 'stopped') AND since <= ?", [.text(cutoff)], deleting,
                with: [("role_approval", "plan"), ("role_step", "plan")])
        }
        if let cutoff = cutoff(self.periods.changesDays) {
            let open = HeldChange.State.open.map(\.rawValue).sorted()
            forgotten.changes = try self.rows(
                "held_change", "id",
                """
                state NOT IN (\(open.map { _ in "?" }.joined(separator: ", "))) AND last_at <= ?
                    AND NOT EXISTS (SELECT 1 FROM held_delivery d WHERE d.held = held_change.id)
                """, open.map { .text($0) } + [.text(cutoff)], deleting, with: [("held_sample", "held"), ("held_event", "held")])
        }
        return forgotten
    }

    /// - Parameter others: tables that say more of a row, with the column that names it.
    private func rows(
        _ table: String, _ key: String, _ condition: String, _ arguments: [SQLValue], _ deleting: Bool,
        with others: [(String, String)] = []
    ) throws -> Int {
        let found = try self.connection.query(
            "SELECT \(key) FROM \(table) WHERE \(condition) LIMIT ?", arguments + [.integer(Int64(self.limit))])
        guard deleting else { return found.count }
        for chunk in SQLChunk.of(found.map { $0.value(0) }) {
            for (other, column) in others + [(table, key)] {
                try self.connection.execute("DELETE FROM \(other) WHERE \(column) IN (\(chunk.marks))", chunk.values)
            }
        }
        return found.count
    }

    /// Records that are gone, of which no system has anything and nothing is on its way.
    private func gone(_ cutoff: String, _ deleting: Bool) throws -> Int {
        let old = try self.connection.query(
            "SELECT entity, id FROM record WHERE operation = 'deleted' AND time <= ? AND \(SQLStore.isFree("record.id")) LIMIT ?",
            [.text(cutoff), .integer(Int64(self.limit) * 10)])
        var keys = Set(old.compactMap { $0.key(0, 1) })
        guard !keys.isEmpty else { return 0 }
        // Every table here is found by system first, and systems are few.
        let systems = try self.connection.query("SELECT DISTINCT system FROM delivery", []).map { $0.value(0) }
        var busy: Set<RecordKey> = []
        try self.connection.inChunks(keys) { entity, ids in
            func note(_ sql: String, _ arguments: [SQLValue]) throws {
                try self.connection.forEach(sql, arguments + [entity] + ids.values) { row in
                    if let key = row.key(0, 1) { busy.insert(key) }
                }
            }
            try note("SELECT entity, id FROM outbox WHERE entity = ? AND id IN (\(ids.marks))", [])
            for system in systems {
                for table in ["delivery_row", "retry", "waiting", "held_delivery"] {
                    try note("SELECT entity, id FROM \(table) WHERE system = ? AND entity = ? AND id IN (\(ids.marks))", [system])
                }
            }
        }
        keys.subtract(busy)
        let chosen = keys.sorted().prefix(self.limit)
        guard deleting else { return chosen.count }
        try self.connection.inChunks(chosen) { entity, ids in
            for table in ["record_past", "record_term", "unindexed", "record"] {
                try self.connection.execute(
                    "DELETE FROM \(table) WHERE entity = ? AND id IN (\(ids.marks))", [entity] + ids.values)
            }
            for system in systems {
                for table in ["delivery", "delivery_reference"] {
                    try self.connection.execute(
                        "DELETE FROM \(table) WHERE system = ? AND entity = ? AND id IN (\(ids.marks))",
                        [system, entity] + ids.values)
                }
            }
        }
        return chosen.count
    }
}
