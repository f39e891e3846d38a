public import Mapping
public import SchoolRecords

/// Absence reported to school becomes absence in care, for the stays that it overlaps: guardians report once.
///
/// One absence for each stay that is overlapped, clipped to it. It moves when what it comes from moves, and goes when that goes.
public struct AbsenceOnce: Flow {
    static let flowName = "absence-once"

    public let name = Self.flowName
    public let reads = AbsenceState.entities
    public let triggers: Set<Entity> = [.absence]
    public let writes: Set<Entity> = [.absence]

    private let schoolSystem: String
    private let careSystem: String
    private let schoolTypes: Set<String>
    private let absenceTypes: Set<String>
    private let derivesWithoutSchedule: Bool
    private let leavesOwn: Bool

    public init(_ settings: FlowDescription) {
        self.schoolSystem = settings.text("school_system")
        self.careSystem = settings.text("care_system")
        self.schoolTypes = Set(settings.texts("school_types"))
        self.absenceTypes = Set(settings.texts("absence_types"))
        self.derivesWithoutSchedule = settings.text("without_schedule") == "overlap"
        self.leavesOwn = settings.text("both_report") == "own"
    }

    public func decide(_ state: SubjectState, today: CalendarDate) throws -> [DerivedRecord] {
        let read = try AbsenceState(state, schoolTypes: self.schoolTypes)
        let own = self.leavesOwn ? read.absences(from: self.careSystem).map(\.span) : []
        var derived: [DerivedRecord] = []
        for (placement, times) in read.stays {
            // How far each of the placement's stays is taken already: two reports for one time don't double.
            var taken: [TimeSpan: Int] = [:]
            for reported in read.absences(from: self.schoolSystem, types: self.absenceTypes) {
                // A stay may have begun the evening before.
                for day in AbsenceState.days(reported.span, before: 1) {
                    let stays = self.stays(times, on: day)
                    for (number, stay) in stays.spans.enumerated() {
                        var span = reported.span.clipped(to: stay)
                        guard !span.isEmpty, !own.contains(where: stay.overlaps) else { continue }
                        span.start = max(span.start, taken[stay] ?? span.start)
                        guard !span.isEmpty else { continue }
                        taken[stay] = span.end
                        derived.append(
                            Self.record(
                                id: DerivedID.of(
                                    flow: self.name, reported.record.key.id, placement.key.id, "\(day)", "\(number)"),
                                span, reported, times.placement, rule: stays.rule,
                                origins: read.origins(reported, placement.key)))
                    }
                }
            }
        }
        return derived
    }

    private func stays(_ times: StayTimes, on day: CalendarDate) -> (spans: [TimeSpan], rule: String) {
        if let spans = times.stays(on: day) { return (spans, "stay-overlapped") }
        guard self.derivesWithoutSchedule else { return ([], "no-schedule") }
        let whole = TimeSpan(start: SwedishTime.seconds(day, minutes: 0), end: SwedishTime.seconds(day, minutes: 1440))
        return ([whole], "placement-day-overlapped")
    }

    private static func record(
        id: String, _ span: TimeSpan, _ reported: AbsenceState.Reported, _ placement: Placement, rule: String,
        origins: [RecordKey]
    ) -> DerivedRecord {
        let json: JSONValue = [
            "id": .string(id), "startTime": .string(SwedishTime.text(span.start)), "endTime": .string(SwedishTime.text(span.end)),
            "type": .string(reported.absence.type.rawValue), "student": ["id": .string(reported.absence.student.id)],
            "organisation": ["id": .string(placement.placedAt.id)],
        ]
        return DerivedRecord(key: RecordKey(.absence, id), json: json, rule: rule, origins: origins)
    }
}

extension FlowKind {
    /// Absence from school to care.
    public static let absenceOnce = FlowKind(name: AbsenceOnce.flowName, reads: AbsenceState.entities) { set in
        set.flows[AbsenceOnce.flowName].flatMap { $0.isEnabled ? AbsenceOnce($0) : nil }
    }
}
