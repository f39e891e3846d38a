public import Hub
public import SchoolRecords

extension RolePlan {
    /// The plan as it is kept for those who decide about it.
    ///
    /// - Parameters:
    ///   - id: under which it is kept; `nil` = its own.
    ///   - time: RFC 3339 in UTC.
    public func kept(as id: String? = nil, by person: String, time: String) -> KeptRolePlan {
        var parts: [String: (counts: PlanCounts, isMass: Bool)] = [:]
        for step in self.steps {
            var part = parts[step.unit ?? ""] ?? (PlanCounts(), false)
            part.counts.add(step.action)
            if step.marks.contains(.manyRevocations) { part.isMass = true }
            parts[step.unit ?? ""] = part
        }
        return KeptRolePlan(
            id: id ?? self.id, term: self.request.term, date: self.request.date.description, madeBy: person, madeAt: time,
            undoes: self.undoes,
            parts: parts.sorted { $0.key < $1.key }.map { unit, part in
                KeptRolePlan.Part(
                    unit: unit.isEmpty ? nil : unit, granted: part.counts.granted, revoked: part.counts.revoked,
                    changed: part.counts.changed, approvers: part.isMass ? 2 : 1)
            })
    }

    /// The plan as it is stored: what stays is most of it, and tells nothing that a plan made now doesn't tell better.
    public var withoutKept: RolePlan {
        RolePlan(
            request: self.request, policyVersion: self.policyVersion, stateVersion: self.stateVersion, steps: self.steps,
            blocked: self.blocked.filter { $0.block != .systemNotRead }, unread: self.unread, undoes: self.undoes)
    }

    /// The same plan with some of its steps alone: what of it has been carried out.
    public func limited(to ids: Set<String>) -> RolePlan {
        RolePlan(
            request: self.request, policyVersion: self.policyVersion, stateVersion: self.stateVersion,
            steps: self.steps.filter { ids.contains($0.id) }, kept: self.kept, undoes: self.undoes)
    }

    /// Steps of a plan that undoes another which wouldn't find what they expect: somebody has changed it since.
    ///
    /// - Parameter held: what systems hold, by key.
    public func surprises(_ held: [GrantKey: RoleGrant]) -> [PlanMove] {
        self.steps.compactMap { step in
            let (now, before) = (held[step.key], step.before)
            // Not every system tells the days of a role.
            let hasOtherDays = now?.endDate != nil && now?.endDate != before?.endDate
            guard (now == nil) != (before == nil) || hasOtherDays else { return nil }
            return PlanMove(key: step.key, unit: step.unit, before: step, now: nil)
        }
    }

    /// Steps that haven't brought about what they should, as systems tell it.
    ///
    /// - Parameter ids: the steps that were delivered.
    public func unverified(_ ids: Set<String>, held: [GrantKey: RoleGrant]) -> [PlanEntry] {
        self.steps.filter { ids.contains($0.id) && (held[$0.key] == nil) != ($0.after == nil) }
    }
}
