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
    ]

    private static let absence = [
        FlowSetting("school_system", .system),
        FlowSetting("care_system", .system),
        FlowSetting("school_types", .choices(PlacementSchoolType.allCases.map(\.rawValue)), default: ["FTH"]),
        FlowSetting(
            "absence_types", .choices(AbsenceType.allCases.map(\.rawValue)),
            default: .array(AbsenceType.allCases.map { .string($0.rawValue) })),
        FlowSetting("both_report", .choice(["own", "add"]), default: "own"),
        FlowSetting("precedence", .choice(["origin", "latest"]), default: "origin"),
    ]

    /// The names of all flows: sources whose records no flow reads.
    public static let names = Set(Self.settings.keys)
}
