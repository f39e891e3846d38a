public import Hub
import Mapping
public import Provisioning
public import SchoolRecords

/// How a person's roles came to their systems.
public struct RoleOrigins: Sendable {
    /// What plans have done, by the grant's id.
    public let deeds: [String: [RoleDeed]]
    /// What systems have told.
    public let spans: [HeldRoleSpan]

    public init(deeds: [String: [RoleDeed]], spans: [HeldRoleSpan]) {
        self.deeds = deeds
        self.spans = spans
    }

    /// The plan that gave a role that somebody has, or last changed its days; `nil` when no plan did, or one has taken it since.
    public func origin(of key: GrantKey) -> RoleDeed? {
        let last = (self.deeds[key.id] ?? []).last { $0.step.state == .delivered }
        return last.flatMap { $0.revokes ? nil : $0 }
    }

    /// What the latest plan has begun and not brought to an end.
    public func pending(_ key: GrantKey) -> RoleDeed? {
        (self.deeds[key.id] ?? []).last.flatMap { deed in
            [.waiting, .taken, .failed, .dependent].contains(deed.step.state) ? deed : nil
        }
    }

    /// Since when the system has told of a role that it holds.
    public func since(_ key: GrantKey) -> String? {
        self.spans.last {
            $0.system == key.name.system && $0.role == key.name.role && $0.scope == key.scope.description && $0.ended == nil
        }?.began
    }
}

/// A role that somebody has had in a system.
public struct PastRole: Sendable {
    public let span: HeldRoleSpan
    /// What gave it; `nil` when it wasn't the hub.
    public let given: RoleDeed?
    /// What took it.
    public let taken: RoleDeed?
}

extension HubContext {
    /// How roles came to their systems.
    ///
    /// - Parameter entries: what is known of the person's roles, see ``RolePlanner/explain(_:system:)``.
    public func roleOrigins(of person: String, _ entries: [PlanEntry]) async throws -> RoleOrigins {
        let spans = try await self.store.heldRoles(of: person)
        let ids = Set(entries.map(\.key.id)).union(spans.map { RoleOrigins.grantID(person, $0) })
        return RoleOrigins(deeds: try await self.store.roleDeeds(of: ids), spans: spans)
    }

    /// The roles that a person has had, as systems told of them, in the order of time.
    ///
    /// - Parameters:
    ///   - date: only those of this day, at its end; `nil` = all.
    ///   - system: only this one.
    public func pastRoles(of person: String, at date: CalendarDate?, system: String?) async throws -> [PastRole] {
        try await self.roleOrigins(of: person, []).past(of: person, at: date, system: system)
    }
}

extension RoleOrigins {
    /// See ``HubContext/pastRoles(of:at:system:)``.
    public func past(of person: String, at date: CalendarDate?, system: String?) -> [PastRole] {
        let moment = date.map(HubClock.lastMoment)
        return self.spans.filter { span in
            (system == nil || span.system == system) && (moment.map(span.holds) ?? true)
        }.map { span in
            // What didn't reach its system neither gave nor took anything.
            let deeds = (self.deeds[Self.grantID(person, span)] ?? []).filter { $0.step.state == .delivered }
            // What gave it had been handed in before the system told of it, what took it before the system told that it is gone.
            func begun(_ deed: RoleDeed) -> String { deed.step.takenAt ?? deed.step.at ?? "~" }
            let last = deeds.last { begun($0) <= span.began }
            let given = last.flatMap { $0.revokes ? nil : $0 }
            let taken = span.ended.flatMap { end in
                deeds.last { $0.revokes && span.began <= ($0.step.at ?? begun($0)) && begun($0) <= end }
            }
            return PastRole(span: span, given: given, taken: taken)
        }
    }

    static func grantID(_ person: String, _ span: HeldRoleSpan) -> String {
        RoleGrant.derivedID(of: person, system: span.system, role: span.role, scope: span.scope)
    }
}

extension RoleDeed {
    var revokes: Bool { self.step.action == PlanEntry.Action.revoke.rawValue }
}

/// How roles came about, for people to read.
public struct RoleOriginText: Sendable {
    private let language: Language

    public init(_ language: Language) { self.language = language }

    /// `delivered 2026-08-10T08:12:00Z by plan-…, made by a, approved by b, applied by c`.
    public func line(_ deed: RoleDeed) -> String {
        let by =
            self.language(
                sv: "\(deed.plan), gjord av \(deed.madeBy), godkänd av \(self.names(deed.approvedBy)), genomförd av ",
                en: "\(deed.plan), made by \(deed.madeBy), approved by \(self.names(deed.approvedBy)), applied by ")
            + (deed.appliedBy ?? "–")
        return "\(self.state(deed.step)): \(by)\(self.look(deed.step))"
    }

    /// How far a step has come, and where to look.
    func whereabouts(_ step: RoleStepState) -> String { self.state(step) + self.look(step) }

    private func names(_ names: [String]) -> String { names.isEmpty ? "–" : names.joined(separator: ", ") }

    private func state(_ step: RoleStepState) -> String {
        let at = step.at.map { " \($0)" } ?? ""
        switch step.state {
        case .delivered: return self.language(sv: "levererad", en: "delivered") + at
        case .waiting: return self.language(sv: "väntar på sin tur", en: "waits for its turn")
        case .taken: return self.language(sv: "på väg", en: "on its way") + at
        case .nothing: return self.language(sv: "inget att skriva", en: "nothing to write") + at
        case .failed: return self.language(sv: "misslyckad", en: "failed") + at
        case .dependent: return self.language(sv: "väntar på en annan post", en: "waits for another record") + at
        case .left: return self.language(sv: "inte utförd", en: "left") + at
        }
    }

    /// Where to look, for what hasn't arrived.
    private func look(_ step: RoleStepState) -> String {
        guard step.state != .delivered else { return "" }
        let note = step.note ?? ""
        if note.hasPrefix("failure/"), let number = note.dropFirst("failure/".count).split(separator: ":").first {
            return "  → knutpunkt failed show \(number)"
        }
        if note.hasPrefix("held/") { return "  → knutpunkt held show \(note.dropFirst("held/".count))" }
        return "  → knutpunkt trace rolegrant/\(step.id)"
    }
}
