public import Foundation
public import Hub

extension SQLStore: RolePlans {
    public func keep(_ plan: KeptRolePlan, document: Data) async throws -> KeptRolePlan {
        let content = String(decoding: try JSONEncoder().encode(plan), as: UTF8.self)
        let sealed = try self.seals.seal(document, context: "role-plan/\(plan.id)")
        let key = self.seals.key
        return try await self.database.write { connection in
            if var known = try Self.rolePlan(plan.id, connection) {
                // What the hub put aside itself and makes again is there again, for whoever is to look at it.
                guard known.state == .stopped,
                    [known.madeBy, known.stateBy, plan.madeBy].allSatisfy({ $0 == RolePlanMaker.schedule })
                else { return known }
                try connection.execute(
                    "UPDATE role_plan SET state = 'open', since = ? WHERE id = ?", [.text(plan.madeAt), .text(plan.id)])
                try connection.execute("DELETE FROM role_approval WHERE plan = ?", [.text(plan.id)])
                (known.state, known.since, known.approvals) = (.open, plan.madeAt, [])
                return known
            }
            try connection.execute(
                "INSERT INTO role_plan (id, state, content, document, made_at, since, state_by) VALUES (?, ?, ?, ?, ?, ?, ?)",
                [
                    .text(plan.id), .text(plan.state.rawValue), .text(content), .blob(sealed), .text(plan.madeAt),
                    .text(plan.since), .text(plan.stateBy),
                ])
            try Self.audit(
                [Deed(action: "roles.plan", subject: "role-plan/\(plan.id)")], by: plan.madeBy, time: plan.madeAt, key: key,
                connection)
            return plan
        }
    }

    public func rolePlan(_ id: String) async throws -> KeptRolePlan? {
        try await self.database.read { try Self.rolePlan(id, $0) }
    }

    public func rolePlanDocument(_ id: String) async throws -> Data? {
        let row = try await self.database.read {
            try $0.first("SELECT document FROM role_plan WHERE id = ?", [.text(id)])
        }
        guard let sealed = row?.optionalBlob(0) else { return nil }
        return try self.seals.open(sealed, context: "role-plan/\(id)")
    }

    public func rolePlans(limit: Int) async throws -> [KeptRolePlan] {
        try await self.database.read { connection in
            let rows = try connection.query(
                "SELECT id FROM role_plan ORDER BY made_at DESC, id LIMIT ?", [.integer(Int64(max(0, limit)))])
            return try rows.compactMap { try Self.rolePlan($0.text(0), connection) }
        }
    }

    @discardableResult
    public func approve(
        rolePlan id: String, units: Set<String>?, by person: String, reason: String, time: String
    ) async throws -> KeptRolePlan {
        let key = self.seals.key
        return try await self.database.write { connection in
            let plan = try Self.rolePlan(id, in: [.open], connection)
            guard person != plan.madeBy else { throw RolePlanRefusal(plan: id, reason: .ownPlan) }
            let isRule = person == RolePlanMaker.standingRule && plan.madeBy == RolePlanMaker.schedule
            guard isRule || !RolePlanMaker.names.contains(person) else {
                throw RolePlanRefusal(plan: id, reason: .notAPerson(person))
            }
            let parts = plan.parts.filter { part in units.map { part.unit.map($0.contains) ?? false } ?? true }
            if let unit = units?.subtracting(parts.compactMap(\.unit)).min() {
                throw RolePlanRefusal(plan: id, reason: .unknownUnit(unit))
            }
            for part in parts {
                try connection.execute(
                    """
                    INSERT INTO role_approval (plan, unit, made_by, time, reason) VALUES (?, ?, ?, ?, ?)
                    ON CONFLICT (plan, unit, made_by) DO NOTHING
                    """, [.text(id), .text(part.unit ?? ""), .text(person), .text(time), .text(reason)])
            }
            let subjects = units.map { $0.sorted().map { "role-plan/\(id)/\($0)" } } ?? ["role-plan/\(id)"]
            try Self.audit(
                subjects.map { Deed(action: "roles.approve", subject: $0, reason: reason) }, by: person, time: time, key: key,
                connection)
            return try Self.rolePlan(id, in: [.open], connection)
        }
    }

    @discardableResult
    public func start(
        rolePlan id: String, steps: [RoleStepState], by person: String, time: String
    ) async throws -> KeptRolePlan {
        let plan = try await self.move(id, from: [.open], to: .applying, by: person, time: time) { plan, connection in
            let units = Set(plan.approved.map(\.unit))
            guard !units.isEmpty, steps.allSatisfy({ units.contains($0.unit) }) else {
                throw RolePlanRefusal(plan: id, reason: .notApproved)
            }
            if let other = try Self.applying(connection) { throw RolePlanRefusal(plan: id, reason: .busy(other)) }
            for step in steps {
                try connection.execute(
                    "INSERT INTO role_step (plan, number, id, unit, state, sequence, note, action) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                    [
                        .text(id), .integer(Int64(step.number)), .text(step.id), .optional(step.unit),
                        .text(step.state.rawValue), step.sequence.map { .integer($0) } ?? .null, .optional(step.note),
                        .optional(step.action),
                    ])
            }
        }
        self.bell.ring()
        return plan
    }

    public func roleSteps(of id: String) async throws -> [RoleStepState] {
        let rows = try await self.database.read {
            try $0.query(
                "SELECT \(Self.stepColumns) FROM role_step WHERE plan = ? ORDER BY number", [.text(id)])
        }
        return rows.map(Self.roleStep)
    }

    static let stepColumns = "id, number, unit, state, sequence, note, action, at, taken_at"

    static func roleStep(_ row: SQLRow) -> RoleStepState {
        RoleStepState(
            id: row.text(0), number: Int(row.integer(1)), unit: row.optionalText(2),
            state: RoleStepState.State(rawValue: row.text(3)) ?? .waiting, sequence: row.optionalInteger(4),
            note: row.optionalText(5), action: row.optionalText(6), at: row.optionalText(7), takenAt: row.optionalText(8))
    }

    public func mark(_ steps: [RoleStepState], of id: String) async throws {
        guard !steps.isEmpty else { return }
        try await self.database.write { connection in
            for step in steps {
                try connection.execute(
                    """
                    UPDATE role_step SET state = ?, sequence = ?, note = ?, at = ?, taken_at = COALESCE(?, taken_at)
                    WHERE plan = ? AND number = ?
                    """,
                    [
                        .text(step.state.rawValue), step.sequence.map { .integer($0) } ?? .null, .optional(step.note),
                        .optional(step.at), .optional(step.takenAt), .text(id), .integer(Int64(step.number)),
                    ])
            }
        }
    }

    @discardableResult
    public func end(
        rolePlan id: String, _ state: KeptRolePlan.State, by person: String, time: String
    ) async throws -> KeptRolePlan {
        // A plan that waits can be put aside too.
        let from: Set<KeptRolePlan.State> = state == .stopped ? [.open, .applying] : [.applying]
        return try await self.move(id, from: from, to: state, by: person, time: time) { _, _ in }
    }

    public func applyingRolePlan() async throws -> String? { try await self.database.read { try Self.applying($0) } }

    private static func applying(_ connection: any SQLConnection) throws -> String? {
        try connection.first("SELECT id FROM role_plan WHERE state = 'applying'", [])?.text(0)
    }

    /// Moves a plan to another state, with its entry in the audit log.
    private func move(
        _ id: String, from: Set<KeptRolePlan.State>, to state: KeptRolePlan.State, by person: String, time: String,
        _ work: @escaping @Sendable (KeptRolePlan, any SQLConnection) throws -> Void
    ) async throws -> KeptRolePlan {
        let key = self.seals.key
        return try await self.database.write { connection in
            try work(try Self.rolePlan(id, in: from, connection), connection)
            try connection.execute(
                "UPDATE role_plan SET state = ?, since = ?, state_by = ?, applied_by = COALESCE(?, applied_by) WHERE id = ?",
                [
                    .text(state.rawValue), .text(time), .text(person), .optional(state == .applying ? person : nil), .text(id),
                ])
            let action = state == .applying ? "roles.apply" : "roles.\(state.rawValue)"
            try Self.audit(
                [Deed(action: action, subject: "role-plan/\(id)")], by: person, time: time, key: key, connection)
            return try Self.rolePlan(id, in: [state], connection)
        }
    }

    private static func rolePlan(
        _ id: String, in states: Set<KeptRolePlan.State>, _ connection: any SQLConnection
    ) throws -> KeptRolePlan {
        guard let plan = try Self.rolePlan(id, connection) else { throw RolePlanRefusal(plan: id, reason: .unknown) }
        guard states.contains(plan.state) else { throw RolePlanRefusal(plan: id, reason: .notAllowed(plan.state)) }
        return plan
    }

    static func rolePlan(_ id: String, _ connection: any SQLConnection) throws -> KeptRolePlan? {
        let row = try connection.first(
            "SELECT content, state, since, state_by, applied_by FROM role_plan WHERE id = ?", [.text(id)])
        guard let row else { return nil }
        var plan = try JSONDecoder().decode(KeptRolePlan.self, from: Data(row.text(0).utf8))
        plan.state = KeptRolePlan.State(rawValue: row.text(1)) ?? plan.state
        plan.since = row.text(2)
        plan.stateBy = row.text(3)
        plan.appliedBy = row.optionalText(4)
        plan.approvals = try connection.query(
            "SELECT unit, made_by, time, reason FROM role_approval WHERE plan = ? ORDER BY time, unit, made_by", [.text(id)]
        ).map { row in
            KeptRolePlan.Approval(
                unit: row.text(0).isEmpty ? nil : row.text(0), by: row.text(1), at: row.text(2), reason: row.text(3))
        }
        return plan
    }
}
