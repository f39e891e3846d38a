public import Hub
public import Mapping
import Messaging
import Provisioning
public import SchoolRecords

/// A role that is given or denied by hand, before it is decided.
public struct RoleDecisionRequest: Sendable {
    public var kind: KeptRoleDecision.Kind
    /// The person's id.
    public var person: String
    public var role: RoleName
    /// A school or unit by code, name or id.
    public var unit: String?
    public var group: String?
    public var pupil: String?
    public var first: CalendarDate?
    public var last: CalendarDate?
    public var reason: String

    public init(
        _ kind: KeptRoleDecision.Kind, person: String, role: RoleName, unit: String? = nil, group: String? = nil,
        pupil: String? = nil, first: CalendarDate? = nil, last: CalendarDate? = nil, reason: String
    ) {
        self.kind = kind
        self.person = person
        self.role = role
        self.unit = unit
        self.group = group
        self.pupil = pupil
        self.first = first
        self.last = last
        self.reason = reason
    }
}

extension HubContext {
    /// Keeps a decision about a role by hand; the next plan heeds it.
    ///
    /// - Throws: ``AppError`` naming what isn't there, or what can't be, before anything is kept.
    public func decideRole(
        _ request: RoleDecisionRequest, by person: String, clock: HubClock = .system
    ) async throws -> KeptRoleDecision {
        let entry = try self.roleEntry(request.role)
        let scope = try await self.scope(of: request, entry)
        let key = RecordKey(.person, request.person)
        guard try await self.store.holds([key, self.key.opaqueKey(for: key)]).isEmpty else {
            throw AppError(
                .notAllowed, sv: "Personen har skyddad identitet: inget kan bestämmas om den här.",
                en: "The person's identity is protected: nothing can be decided about it here.")
        }
        guard try await self.store.records([key])[key]?.operation == .upserted else {
            throw AppError(.notFound, sv: "Hubben känner ingen sådan person.", en: "The hub knows of no such person.")
        }
        let today = clock.calendarDate
        if request.kind == .grant, request.last == nil {
            throw AppError(
                .notFound, sv: "En roll för hand har en sista dag: --until DATUM.",
                en: "A role by hand has a last day: --until DATE.")
        }
        if let last = request.last, last < (request.first ?? today) || last < today {
            throw AppError(
                .notFound, sv: "--until \(last): den dagen är före den första, eller har varit.",
                en: "--until \(last): that day is before the first one, or is past.")
        }
        return try await self.store.keep(
            KeptRoleDecision(
                request.kind, person: request.person, system: request.role.system, role: request.role.role,
                scope: scope.description, reason: request.reason, by: person, at: clock.timestamp,
                first: request.first.map(\.description), last: request.last.map(\.description)))
    }

    /// Withdraws a decision.
    ///
    /// - Throws: ``AppError`` when there is none that stands.
    public func withdrawRole(
        _ id: String, by person: String, reason: String, clock: HubClock = .system
    ) async throws -> KeptRoleDecision {
        guard
            let decision = try await self.store.withdraw(
                roleDecision: id, by: person, reason: reason, time: clock.timestamp)
        else {
            throw AppError(
                .notFound, sv: "Inget beslut \(id) står kvar. Se: knutpunkt roles decisions",
                en: "There is no decision \(id) that stands. See: knutpunkt roles decisions")
        }
        return decision
    }

    /// The catalogue's entry of a role.
    private func roleEntry(_ role: RoleName) throws -> RoleCatalog.Role {
        let catalogs = try self.rolePolicy().vocabulary.catalogs
        guard let catalog = catalogs[role.system] else {
            let known = catalogs.keys.sorted().joined(separator: ", ")
            throw AppError(
                .notFound, sv: "Mappings/roles har inget system \(role.system). Det finns: \(known)",
                en: "Mappings/roles has no system \(role.system). There are: \(known)")
        }
        guard let entry = catalog.roles[role.role] else {
            let known = catalog.roles.keys.sorted().joined(separator: ", ")
            throw AppError(
                .notFound, sv: "\(role.system) har ingen roll \(role.role). Det finns: \(known)",
                en: "\(role.system) has no role \(role.role). There are: \(known)")
        }
        guard !entry.comesWithRecords else {
            throw AppError(
                .notFound, sv: "\(role) kommer med posterna (\(entry.place)): den kan inte ges eller nekas.",
                en: "\(role) comes with records (\(entry.place)): it can be neither given nor denied.")
        }
        return entry
    }

    private func scope(
        of request: RoleDecisionRequest, _ entry: RoleCatalog.Role
    ) async throws -> GrantScope {
        let scope: GrantScope
        if let unit = request.unit {
            scope = .unit(try await self.organisation(named: unit))
        } else if let group = request.group {
            scope = .group(try await self.living(.group, group))
        } else if let pupil = request.pupil {
            scope = .pupil(try await self.living(.person, pupil))
        } else {
            scope = .municipality
        }
        guard entry.scopes.contains(scope.kind) else {
            func known(_ language: Language) -> String {
                let options: [RoleScope: String] = [
                    .unit: "--unit", .group: "--group", .pupil: "--pupil",
                    .municipality: language(sv: "ingen av dem", en: "none of them"),
                ]
                return entry.scopes.compactMap { options[$0] }.joined(separator: ", ")
            }
            throw AppError(
                .notFound, sv: "\(request.role) kan inte gälla så (\(entry.place)). Den tar: \(known(.sv))",
                en: "\(request.role) can't hold there (\(entry.place)). It takes: \(known(.en))")
        }
        return scope
    }

    private func living(_ entity: Entity, _ id: String) async throws -> String {
        let key = RecordKey(entity, RecordKey.normalID(id))
        guard try await self.store.records([key])[key]?.operation == .upserted else {
            throw AppError(
                .notFound, sv: "Det finns ingen post \(entity.rawValue) med det id:t.",
                en: "There is no \(entity.rawValue) with that id.")
        }
        return key.id
    }
}

extension ManualDecision {
    /// A decision that was kept; `nil` when it isn't one, or never came to hold. One that was withdrawn is over since then.
    init?(_ kept: KeptRoleDecision) {
        guard let scope = GrantScope(kept.scope) else { return nil }
        let decided = CalendarDate(String(kept.at.prefix(10)))
        var last = kept.last.flatMap { CalendarDate($0) }
        if let withdrawn = kept.withdrawal.flatMap({ CalendarDate(String($0.at.prefix(10))) }) {
            let before = CalendarDate(daysSinceEpoch: withdrawn.daysSinceEpoch - 1)
            last = last.map { min($0, before) } ?? before
        }
        self.init(
            id: kept.id, kept.kind == .grant ? .grant : .denial, person: kept.person,
            role: RoleName(system: kept.system, role: kept.role), scope: scope, reason: kept.reason, by: kept.by,
            first: kept.first.flatMap { CalendarDate($0) } ?? decided, last: last)
    }
}
