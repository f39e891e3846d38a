public import Mapping
public import SchoolRecords

/// Absence from care for a whole day becomes absence from school for that day.
///
/// A flow of its own beside ``AbsenceOnce``: its records have another source, so that each system gets the one and not the other.
public struct AbsenceDay: Flow {
    static let flowName = "absence-day"

    public let name = Self.flowName
    public let reads = AbsenceState.entities
    public let triggers: Set<Entity> = [.absence]
    public let writes: Set<Entity> = [.absence]

    private let schoolSystem: String
    private let careSystem: String
    private let schoolTypes: Set<String>
    private let absenceTypes: Set<String>
    private let staysSuffice: Bool
    private let leavesOwn: Bool

    public init(_ settings: FlowDescription) {
        self.schoolSystem = settings.text("school_system")
        self.careSystem = settings.text("care_system")
        self.schoolTypes = Set(settings.texts("school_types"))
        self.absenceTypes = Set(settings.texts("absence_types"))
        self.staysSuffice = settings.text("whole_day") == "all-stays"
        self.leavesOwn = settings.text("both_report") == "own"
    }

    public func decide(_ state: SubjectState, today: CalendarDate) throws -> [DerivedRecord] {
        let read = try AbsenceState(state, schoolTypes: self.schoolTypes)
        let own = self.leavesOwn ? read.absences(from: self.schoolSystem).map(\.span) : []
        var days: Set<CalendarDate> = []
        var derived: [DerivedRecord] = []
        for reported in read.absences(from: self.careSystem, types: self.absenceTypes) {
            for day in AbsenceState.days(reported.span) where !days.contains(day) {
                let whole = TimeSpan(start: SwedishTime.seconds(day, minutes: 0), end: SwedishTime.seconds(day, minutes: 1440))
                guard let reason = self.reason(reported.span, day, whole, read), !own.contains(where: whole.overlaps) else {
                    continue
                }
                days.insert(day)
                let id = DerivedID.of(flow: self.name, reported.record.key.id, "\(day)")
                let json: JSONValue = [
                    "id": .string(id), "startTime": .string(SwedishTime.text(whole.start)),
                    "endTime": .string(SwedishTime.text(whole.end)), "type": .string(reported.absence.type.rawValue),
                    "student": ["id": .string(reported.absence.student.id)],
                ]
                derived.append(
                    DerivedRecord(
                        key: RecordKey(.absence, id), json: json, rule: reason.rule,
                        origins: reason.placement.map { read.origins(reported, $0) } ?? [reported.record.key]))
            }
        }
        return derived
    }

    /// Why an absence takes a whole day: it covers the day, or every stay of it.
    private func reason(
        _ span: TimeSpan, _ day: CalendarDate, _ whole: TimeSpan, _ read: AbsenceState
    ) -> (rule: String, placement: RecordKey?)? {
        let current = read.stays.filter { $0.times.isCurrent(day) }
        guard let placement = current.first?.record.key else { return nil }
        if span.covers(whole) { return ("day-covered", placement) }
        guard self.staysSuffice else { return nil }
        let stays = current.flatMap { $0.times.stays(on: day) ?? [] }
        guard !stays.isEmpty, stays.allSatisfy(span.covers) else { return nil }
        return ("all-stays-covered", placement)
    }
}

extension FlowKind {
    /// Absence for whole days from care to school.
    public static let absenceDay = FlowKind(name: AbsenceDay.flowName, reads: AbsenceState.entities) { set in
        set.flows[AbsenceDay.flowName].flatMap { $0.isEnabled ? AbsenceDay($0) : nil }
    }
}
