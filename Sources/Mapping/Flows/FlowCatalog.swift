public import SchoolRecords

/// A setting of a flow: what it may be, and what it is when `flows.yaml` doesn't say.
public struct FlowSetting: Sendable {
    public enum Kind: Sendable {
        /// `true` or `false`.
        case boolean
        case integer(ClosedRange<Int>)
        /// One of these words.
        case choice([String])
        /// A list, not empty, of these words.
        case choices([String])
        /// A system's folder under `Mappings/`.
        case system
    }

    public let name: String
    public let kind: Kind
    /// `nil` when the setting must be there.
    public let byDefault: JSONValue?

    public init(_ name: String, _ kind: Kind, default byDefault: JSONValue? = nil) {
        self.name = name
        self.kind = kind
        self.byDefault = byDefault
    }
}

/// The flows that there are, and their settings.
public enum FlowCatalog {
    /// Flow → its settings, besides `enabled`, which every flow has.
    public static let settings: [String: [FlowSetting]] = [
        "absence-once": Self.absence + [
            FlowSetting("without_schedule", .choice(["overlap", "none"]), default: "overlap")
        ],
        "absence-day": Self.absence + [
            FlowSetting("whole_day", .choice(["all-stays", "calendar-day"]), default: "all-stays")
        ],
        "break-off": Self.breakOff,
        "transport-answer": Self.transport,
    ]

    /// Whoever isn't in other studies for these counts as without any.
    private static let studies = SchoolType.allCases.map(\.rawValue).filter { !["FS", "FTH", "OPPFTH"].contains($0) }

    private static let breakOff = [
        FlowSetting("recipient", .system),
        FlowSetting("school_types", .choices(SchoolType.allCases.map(\.rawValue)), default: ["GY", "GYS", "GYA", "GYAN"]),
        FlowSetting("other_studies", .choices(Self.studies), default: .array(Self.studies.map(JSONValue.string))),
        FlowSetting("begins_within_days", .integer(0...365), default: 30),
        FlowSetting("below_age", .integer(16...30), default: 20),
        FlowSetting("completed_year", .integer(1...5), default: 3),
        FlowSetting("completed_year_adapted", .integer(1...5), default: 4),
        FlowSetting("completed_month", .integer(1...12), default: 6),
        FlowSetting("home_municipality", .integer(0...9999), default: 0),
    ]

    private static let transport = [
        FlowSetting("system", .system),
        FlowSetting("answer_within_seconds", .integer(1...86_400), default: 30),
        FlowSetting("to_after_school", .choice(["review", "refuse", "answer"]), default: "review"),
        FlowSetting("after_school_elsewhere", .choice(["review", "refuse", "answer"]), default: "review"),
        FlowSetting("other_reasons", .choice(["review", "answer"]), default: "review"),
    ]

    private static let absence = [
        FlowSetting("school_system", .system),
        FlowSetting("care_system", .system),
        FlowSetting("school_types", .choices(PlacementSchoolType.allCases.map(\.rawValue)), default: ["FTH"]),
        FlowSetting(
            "absence_types", .choices(AbsenceType.allCases.map(\.rawValue)),
            default: .array(AbsenceType.allCases.map { .string($0.rawValue) })),
        FlowSetting("both_report", .choice(["own", "add"]), default: "own"),
    ]

    /// The names of all flows: sources whose records no flow reads.
    public static let names = Set(Self.settings.keys)
}
