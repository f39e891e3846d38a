public import SchoolRecords

/// Makes the table of reported lessons and stays from the register, record by record: every entity is gone through once, some
/// hundred records at a time.
public struct LessonReporting: Sendable {
    private let register: any Register
    private let pageSize = 500

    public init(register: any Register) { self.register = register }

    /// Counts what the register holds.
    ///
    /// - Parameters:
    ///   - now: lessons and stays that end later aren't counted yet.
    ///   - schools: the ids of the organisations to tell of; `nil` = all.
    ///   - progress: told after each entity.
    public func table(
        _ period: ReportPeriod, now: Moment, schools: Set<String>? = nil,
        progress: @Sendable (Entity) -> Void = { _ in }
    ) async throws -> ReportingTable {
        var names: [String: (name: String, code: String?)] = [:]
        var forms = SchoolForms()
        try await self.forEach(.organisation, Organisation.init(json:)) { organisation in
            names[organisation.id] = (organisation.displayName, organisation.schoolUnitCode)
            forms.add(organisation)
        }
        try await self.forEach(.group, Group.init(json:)) { forms.add($0) }
        progress(.group)
        var lessons = LessonTally(period: period, now: now, forms: forms)
        try await self.forEach(.activity, Activity.init(json:)) { lessons.add($0) }
        try await self.forEach(.calendarEvent, CalendarEvent.init(json:)) { lessons.add($0) }
        progress(.calendarEvent)
        try await self.forEach(.attendance, Attendance.init(json:)) { lessons.add($0) }
        progress(.attendance)
        try await self.forEach(.lessonReport, LessonReport.init(json:)) { lessons.add($0) }
        let counted = lessons.shares
        var remarks = lessons.remarks
        let stays = try await self.stays(period, now: now, progress: progress).shares
        func isAsked(_ place: ReportedPlace) -> Bool { schools?.contains(place.school) ?? true }
        remarks.withheld = stays.withheld.count(where: isAsked)
        let rows = (counted + stays.shares).filter { isAsked($0.place) }.map { place, month, share in
            ReportingTable.Row(
                form: place.form, month: month, school: place.school, schoolName: names[place.school]?.name ?? place.school,
                schoolUnitCode: names[place.school]?.code, share: share)
        }
        return ReportingTable(period: period, rows: rows, remarks: remarks)
    }

    private func stays(
        _ period: ReportPeriod, now: Moment, progress: @Sendable (Entity) -> Void
    ) async throws -> StayTally {
        var stays = StayTally(period: period, now: now)
        try await self.forEach(.placement, Placement.init(json:)) { stays.add($0) }
        try await self.forEach(.attendanceSchedule, AttendanceSchedule.init(json:)) { stays.add($0) }
        stays.plan()
        progress(.attendanceSchedule)
        try await self.forEach(.absence, Absence.init(json:)) { stays.add($0) }
        try await self.forEach(.attendanceEvent, AttendanceEvent.init(json:)) { stays.add($0) }
        progress(.attendanceEvent)
        return stays
    }

    /// Goes through the live records of an entity. One that can't be read as what it should be is passed over: the register
    /// takes no such record.
    private func forEach<Record>(
        _ entity: Entity, _ read: (JSONValue) throws -> Record, _ body: (Record) -> Void
    ) async throws {
        var last: String?
        while true {
            try Task.checkCancellation()
            let page = try await self.register.liveRecords(of: entity, after: last, limit: self.pageSize)
            guard let end = page.last else { return }
            last = end.key.id
            for record in page {
                guard let json = try? JSONValue(parsing: record.body), let value = try? read(json) else { continue }
                body(value)
            }
        }
    }
}
