public import Hub

extension SQLStore: RoleDecisions {
    private static let decisionColumns = """
        number, kind, person, system, role, scope, reason, made_by, made_at, first, last, withdrawn_by, withdrawn_at, withdrawn_why
        """

    public func keep(_ decision: KeptRoleDecision) async throws -> KeptRoleDecision {
        let key = self.seals.key
        return try await self.database.write { connection in
            let row = try connection.first(
                """
                INSERT INTO role_decision (kind, person, system, role, scope, reason, made_by, made_at, first, last)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING number
                """,
                [
                    .text(decision.kind.rawValue), .text(decision.person), .text(decision.system), .text(decision.role),
                    .text(decision.scope), .text(decision.reason), .text(decision.by), .text(decision.at),
                    .optional(decision.first), .optional(decision.last),
                ])
            var kept = decision
            kept.id = Self.decisionID(row?.integer(0) ?? 0)
            let action = decision.kind == .grant ? "roles.give" : "roles.deny"
            try Self.audit(
                [Deed(action: action, subject: "role-\(kept.id)", reason: decision.reason)], by: decision.by, time: decision.at,
                key: key, connection)
            return kept
        }
    }

    public func withdraw(
        roleDecision id: String, by person: String, reason: String, time: String
    ) async throws -> KeptRoleDecision? {
        guard let number = Self.decisionNumber(id) else { return nil }
        let key = self.seals.key
        return try await self.database.write { connection in
            let changed = try connection.execute(
                """
                UPDATE role_decision SET withdrawn_by = ?, withdrawn_at = ?, withdrawn_why = ?
                WHERE number = ? AND withdrawn_at IS NULL
                """, [.text(person), .text(time), .text(reason), .integer(number)])
            guard changed > 0 else { return nil }
            try Self.audit(
                [Deed(action: "roles.withdraw", subject: "role-\(Self.decisionID(number))", reason: reason)], by: person,
                time: time, key: key,
                connection)
            return try connection.first(
                "SELECT \(Self.decisionColumns) FROM role_decision WHERE number = ?", [.integer(number)]
            ).map(Self.decision)
        }
    }

    public func roleDecisions(of person: String?) async throws -> [KeptRoleDecision] {
        let (condition, values) = person.map { ("WHERE person = ?", [SQLValue.text($0)]) } ?? ("", [])
        return try await self.database.read { connection in
            try connection.query(
                "SELECT \(Self.decisionColumns) FROM role_decision \(condition) ORDER BY number", values
            ).map(Self.decision)
        }
    }

    private static func decisionID(_ number: Int64) -> String { "decision-\(number)" }

    private static func decisionNumber(_ id: String) -> Int64? {
        id.hasPrefix("decision-") ? Int64(id.dropFirst("decision-".count)) : Int64(id)
    }

    private static func decision(_ row: SQLRow) -> KeptRoleDecision {
        let withdrawal = row.optionalText(12).map { at in
            KeptRoleDecision.Withdrawal(by: row.optionalText(11) ?? "", at: at, reason: row.optionalText(13) ?? "")
        }
        return KeptRoleDecision(
            id: Self.decisionID(row.integer(0)), KeptRoleDecision.Kind(rawValue: row.text(1)) ?? .denial, person: row.text(2),
            system: row.text(3), role: row.text(4), scope: row.text(5), reason: row.text(6), by: row.text(7), at: row.text(8),
            first: row.optionalText(9), last: row.optionalText(10), withdrawal: withdrawal)
    }
}
