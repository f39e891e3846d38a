import Foundation
public import Hub

extension SQLStore: AuditLog {
    /// Something to be written to the audit log.
    struct Deed {
        let action: String
        let subject: String
        var operation: String?
        var reason: String?
    }

    /// Adds entries, each sealing the one before.
    static func audit(
        _ deeds: [Deed], by person: String, time: String, key: HubKey, _ connection: any SQLConnection
    ) throws {
        guard !deeds.isEmpty else { return }
        let last = try connection.first("SELECT number, hash FROM audit ORDER BY number DESC LIMIT 1", [])
        var (number, previous) = (last?.integer(0) ?? 0, last?.text(1) ?? "")
        for deed in deeds {
            number += 1
            let entry = AuditEntry(
                number: number, time: time, person: person, action: deed.action, subject: deed.subject, operation: deed.operation,
                reason: deed.reason, hash: "")
            previous = entry.sealed(after: previous, key: key)
            try connection.execute(
                """
                INSERT INTO audit (number, time, person, action, subject, operation, reason, hash) VALUES (?, ?, ?, ?, ?, ?, ?, ?)
                """,
                [
                    .integer(number), .text(time), .text(person), .text(deed.action), .text(deed.subject),
                    .optional(deed.operation), .optional(deed.reason), .text(previous),
                ])
        }
    }

    public func note(_ action: String, of subject: String, reason: String, by person: String, time: String) async throws {
        let key = self.seals.key
        try await self.database.write { connection in
            try Self.audit([Deed(action: action, subject: subject, reason: reason)], by: person, time: time, key: key, connection)
        }
    }

    public func auditEntries(_ filter: AuditFilter) async throws -> [AuditEntry] {
        var parts = ["number > ?"]
        var arguments: [SQLValue] = [.integer(filter.after)]
        if let before = filter.before {
            parts.append("number < ?")
            arguments.append(.integer(before))
        }
        for (column, value) in [
            ("operation", filter.operation), ("subject", filter.subject), ("person", filter.person), ("action", filter.action),
        ] {
            guard let value else { continue }
            parts.append("\(column) = ?")
            arguments.append(.text(value))
        }
        let order = filter.isNewestFirst ? "number DESC" : "number"
        let (condition, values) = (parts.joined(separator: " AND "), arguments + [.integer(Int64(max(0, filter.limit)))])
        return try await self.database.read { connection in
            try connection.query(
                """
                SELECT number, time, person, action, subject, operation, reason, hash FROM audit
                WHERE \(condition) ORDER BY \(order) LIMIT ?
                """, values
            ).map(Self.auditEntry)
        }
    }

    public func lastAuditEntry() async throws -> AuditEntry? {
        try await self.database.read { connection in
            try connection.first(
                """
                SELECT number, time, person, action, subject, operation, reason, hash FROM audit ORDER BY number DESC LIMIT 1
                """, []
            ).map(Self.auditEntry)
        }
    }

    public func auditActions() async throws -> [String] {
        try await self.database.read { connection in
            try connection.query("SELECT DISTINCT action FROM audit ORDER BY action", []).map { $0.text(0) }
        }
    }

    public func firstBrokenAuditEntry() async throws -> Int64? {
        let key = self.seals.key
        return try await self.database.read { connection in
            guard let anchor = try Self.auditAnchor(key: key, connection) else { return 1 }
            var (expected, previous) = (anchor.number + 1, anchor.hash)
            var broken: Int64?
            try connection.forEach(
                "SELECT number, time, person, action, subject, operation, reason, hash FROM audit ORDER BY number", []
            ) { row in
                guard broken == nil else { return }
                let entry = Self.auditEntry(row)
                if entry.number != expected || entry.sealed(after: previous, key: key) != entry.hash { broken = expected }
                (expected, previous) = (expected + 1, entry.hash)
            }
            return broken
        }
    }

    private static func auditEntry(_ row: SQLRow) -> AuditEntry {
        AuditEntry(
            number: row.integer(0), time: row.text(1), person: row.text(2), action: row.text(3), subject: row.text(4),
            operation: row.optionalText(5), reason: row.optionalText(6), hash: row.text(7))
    }
}
