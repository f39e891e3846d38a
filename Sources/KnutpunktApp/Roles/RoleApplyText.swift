public import Hub
import Mapping
public import Provisioning
import SchoolRecords

/// Plans that are decided about and applied, for people to read.
public struct RoleApplyText: Sendable {
    let language: Language
    let places: [String: String]

    /// - Parameter places: organisation id → name.
    public init(_ language: Language, places: [String: String]) {
        self.language = language
        self.places = places
    }

    private func place(_ unit: String?) -> String {
        guard let unit else { return self.language(sv: "hela kommunen", en: "the whole municipality") }
        return self.places[unit] ?? unit
    }

    private func state(_ state: KeptRolePlan.State) -> String {
        switch state {
        case .open: self.language(sv: "väntar", en: "open")
        case .applying: self.language(sv: "genomförs", en: "applying")
        case .applied: self.language(sv: "genomförd", en: "applied")
        case .stopped: self.language(sv: "stoppad", en: "stopped")
        }
    }

    private func state(_ state: RoleStepState.State) -> String {
        switch state {
        case .waiting: self.language(sv: "väntar på sin tur", en: "waiting")
        case .taken: self.language(sv: "på väg", en: "on the way")
        case .delivered: self.language(sv: "levererade", en: "delivered")
        case .nothing: self.language(sv: "inget att skriva", en: "nothing to write")
        case .failed: self.language(sv: "misslyckade", en: "failed")
        case .dependent: self.language(sv: "väntar på annan post", en: "waiting for another record")
        case .left: self.language(sv: "inte utförda", en: "left")
        }
    }

    /// A plan on a line.
    public func line(_ plan: KeptRolePlan) -> String {
        let sum = plan.parts.reduce(into: (0, 0, 0)) { sum, part in
            sum = (sum.0 + part.granted, sum.1 + part.changed, sum.2 + part.revoked)
        }
        let undoes = plan.undoes.map { self.language(sv: "  ångrar \($0)", en: "  undoes \($0)") } ?? ""
        return "\(plan.id)  \(self.state(plan.state))  \(plan.term ?? plan.date)  +\(sum.0) ~\(sum.1) -\(sum.2)  "
            + self.language(
                sv: "\(plan.approved.count) av \(plan.parts.count) delar godkända  \(plan.madeBy)  \(plan.madeAt)",
                en: "\(plan.approved.count) of \(plan.parts.count) parts approved  \(plan.madeBy)  \(plan.madeAt)")
            + undoes
    }

    /// What a plan still waits for, and what to do.
    public func lacking(_ plan: KeptRolePlan) -> [String] {
        guard plan.state == .open else { return [] }
        var lines = plan.parts.compactMap { part -> String? in
            let lacking = plan.lacking(part)
            guard lacking > 0 else { return nil }
            return self.language(
                sv: "  \(self.place(part.unit)): \(lacking) godkännande till",
                en: "  \(self.place(part.unit)): \(lacking) more approval\(lacking == 1 ? "" : "s")")
        }
        if lines.count > 20 {
            let more = lines.count - 20
            lines = lines.prefix(20) + [self.language(sv: "  och \(more) till", en: "  and \(more) more")]
        }
        if !lines.isEmpty {
            lines.append(
                self.language(sv: "Någon annan: ", en: "Somebody else: ") + "knutpunkt roles approve \(plan.id) --reason \"…\"")
        }
        if !plan.approved.isEmpty {
            lines.append(self.language(sv: "Genomför: ", en: "Carry it out: ") + "knutpunkt roles apply \(plan.id)")
        }
        return lines
    }

    /// Refuses a plan of which no part may be applied yet, and says what it needs.
    ///
    /// - Throws: ``AppError``.
    public func requireApproval(_ plan: KeptRolePlan) throws {
        guard plan.state == .open, plan.approved.isEmpty else { return }
        let refusal = RolePlanRefusal(plan: plan.id, reason: .notApproved).error
        func message(_ language: Language) -> String {
            ([refusal.message(in: language)] + RoleApplyText(language, places: self.places).lacking(plan)).joined(
                separator: "\n")
        }
        throw AppError(refusal.code, sv: message(.sv), en: message(.en), cause: refusal.cause)
    }

    /// How many steps are where.
    public func counts(_ progress: RolePlanProgress) -> String {
        RoleStepState.State.allCases.compactMap { state in
            progress.counts[state].map { "\($0) \(self.state(state))" }
        }.joined(separator: ", ")
    }

    /// Everything about one plan.
    public func lines(_ progress: RolePlanProgress, steps: Bool) -> [String] {
        var lines = [self.line(progress.kept)]
        for approval in progress.kept.approvals {
            let (word, place) = (self.language(sv: "godkänd", en: "approved"), self.place(approval.unit))
            lines.append("  \(word) \(place)  \(approval.by)  \(approval.at)  \(approval.reason)")
        }
        lines += self.lacking(progress.kept)
        if !progress.steps.isEmpty { lines.append("  " + self.counts(progress)) }
        guard steps else { return lines }
        let open: Set<RoleStepState.State> = [.failed, .dependent, .left]
        for step in progress.steps where open.contains(step.state) && progress.plan.steps.indices.contains(step.number) {
            let entry = progress.plan.steps[step.number]
            lines.append(
                "  \(entry.action.sign) \(entry.key.name)  \(self.place(step.unit))  \(self.state(step.state))  \(step.note ?? "")"
                    + "  knutpunkt trace rolegrant/\(step.id)")
        }
        return lines
    }

    /// That applying has begun, or could.
    public func begun(steps: Int, units: Int, dryRun: Bool) -> String {
        dryRun
            ? self.language(
                sv: "\(steps) steg i \(units) delar skulle genomföras. Inget har ändrats (--dry-run).",
                en: "\(steps) steps in \(units) parts would be taken. Nothing was changed (--dry-run).")
            : self.language(
                sv: "\(steps) steg i \(units) delar genomförs av hubben.", en: "The hub takes \(steps) steps in \(units) parts.")
    }

    /// Why a plan isn't applied.
    public func moved(_ moved: MovedRolePlan) -> [String] {
        var lines = [
            self.language(
                sv: "Planen \(moved.plan.id) stämmer inte längre: inget har ändrats. Gör en ny: knutpunkt roles plan",
                en: "The plan \(moved.plan.id) isn't what it would be today: nothing was changed. Make a new one: "
                    + "knutpunkt roles plan")
        ]
        if moved.policyHasMoved {
            lines.append(self.language(sv: "  roles.yaml har ändrats", en: "  roles.yaml has been changed"))
        }
        for move in moved.moves.prefix(20) {
            let before = move.before?.action.sign ?? " "
            let now = move.now?.action.sign ?? " "
            lines.append("  \(before) → \(now)  \(move.key.name)  \(self.place(move.unit))  \(move.key.person)")
        }
        if moved.moves.count > 20 {
            lines.append(
                self.language(sv: "  och \(moved.moves.count - 20) till", en: "  and \(moved.moves.count - 20) more"))
        }
        return lines
    }

    /// That a system's word is older than the plan.
    public func isOld(_ system: String) -> String {
        self.language(
            sv: "\(system): det systemet senast lämnade är äldre än planen. Låt det lämna en ny fil, och försök igen.",
            en: "\(system): what the system has left is older than the plan. Have it leave a new file, and try again.")
    }

    /// What systems hold of what a plan did.
    public func verified(_ progress: RolePlanProgress, _ wrong: [PlanEntry]) -> [String] {
        let count = progress.delivered.count
        guard !wrong.isEmpty else {
            return [
                self.language(
                    sv: "Systemen har allt som planen gav, och inget som den tog: \(count) steg.",
                    en: "The systems hold all that the plan gave, and nothing that it took: \(count) steps.")
            ]
        }
        let title = self.language(
            sv: "\(wrong.count) av \(count) steg syns inte i systemen:", en: "\(wrong.count) of \(count) steps don't show:")
        return [title]
            + wrong.prefix(50).map { entry in
                "  \(entry.action.sign) \(entry.key.name)  \(self.place(entry.unit))  knutpunkt trace rolegrant/\(entry.id)"
            }
    }
}
