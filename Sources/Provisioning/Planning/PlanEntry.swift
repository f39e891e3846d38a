import Mapping
public import SchoolRecords

/// Something to look at before a step is taken.
public enum RiskMark: String, Sendable, Hashable, CaseIterable, Comparable {
    /// The role sees or changes much.
    case privilegedRole = "privileged-role"
    case protectedPerson = "protected-person"
    case noAccount = "no-account"
    /// The role follows from a duty without title code.
    case noTitleCode = "no-title-code"
    case unknownTitleCode = "unknown-title-code"
    /// Among very many revocations in the system at the unit.
    case manyRevocations = "many-revocations"

    public static func < (left: RiskMark, right: RiskMark) -> Bool { left.rawValue < right.rawValue }
}

/// One role of one person in a plan.
public struct PlanEntry: Sendable, Hashable {
    /// With the sign that people read.
    public enum Action: String, Sendable, Hashable, CaseIterable {
        case grant
        case revoke
        /// The days when the role holds.
        case change
        case keep
        case block

        public var sign: String {
            switch self {
            case .grant: "+"
            case .revoke: "-"
            case .change: "~"
            case .keep: "="
            case .block: "!"
            }
        }
    }

    public let key: GrantKey
    public let action: Action
    /// The school or unit that it concerns; `nil` for what concerns all, or nobody knows.
    public let unit: String?
    /// What the system holds now.
    public let before: RoleGrant?
    /// What it shall hold.
    public let after: RoleGrant?
    /// Why the role is given: source record and rule.
    public let reasons: [GrantReason]
    /// Why it is taken.
    public let cause: RevocationCause?
    /// Why it isn't given.
    public let block: BlockReason?
    public internal(set) var marks: Set<RiskMark>
    /// Whether the person works in the schools, or did.
    public let isStaff: Bool
    /// Of a step; others have theirs on demand, since most of what is held stays.
    private let stepID: String?
    /// Ids of the steps that must have reached their target before this one is taken.
    public internal(set) var waitsFor: [String]

    init(
        key: GrantKey, action: Action, unit: String?, before: RoleGrant? = nil, after: RoleGrant? = nil,
        reasons: [GrantReason] = [], cause: RevocationCause? = nil, block: BlockReason? = nil, marks: Set<RiskMark> = [],
        isStaff: Bool = false, id: String? = nil, waitsFor: [String] = []
    ) {
        self.key = key
        self.action = action
        self.unit = unit
        self.before = before
        self.after = after
        self.reasons = reasons
        self.cause = cause
        self.block = block
        self.marks = marks
        self.isStaff = isStaff
        self.stepID = action == .keep || action == .block ? nil : id ?? (before == nil ? after?.id : nil) ?? key.id
        self.waitsFor = waitsFor
    }

    /// The grant's id, under which it is published and followed: that of its key.
    public var id: String { self.stepID ?? self.key.id }
}
