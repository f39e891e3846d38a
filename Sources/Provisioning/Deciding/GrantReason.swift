public import Mapping
public import SchoolRecords

/// A link of the chain from a source record to a grant.
public struct GrantReason: Sendable, Hashable, Comparable {
    /// The rule's name, or the manual decision's id.
    public let rule: String
    /// Where the rule stands; `nil` for a manual decision.
    public let place: RulePlace?
    /// The record that the rule looked at; for a manual decision the person.
    public let source: RecordKey
    public let duty: String?
    /// When the role holds by this reason; an open side has no day.
    public let first: CalendarDate?
    public let last: CalendarDate?

    public init(
        rule: String, place: RulePlace?, source: RecordKey, duty: String? = nil, first: CalendarDate? = nil,
        last: CalendarDate? = nil
    ) {
        self.rule = rule
        self.place = place
        self.source = source
        self.duty = duty
        self.first = first
        self.last = last
    }

    public static func < (left: GrantReason, right: GrantReason) -> Bool {
        (left.place?.line ?? 0, left.rule, left.source, left.duty ?? "", left.first?.daysSinceEpoch ?? .min)
            < (right.place?.line ?? 0, right.rule, right.source, right.duty ?? "", right.first?.daysSinceEpoch ?? .min)
    }
}

/// Why somebody doesn't get a role that a rule gives.
public enum BlockReason: Sendable, Hashable {
    /// The system has no account for the person, or has closed it.
    case noAccount
    /// The person's identity is protected, and the system isn't cleared for such.
    case protectedPerson
    /// The duty's title code isn't in the code table.
    case unknownTitleCode(String)
    /// The duty has no title code.
    case noTitleCode
    /// A denial of the policy; its name.
    case denied(String)
    /// Somebody has decided so; the decision's id.
    case deniedByHand(String)
    /// It must not meet another role of the person.
    case exclusion(String, RoleName, GrantScope)
    /// The role that it must not meet is revoked by what this plan leaves out.
    case waitsForRevocation(RoleName, GrantScope)
    /// It isn't taken: the person gets the role elsewhere, by what this plan leaves out.
    case waitsForGrant(RoleName, GrantScope)
    /// The system hasn't told which roles it holds.
    case systemNotRead

    /// Whether a role that is held stays: what is missing is on our side, and nobody has said no.
    var keepsHeld: Bool {
        switch self {
        case .noAccount, .unknownTitleCode, .noTitleCode: true
        case .protectedPerson, .denied, .deniedByHand, .exclusion, .waitsForRevocation, .waitsForGrant,
            .systemNotRead:
            false
        }
    }

    /// A stable word, e.g. for metrics.
    public var code: String {
        switch self {
        case .noAccount: "no-account"
        case .protectedPerson: "protected-person"
        case .unknownTitleCode: "unknown-title-code"
        case .noTitleCode: "no-title-code"
        case .denied: "denied"
        case .deniedByHand: "denied-by-hand"
        case .exclusion: "exclusion"
        case .waitsForRevocation: "waits-for-revocation"
        case .waitsForGrant: "waits-for-grant"
        case .systemNotRead: "system-not-read"
        }
    }

    /// What is more, by name: the title code, the denial, the exclusion and the other role.
    var details: [String] {
        switch self {
        case .noAccount, .protectedPerson, .noTitleCode, .systemNotRead: []
        case .unknownTitleCode(let text), .denied(let text), .deniedByHand(let text): [text]
        case .exclusion(let name, let role, let scope): [name, role.system, role.role, scope.description]
        case .waitsForRevocation(let role, let scope), .waitsForGrant(let role, let scope):
            [role.system, role.role, scope.description]
        }
    }

    init?(code: String, details: [String]) {
        func other(_ index: Int) -> (RoleName, GrantScope)? {
            guard details.count == index + 3, let scope = GrantScope(details[index + 2]) else { return nil }
            return (RoleName(system: details[index], role: details[index + 1]), scope)
        }
        switch code {
        case "no-account": self = .noAccount
        case "protected-person": self = .protectedPerson
        case "no-title-code": self = .noTitleCode
        case "system-not-read": self = .systemNotRead
        case "unknown-title-code" where details.count == 1: self = .unknownTitleCode(details[0])
        case "denied" where details.count == 1: self = .denied(details[0])
        case "denied-by-hand" where details.count == 1: self = .deniedByHand(details[0])
        case "exclusion":
            guard let (role, scope) = other(1) else { return nil }
            self = .exclusion(details[0], role, scope)
        case "waits-for-revocation":
            guard let (role, scope) = other(0) else { return nil }
            self = .waitsForRevocation(role, scope)
        case "waits-for-grant":
            guard let (role, scope) = other(0) else { return nil }
            self = .waitsForGrant(role, scope)
        default: return nil
        }
    }
}

/// Why a role is taken from somebody.
public enum RevocationCause: Sendable, Hashable {
    /// No rule has given it, as far as records tell.
    case noRule
    /// What it followed from has ended, or hasn't begun: the record, and the role's last day by it.
    case ended(RecordKey, CalendarDate?)
    /// The person has died.
    case deceased
    /// A rule gives it, and something is in the way.
    case blocked(BlockReason)
    /// A plan is undone.
    case undone(String)
}
