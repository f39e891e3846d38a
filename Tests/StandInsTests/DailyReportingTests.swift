import SchoolRecords
import StandIns
import Testing

@Suite("The schools of a synthetic municipality report differently much")
struct DailyReportingTests {
    private static func standIn(_ system: TwoWaySystem) throws -> SS12000StandIn {
        try SS12000StandIn(system, in: SyntheticMunicipality(scale: .custom(children: 1500), seed: 11, today: "2026-11-24"))
    }

    @Test func `each school has a total for each of the three months before, in differing steps`() async throws {
        let reports = try await Self.standIn(.skola24).truth(.lessonReport).values.map { try LessonReport(json: $0) }
        #expect(
            Set(reports.map { "\($0.startDate) \($0.endDate)" }) == [
                "2026-08-01 2026-08-31", "2026-09-01 2026-09-30", "2026-10-01 2026-10-31",
            ])
        let shares = reports.map { $0.reportedLessons * 100 / max(1, $0.scheduledLessons) }
        #expect(Set(shares.map { $0 / 20 }).count >= 3, "\(shares.sorted())")
        for report in reports {
            #expect(report.reportedLessons <= report.scheduledLessons)
            // Two lessons a group and weekday: 21, 22 and 22 weekdays.
            let weekdays = ["08": 21, "09": 22, "10": 22]["\(report.startDate)".split(separator: "-")[1].description] ?? 0
            #expect(report.scheduledLessons % (2 * weekdays) == 0)
        }
    }

    @Test func `a lesson is reported for all its pupils or for none, and who was announced absent stands there all the same`()
        async throws
    {
        let standIn = try Self.standIn(.skola24)
        let attendances = try await standIn.truth(.attendance).values.map { try Attendance(json: $0) }
        let lessons = Dictionary(grouping: attendances, by: \.calendarEvent.id)
        for (_, of) in lessons { #expect(Set(of.map(\.isReported)).count == 1) }
        let all = try await standIn.truth(.calendarEvent).count
        let reported = lessons.values.count { $0[0].isReported }
        #expect(reported > all / 4 && reported < all, "\(reported) of \(all)")
        #expect(attendances.contains { !$0.isReported && $0.validAbsenceMinutes == 60 })
    }

    @Test func `almost every stay of the last school day was registered, in preschool more than after school`() async throws {
        let events = try await Self.standIn(.tempus).truth(.attendanceEvent).values.map { try AttendanceEvent(json: $0) }
        #expect(events.count { $0.eventType == .checkIn } == events.count { $0.eventType == .checkOut })
        #expect(Set(events.map { $0.time.description.prefix(10) }) == ["2026-11-23"])
    }
}
