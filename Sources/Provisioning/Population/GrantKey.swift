import Hub
public import Mapping
import SchoolRecords

/// Where a role holds.
public enum GrantScope: Sendable, Hashable, Comparable, CustomStringConvertible {
    /// In the whole system.
    case municipality
    /// A school's or unit's id.
    case unit(String)
    /// A group's id.
    case group(String)
    /// A pupil's or child's id.
    case pupil(String)

    /// The kind of scope.
    public var kind: RoleScope {
        switch self {
        case .municipality: .municipality
        case .unit: .unit
        case .group: .group
        case .pupil: .pupil
        }
    }

    /// What it names; empty for the whole system.
    public var id: String {
        switch self {
        case .municipality: ""
        case .unit(let id), .group(let id), .pupil(let id): id
        }
    }

    /// `municipality`, `unit/…`, `group/…`, `pupil/…`.
    public var description: String { self == .municipality ? "municipality" : "\(self.kind.rawValue)/\(self.id)" }

    /// Reads ``description``.
    public init?(_ text: String) {
        if text == "municipality" {
            self = .municipality
            return
        }
        guard let slash = text.firstIndex(of: "/") else { return nil }
        let id = String(text[text.index(after: slash)...])
        switch RoleScope(rawValue: String(text[..<slash])) {
        case .unit where !id.isEmpty: self = .unit(id)
        case .group where !id.isEmpty: self = .group(id)
        case .pupil where !id.isEmpty: self = .pupil(id)
        default: return nil
        }
    }
}

/// What tells one grant from another: there is at most one for each.
public struct GrantKey: Sendable, Hashable, Comparable {
    public let person: String
    public let name: RoleName
    public let scope: GrantScope

    public init(person: String, name: RoleName, scope: GrantScope) {
        self.person = person
        self.name = name
        self.scope = scope
    }

    /// The id of the grant: the same wherever and whenever it is made.
    public var id: String {
        RoleGrant.derivedID(of: self.person, system: self.name.system, role: self.name.role, scope: self.scope.description)
    }

    public static func < (left: GrantKey, right: GrantKey) -> Bool {
        if left.person != right.person { return left.person < right.person }
        return left.name == right.name ? left.scope < right.scope : left.name < right.name
    }
}

extension GrantKey {
    /// The key of a grant as it stands; where it holds is for the policy to say, see ``RoleDecider``.
    init(_ grant: RoleGrant) {
        self.init(
            person: grant.person.id, name: RoleName(system: grant.system, role: grant.role),
            scope: GrantScope(grant.scopeText) ?? .municipality)
    }

    /// The grant of this key.
    func grant(duty: String?, rule: String?, from first: CalendarDate?, to last: CalendarDate?) -> RoleGrant {
        let (unit, group, pupil): (String?, String?, String?) =
            switch self.scope {
            case .municipality: (nil, nil, nil)
            case .unit(let id): (id, nil, nil)
            case .group(let id): (nil, id, nil)
            case .pupil(let id): (nil, nil, id)
            }
        return RoleGrant(
            id: self.id, person: self.person, system: self.name.system, role: self.name.role, organisation: unit, group: group,
            pupil: pupil, duty: duty, rule: rule, startDate: first, endDate: last)
    }
}
