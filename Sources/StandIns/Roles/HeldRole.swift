public import SchoolRecords

/// A role as a system holds it, persons by the ids that the municipality gave them.
public struct HeldRole: Sendable, Hashable, Comparable {
    /// Where it holds.
    public enum Scope: Sendable, Hashable {
        case municipality
        /// A school's or unit's id.
        case unit(String)
        case group(String)
        case pupil(String)

        /// The id of which; `nil` for the whole municipality.
        public var id: String? {
            switch self {
            case .municipality: nil
            case .unit(let id), .group(let id), .pupil(let id): id
            }
        }
    }

    public var person: String
    public var role: String
    public var scope: Scope
    public var startDate: CalendarDate?
    public var endDate: CalendarDate?

    public init(
        _ person: String, _ role: String, _ scope: Scope, from startDate: CalendarDate? = nil, to endDate: CalendarDate? = nil
    ) {
        self.person = person
        self.role = role
        self.scope = scope
        self.startDate = startDate
        self.endDate = endDate
    }

    /// What a document of a role says.
    init?(_ document: JSONValue) {
        guard let person = document["person"]?["id"]?.stringValue, let role = document["role"]?.stringValue else { return nil }
        func id(_ name: String) -> String? { document[name]?["id"]?.stringValue }
        let scope: Scope =
            id("pupil").map(Scope.pupil) ?? id("group").map(Scope.group) ?? id("organisation").map(Scope.unit) ?? .municipality
        self.init(
            person, role, scope, from: document["startDate"]?.stringValue.flatMap { CalendarDate($0) },
            to: document["endDate"]?.stringValue.flatMap { CalendarDate($0) })
    }

    private var order: [String] {
        let level =
            switch self.scope {
            case .municipality: "0"
            case .unit: "1"
            case .group: "2"
            case .pupil: "3"
            }
        return [
            self.person, self.role, level, self.scope.id ?? "", self.startDate?.description ?? "",
            self.endDate?.description ?? "",
        ]
    }

    public static func < (left: HeldRole, right: HeldRole) -> Bool { left.order.lexicographicallyPrecedes(right.order) }
}

/// An account as a system has it.
public struct HeldAccount: Sendable, Hashable {
    public var person: String
    public var state: AccountState
    public var lastUsed: CalendarDate?

    public init(_ person: String, _ state: AccountState = .active, lastUsed: CalendarDate? = nil) {
        self.person = person
        self.state = state
        self.lastUsed = lastUsed
    }
}
