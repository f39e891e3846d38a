import Foundation
import SchoolRecords

/// The records that the documents of several school types come to. Pure.
///
/// A record's document is the source's own element, with what other elements say of it joined to it: `id`, `meta`, who is
/// in a group, which school a placement is at. A mapping makes SS 12000 of it.
struct ClassicRecords: Sendable {
    /// A role in a group, of one school type.
    struct Role: Sendable {
        let type: ClassicSchoolType
        let host: String
        let member: IMSMember
    }

    let system: String
    let organizations: [ClassicSchoolType: IMSOrganization]
    let employments: ClassicEmployments?
    let duties: ClassicSourceSettings.Duties
    /// When the documents were made: what a record says was changed when the source doesn't say.
    let made: WallClock
    private(set) var keys: [Entity: [String]] = [:]

    /// Group → the group that it is in, up to a unit.
    private(set) var parents: [String: String] = [:]
    private(set) var groupTypes: [String: String] = [:]
    /// Person → roles in groups other than contact groups.
    private(set) var roles: [String: [Role]] = [:]
    /// Derived id of a school unit → what is known of it.
    private(set) var schoolUnits: [String: ClassicSchoolUnit] = [:]
    private(set) var places: [String: Role] = [:]
    /// Duty → person and unit, where duties come from the organisation.
    private(set) var dutyHolders: [String: (person: String, unit: String)] = [:]
    private(set) var unitTypes: [String: [ClassicSchoolType]] = [:]

    var types: [ClassicSchoolType] { self.organizations.keys.sorted() }

    init(
        system: String, _ organizations: [ClassicSchoolType: IMSOrganization], employments: ClassicEmployments?,
        duties: ClassicSourceSettings.Duties, made: WallClock
    ) {
        self.system = system
        self.organizations = organizations
        self.employments = employments
        self.duties = duties
        self.made = made
        self.join()
        var persons: Set<String> = []
        var groups: Set<String> = []
        for organization in organizations.values {
            persons.formUnion(organization.persons.keys)
            groups.formUnion(organization.groups.filter { $0.value.type != "Unit" && $0.value.type != "ContactGroup" }.keys)
        }
        if let employments { persons.formUnion(employments.persons.keys) }
        self.keys[.person] = persons.sorted()
        self.keys[.group] = groups.sorted()
        self.keys[.organisation] = self.unitTypes.keys.sorted() + self.schoolUnits.keys.sorted()
        self.keys[.placement] = self.places.keys.sorted()
        self.keys[.duty] =
            self.duties == .personnel ? (employments?.placements.keys.sorted() ?? []) : self.dutyHolders.keys.sorted()
    }

    // MARK: Joining

    private mutating func join() {
        for type in self.types {
            guard let organization = self.organizations[type] else { continue }
            for (id, group) in organization.groups {
                self.groupTypes[id] = group.type
                if group.type == "Unit" { self.unitTypes[id, default: []].append(type) }
            }
            for host in organization.members.keys.sorted() where organization.groups[host]?.type != "ContactGroup" {
                for member in organization.members[host] ?? [] {
                    if member.isGroup {
                        self.parents[member.id] = host
                    } else {
                        self.roles[member.id, default: []].append(Role(type: type, host: host, member: member))
                    }
                }
            }
        }
        for (person, roles) in self.roles {
            for role in roles { self.note(role, of: person) }
        }
    }

    private mutating func note(_ role: Role, of person: String) {
        let kind = self.groupTypes[role.host] ?? ""
        if role.member.role == "Child", kind == "Department" || kind == "DepartmentGroup", !self.isInPart(of: role, person) {
            let parts = [person, role.host, role.member.begin ?? ""]
            self.places[RowID.uuid(system: self.system, entity: .placement, parts: parts)] = role
        }
        guard let unit = self.unit(of: role.host) else { return }
        for code in Self.codes(role.member) {
            let id = self.schoolUnitID(code.code)
            var known = self.schoolUnits[id] ?? ClassicSchoolUnit(code: code.code, unit: unit)
            known.take(code, type: role.type, at: role.member.modified)
            self.schoolUnits[id] = known
        }
        if self.duties == .organization, Self.staffRoles.contains(role.member.role) {
            self.dutyHolders[RowID.uuid(system: self.system, entity: .duty, parts: [person, unit])] = (person, unit)
        }
    }

    static let staffRoles: Set<String> = ["Instructor", "Mentor", "Administrator", "Principal", "GradeAuthority"]

    /// A child in a group of a department has its place there, not once more in the department.
    private func isInPart(of role: Role, _ person: String) -> Bool {
        (self.roles[person] ?? []).contains {
            $0.member.role == "Child" && self.parents[$0.host] == role.host && self.groupTypes[$0.host] == "DepartmentGroup"
        }
    }

    /// The unit that a group belongs to, itself when it is one.
    func unit(of group: String) -> String? {
        var id = group
        for _ in 0..<8 {
            if self.groupTypes[id] == "Unit" { return id }
            guard let parent = self.parents[id] else { return nil }
            id = parent
        }
        return nil
    }

    func schoolUnitID(_ code: String) -> String {
        RowID.uuid(system: self.system, entity: .organisation, parts: ["schoolunitcode", code])
    }

    /// The school unit codes that a role names: those that a head is responsible for, and those that pupils are placed at.
    static func codes(_ member: IMSMember) -> [ClassicSchoolUnit.Code] {
        let part = member.json["extension"]
        return ["responsibility", "placement"].flatMap { kind in
            (part?[kind]?.arrayValue ?? []).compactMap { ClassicSchoolUnit.Code($0) }
        }
    }

    // MARK: Looking up

    /// What a person or group is in each school type that has it, the one that was changed last at the end.
    func objects(_ id: String, _ table: (IMSOrganization) -> [String: IMSObject]) -> [(
        type: ClassicSchoolType, object: IMSObject
    )] {
        self.types.compactMap { type in
            self.organizations[type].flatMap { table($0)[id] }.map { (type, $0) }
        }.sorted { ($0.object.modified?.seconds ?? 0, $1.type) < ($1.object.modified?.seconds ?? 0, $0.type) }
    }

    func contains(_ key: RecordKey) -> Bool {
        switch key.entity {
        case .person:
            self.employments?.persons[key.id] != nil || self.organizations.values.contains { $0.persons[key.id] != nil }
        case .group:
            self.groupTypes[key.id].map { $0 != "Unit" && $0 != "ContactGroup" } ?? false
        case .organisation: self.unitTypes[key.id] != nil || self.schoolUnits[key.id] != nil
        case .placement: self.places[key.id] != nil
        case .duty: self.duties == .personnel ? self.employments?.placements[key.id] != nil : self.dutyHolders[key.id] != nil
        default: false
        }
    }

    /// A record's document; `nil` when there is no such record.
    func document(_ key: RecordKey) -> JSONValue? {
        guard self.contains(key) else { return nil }
        return switch key.entity {
        case .organisation: self.organisation(key.id)
        case .person: self.person(key.id)
        case .group: self.group(key.id)
        case .placement: self.placement(key.id)
        case .duty: self.duties == .personnel ? self.employment(key.id) : self.duty(key.id)
        default: nil
        }
    }

    func meta(_ times: [WallClock?]) -> JSONValue {
        let latest = times.compactMap(\.self).max() ?? self.made
        return ["modified": .string(Instant.text(latest.date))]
    }
}
