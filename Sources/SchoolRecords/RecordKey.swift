/// The kinds of record that the hub carries: those of SS 12000:2020 by their names there, in lower case and the singular,
/// and after them the hub's own.
public enum Entity: String, Sendable, Hashable, Codable, CaseIterable, Comparable {
    case organisation
    case programme
    case syllabus
    case person
    case group
    case duty
    case placement
    case schoolUnitOffering = "schoolunitoffering"
    case studyPlan = "studyplan"
    case resource
    case room
    case activity
    case calendarEvent = "calendarevent"
    case attendanceSchedule = "attendanceschedule"
    case attendanceEvent = "attendanceevent"
    case attendance
    case absence
    case aggregatedAttendance = "aggregatedattendance"
    case grade

    // The hub's own.
    case identityChange = "identitychange"
    case roleGrant = "rolegrant"
    case accountStatus = "accountstatus"
    case transportApplication = "transportapplication"
    case transportEligibility = "transporteligibility"
    case transportDecision = "transportdecision"
    case lessonReport = "lessonreport"
    case notice
    case employee
    case registration
    case contactRequest = "contactrequest"

    /// What a roster is made of: the records that every student administration has.
    public static let roster: [Entity] = [.organisation, .person, .group, .duty, .placement]

    /// Whether the standard has it; otherwise it is the hub's own.
    public var isStandard: Bool { self < .identityChange }

    /// The entity's name as the standard writes it, e.g. `CalendarEvent`.
    public var standardName: String { self.shape.name }

    /// The order in which a full load reads them: what is referred to comes before what refers.
    public static func < (left: Entity, right: Entity) -> Bool { left.loadOrder < right.loadOrder }

    private var loadOrder: Int { Self.loadOrders[self] ?? 0 }

    private static let loadOrders = Dictionary(uniqueKeysWithValues: zip(Self.allCases, 0...))
}

/// Which record: its kind and its id, the same in every system (SS 12000 shares one id space).
public struct RecordKey: Sendable, Hashable, Codable, Comparable, CustomStringConvertible {
    public let entity: Entity
    /// A UUID in lower case as the standard says; any other text the source uses is taken as it is.
    public let id: String

    public init(_ entity: Entity, _ id: String) {
        self.entity = entity
        self.id = id
    }

    public var description: String { "\(self.entity.rawValue)/\(self.id)" }

    /// By the id alone: hardly ever do records of two kinds have the same.
    public func hash(into hasher: inout Hasher) { hasher.combine(self.id) }

    public static func < (left: RecordKey, right: RecordKey) -> Bool {
        left.entity == right.entity ? left.id < right.id : left.entity < right.entity
    }
}
