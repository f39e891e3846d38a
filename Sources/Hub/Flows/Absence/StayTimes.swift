import SchoolRecords

/// When a child is to be in care on a day, by its placement and stay schedules (SS 12000:2020, AttendanceSchedule).
struct StayTimes: Sendable {
    let placement: Placement
    private let schedules: [AttendanceSchedule]

    /// - Parameter schedules: those of any placement; of them the approved ones of this placement count.
    init(placement: Placement, schedules: [AttendanceSchedule]) {
        self.placement = placement
        self.schedules = schedules.filter { $0.placement.id == placement.id && Self.isApproved($0) }
    }

    /// What was registered last holds; a schedule without any state is one of a system that has no approval.
    private static func isApproved(_ schedule: AttendanceSchedule) -> Bool {
        let last = (schedule.state ?? []).max { $0.registeredAt.secondsSinceEpoch < $1.registeredAt.secondsSinceEpoch }
        return last.map { $0.state == .approved } ?? true
    }

    func isCurrent(_ day: CalendarDate) -> Bool {
        self.placement.startDate <= day && self.placement.endDate.map { day <= $0 } ?? true
    }

    /// The stays that begin on a day, in order; `nil` when no schedule says anything of the day, and nothing at all on a
    /// day that the placement doesn't have.
    func stays(on day: CalendarDate) -> [TimeSpan]? {
        guard self.isCurrent(day) else { return [] }
        let covering = self.schedules.filter { schedule in
            schedule.startDate <= day && schedule.endDate.map { day <= $0 } ?? true
        }
        // A temporary schedule stands in for the others; of several the one that began last holds.
        let temporary = covering.filter { $0.temporary == true }
        let chosen = (temporary.isEmpty ? covering : temporary).max { ($0.startDate, $0.id) < ($1.startDate, $1.id) }
        guard let chosen else { return nil }
        let weekday = SwedishTime.weekday(day)
        let weeks = (Self.monday(day) - Self.monday(chosen.startDate)) / 7
        let week = weeks % max(1, chosen.numberOfWeeks)
        return (chosen.scheduleEntries ?? []).filter { entry in
            entry.weekOffset == week && Weekday.allCases.firstIndex(of: entry.dayOfWeek) == weekday
        }.map { entry in
            let end = entry.endTime.minutes + (entry.endTime <= entry.startTime ? 1440 : 0)
            return TimeSpan(
                start: SwedishTime.seconds(day, minutes: entry.startTime.minutes), end: SwedishTime.seconds(day, minutes: end))
        }.filter { !$0.isEmpty }.sorted { ($0.start, $0.end) < ($1.start, $1.end) }
    }

    private static func monday(_ day: CalendarDate) -> Int { day.daysSinceEpoch - SwedishTime.weekday(day) }
}

/// A child's absences, placements and schedules, read for the flows about absence.
struct AbsenceState {
    struct Reported {
        let record: FlowRecord
        let absence: Absence
        let span: TimeSpan
    }

    let stays: [(record: FlowRecord, times: StayTimes)]
    private let absences: [Reported]
    /// Schedule → the placement it belongs to.
    private let scheduleKeys: [String: [RecordKey]]

    static let entities: Set<Entity> = [.absence, .placement, .attendanceSchedule]

    /// The most days of one absence: a longer one is no report of a guardian but a slip in a date.
    private static let mostDays = 400

    /// - Throws: `RecordError` for a record of another shape, ``FlowFailure`` for an absence longer than a year.
    init(_ state: SubjectState, schoolTypes: Set<String>) throws {
        let schedules = try state.records(.attendanceSchedule).map { try AttendanceSchedule(json: $0.json) }
        self.stays = try state.records(.placement).compactMap { record in
            let placement = try Placement(json: record.json)
            guard schoolTypes.contains(placement.schoolType.rawValue) else { return nil }
            return (record, StayTimes(placement: placement, schedules: schedules))
        }
        self.scheduleKeys = Dictionary(grouping: schedules, by: \.placement.id)
            .mapValues { $0.map { RecordKey(.attendanceSchedule, $0.id) } }
        self.absences = try state.records(.absence).map { record in
            let absence = try Absence(json: record.json)
            let span = TimeSpan(start: absence.startTime.secondsSinceEpoch, end: absence.endTime.secondsSinceEpoch)
            guard span.end - span.start <= Self.mostDays * 86_400 else {
                throw FlowFailure(
                    code: .absenceTooLong, field: "endTime",
                    message: "An absence is longer than \(Self.mostDays) days. Correct its endTime in the system it comes from.")
            }
            return Reported(record: record, absence: absence, span: span)
        }.sorted { ($0.span.start, $0.record.key.id) < ($1.span.start, $1.record.key.id) }
    }

    /// The absences of a system, by their beginnings.
    func absences(from system: String, types: Set<String>? = nil) -> [Reported] {
        self.absences.filter { reported in
            reported.record.source == system && !reported.span.isEmpty
                && types?.contains(reported.absence.type.rawValue) != false
        }
    }

    func origins(_ reported: Reported, _ placement: RecordKey) -> [RecordKey] {
        [reported.record.key, placement] + (self.scheduleKeys[placement.id] ?? [])
    }

    /// The days that a span touches, and `before` days ahead of them.
    static func days(_ span: TimeSpan, before: Int = 0) -> [CalendarDate] {
        let first = SwedishTime.day(span.start).daysSinceEpoch - before
        let last = SwedishTime.day(span.end - 1).daysSinceEpoch
        return first <= last ? (first...last).map { CalendarDate(daysSinceEpoch: $0) } : []
    }
}
