import Foundation
public import Hub
public import SchoolRecords

extension SQLStore: RoleHistory {
    public func heldRoles(of person: String) async throws -> [HeldRoleSpan] {
        try await self.database.read { connection in
            try connection.query(
                "SELECT system, role, scope, began, ended FROM held_role WHERE person = ? ORDER BY began, number", [.text(person)]
            ).map { row in
                HeldRoleSpan(
                    system: row.text(0), role: row.text(1), scope: row.text(2), began: row.text(3), ended: row.optionalText(4))
            }
        }
    }

    public func roleDeeds(of ids: Set<String>) async throws -> [String: [RoleDeed]] {
        try await self.database.read { connection in
            var steps: [(plan: String, step: RoleStepState)] = []
            for chunk in SQLChunk.of(ids.map(SQLValue.text)) {
                try connection.forEach(
                    "SELECT \(Self.stepColumns), plan FROM role_step WHERE id IN (\(chunk.marks))", chunk.values
                ) { row in steps.append((row.text(9), Self.roleStep(row))) }
            }
            var plans: [String: KeptRolePlan] = [:]
            for plan in Set(steps.map(\.plan)) { plans[plan] = try Self.rolePlan(plan, connection) }
            var deeds: [String: [(time: String, deed: RoleDeed)]] = [:]
            for (plan, step) in steps {
                guard let kept = plans[plan] else { continue }
                let approvers = kept.approvals.filter { $0.unit == step.unit }.map(\.by)
                let deed = RoleDeed(
                    plan: plan, step: step, madeBy: kept.madeBy, approvedBy: approvers,
                    appliedBy: kept.appliedBy)
                deeds[step.id, default: []].append((kept.since, deed))
            }
            return deeds.mapValues { $0.sorted { ($0.time, $0.deed.plan) < ($1.time, $1.deed.plan) }.map(\.deed) }
        }
    }

    public func accountStates(in system: String) async throws -> [String: AccountState]? {
        try await self.database.read { connection in
            let records = try connection.first(
                "SELECT COUNT(*) FROM record WHERE entity = 'accountstatus' AND source = ? AND operation = 'upserted'",
                [.text(system)])
            var (count, states): (Int64, [String: AccountState]) = (0, [:])
            try connection.forEach("SELECT person, state FROM account_state WHERE system = ?", [.text(system)]) { row in
                count += 1
                states[row.text(0)] = AccountState(rawValue: row.text(1))
            }
            return count == records?.integer(0) ? states : nil
        }
    }

    public func keep(readiness: [RoleReadiness]) async throws {
        let rows = try readiness.map { ($0.unit, String(decoding: try JSONEncoder().encode($0), as: UTF8.self)) }
        try await self.database.write { connection in
            try connection.execute("DELETE FROM role_readiness", [])
            for (unit, content) in rows {
                try connection.execute("INSERT INTO role_readiness (unit, content) VALUES (?, ?)", [.text(unit), .text(content)])
            }
        }
    }

    public func roleReadiness() async throws -> [RoleReadiness] {
        let rows = try await self.database.read { try $0.query("SELECT content FROM role_readiness ORDER BY unit", []) }
        return try rows.map { try JSONDecoder().decode(RoleReadiness.self, from: Data($0.text(0).utf8)) }
    }

    public func keep(run: RoleScheduleRun, by person: String, rule: String) async throws {
        let content = String(decoding: try JSONEncoder().encode(run), as: UTF8.self)
        let key = self.seals.key
        try await self.database.write { connection in
            try connection.execute("INSERT INTO role_run (content) VALUES (?)", [.text(content)])
            try Self.audit(
                [Deed(action: "roles.schedule", subject: "role-run/\(run.errand)", reason: rule)], by: person, time: run.time,
                key: key, connection)
        }
    }

    public func roleScheduleRuns(limit: Int) async throws -> [RoleScheduleRun] {
        let rows = try await self.database.read {
            try $0.query("SELECT content FROM role_run ORDER BY number DESC LIMIT ?", [.integer(Int64(max(0, limit)))])
        }
        return try rows.map { try JSONDecoder().decode(RoleScheduleRun.self, from: Data($0.text(0).utf8)) }
    }
}

extension Taking {
    /// Keeps from when to when a system has said that somebody holds a role.
    func remember(_ change: Change) throws {
        let id = change.state.key.id
        let body = try change.state.isGone ? nil : change.state.body.map { try RoleGrant(json: JSONValue(parsing: $0)) }
        guard let grant = body else {
            try self.endHeldRole(id)
            return
        }
        let known = try self.connection.first(
            "SELECT person, role, scope FROM held_role WHERE id = ? AND ended IS NULL", [.text(id)])
        if let known {
            // Other days are no other role.
            if known.text(0) == grant.person.id, known.text(1) == grant.role, known.text(2) == grant.scopeText { return }
            try self.endHeldRole(id)
        }
        try self.connection.execute(
            "INSERT INTO held_role (id, person, system, role, scope, began) VALUES (?, ?, ?, ?, ?, ?)",
            [
                .text(id), .text(grant.person.id), .text(self.source), .text(grant.role), .text(grant.scopeText),
                .text(self.time),
            ])
    }

    /// Keeps who has which account.
    func note(account change: Change) throws {
        let id = SQLValue.text(change.state.key.id)
        try self.connection.execute("DELETE FROM account_state WHERE id = ?", [id])
        guard !change.state.isGone, let body = change.state.body else { return }
        let account = try AccountStatus(json: JSONValue(parsing: body))
        guard account.system == self.source else { return }
        try self.connection.execute(
            "INSERT INTO account_state (id, system, person, state) VALUES (?, ?, ?, ?)",
            [id, .text(self.source), .text(account.person.id), .text(account.state.rawValue)])
    }

    private func endHeldRole(_ id: String) throws {
        try self.connection.execute(
            "UPDATE held_role SET ended = ? WHERE id = ? AND ended IS NULL", [.text(self.time), .text(id)])
    }
}
