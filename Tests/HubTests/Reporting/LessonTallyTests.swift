import Hub
import SchoolRecords
import Testing

@Suite("Reported lessons")
struct LessonTallyTests {
    private static let now = "2026-11-28T12:00:00Z"

    private static func table(
        _ records: [(Entity, JSONValue)], _ first: String = "2026-11-01", _ last: String = "2026-11-30", now: String = Self.now
    ) async throws -> ReportingTable {
        try await TestHub.with { hub in
            let states = try records.map { entity, json in
                let record = try SchoolRecord.validate(entity, json)
                return RecordState(
                    key: RecordKey(entity, record["id"]?.stringValue ?? ""), owner: SchoolRecord.subject(entity, record)?.id,
                    body: record.canonicalData)
            }
            _ = try await hub.store.take(states, withheld: [], failures: [], source: "skola24", time: "2026-11-28T11:00:00Z")
            let (first, last) = (try #require(CalendarDate(first)), try #require(CalendarDate(last)))
            return try await LessonReporting(register: hub.store).table(
                try #require(ReportPeriod(first, last)), now: try #require(Moment(now)))
        }
    }

    private static func school(_ id: String, _ name: String, types: JSONValue = ["GR"]) -> (Entity, JSONValue) {
        (.organisation, ["id": .string(id), "displayName": .string(name), "organisationType": "Skolenhet", "schoolTypes": types])
    }

    private static func activity(_ id: String, at school: String, type: JSONValue = "Undervisning") -> (Entity, JSONValue) {
        (
            .activity,
            [
                "id": .string(id), "displayName": "7A", "calendarEventsRequired": true, "startDate": "2026-08-01",
                "activityType": type, "groups": [], "organisation": ["id": .string(school)],
            ]
        )
    }

    private static func lesson(
        _ id: String, of activity: String, at start: String = "2026-11-23T08:00:00+01:00",
        to end: String = "2026-11-23T09:00:00+01:00", cancelled: Bool = false
    ) -> (Entity, JSONValue) {
        (
            .calendarEvent,
            [
                "id": .string(id), "activity": ["id": .string(activity)], "startTime": .string(start), "endTime": .string(end),
                "cancelled": .bool(cancelled),
            ]
        )
    }

    private static func attendance(_ id: String, at lesson: String, isReported: Bool = true) -> (Entity, JSONValue) {
        (
            .attendance,
            [
                "id": .string(id), "calendarEvent": ["id": .string(lesson)], "student": ["id": .string("pupil-\(id)")],
                "isReported": .bool(isReported),
            ]
        )
    }

    private static func report(
        _ id: String, _ school: String, _ first: String, _ last: String, _ scheduled: Int64, _ reported: Int64,
        group: String? = nil
    ) -> (Entity, JSONValue) {
        var json: JSONValue = [
            "id": .string(id), "organisation": ["id": .string(school)], "startDate": .string(first), "endDate": .string(last),
            "scheduledLessons": .integer(scheduled), "reportedLessons": .integer(reported),
        ]
        if let group { json["group"] = ["id": .string(group)] }
        return (.lessonReport, json)
    }

    @Test func `of four lessons that were held, one reported by two pupils and one by nobody but a guardian make a quarter`()
        async throws
    {
        let table = try await Self.table([
            Self.school("s1", "Norra skolan"), Self.activity("a1", at: "s1"),
            Self.lesson("l1", of: "a1"), Self.lesson("l2", of: "a1"), Self.lesson("l3", of: "a1"), Self.lesson("l4", of: "a1"),
            Self.lesson("cancelled", of: "a1", cancelled: true), Self.attendance("0", at: "cancelled"),
            Self.attendance("1", at: "l1"), Self.attendance("2", at: "l1"), Self.attendance("3", at: "l2", isReported: false),
        ])
        #expect(table.rows.map(\.share) == [ReportedShare(scheduled: 4, reported: 1)])
        #expect(table.rows.map(\.schoolName) == ["Norra skolan"])
        #expect(table.summaries.map(\.brackets) == [[1, 0, 0, 0, 0, 0]])
        #expect(table.rows.map(\.share.tenths) == [250])
    }

    @Test func `teaching and pupils' activities count, teachers' own and others don't, and one without a type does`() async throws
    {
        var records = [Self.school("s1", "Norra skolan")]
        for (number, type) in ["Undervisning", "Elevaktivitet", "Läraraktivitet", "Provaktivitet", "Övrigt"].enumerated() {
            records += [Self.activity("a\(number)", at: "s1", type: .string(type)), Self.lesson("l\(number)", of: "a\(number)")]
        }
        var untyped = Self.activity("a9", at: "s1")
        untyped.1["activityType"] = nil
        records += [untyped, Self.lesson("l9", of: "a9")]
        #expect(try await Self.table(records).rows.map(\.share.scheduled) == [3])
    }

    @Test func `a lesson belongs to the Swedish month it begins in, and doesn't count before it has ended`() async throws {
        let records = [
            Self.school("s1", "Norra skolan"), Self.activity("a1", at: "s1"),
            // 1 November in Sweden, still October in UTC.
            Self.lesson("l1", of: "a1", at: "2026-10-31T23:30:00Z", to: "2026-11-01T00:30:00Z"),
            // 31 October in Sweden.
            Self.lesson("l2", of: "a1", at: "2026-10-31T22:30:00Z", to: "2026-10-31T23:30:00Z"),
            Self.lesson("l3", of: "a1", at: "2026-11-28T11:30:00Z", to: "2026-11-28T12:30:00Z"),
        ]
        let table = try await Self.table(records, "2026-10-01", "2026-11-30")
        #expect(table.rows.map { "\($0.month) \($0.share.scheduled)" } == ["2026-10 1", "2026-11 1"])
        let later = try await Self.table(records, "2026-10-01", "2026-11-30", now: "2026-11-28T12:30:00Z")
        #expect(later.rows.map(\.share.scheduled) == [1, 2])
    }

    @Test func `a total counts instead of lessons on its days, groups' totals add up, and none counts twice`() async throws {
        let table = try await Self.table([
            Self.school("s1", "Norra skolan"), Self.school("s2", "Södra skolan"), Self.activity("a1", at: "s1"),
            Self.lesson("l1", of: "a1"), Self.lesson("l2", of: "a1", at: "2026-11-02T08:00:00Z", to: "2026-11-02T09:00:00Z"),
            Self.report("r1", "s1", "2026-11-16", "2026-11-27", 100, 80),
            // Within the longer total.
            Self.report("r2", "s1", "2026-11-23", "2026-11-23", 10, 10),
            Self.report("r3", "s2", "2026-11-01", "2026-11-30", 60, 30, group: "g1"),
            Self.report("r4", "s2", "2026-11-01", "2026-11-30", 40, 25, group: "g2"),
            // Over a month's edge.
            Self.report("r5", "s2", "2026-10-20", "2026-11-10", 500, 0),
        ])
        #expect(table.rows.map(\.schoolName) == ["Norra skolan", "Södra skolan"])
        #expect(
            table.rows.map(\.share) == [ReportedShare(scheduled: 101, reported: 80), ReportedShare(scheduled: 100, reported: 55)])
        #expect(table.remarks.undividedReports == 1)
    }

    @Test func `the report's brackets hold their lower limit, the last holds 100 %, and nothing is rounded over a limit`() {
        func bracket(_ reported: Int, _ scheduled: Int) -> String {
            ReportedBracket(ReportedShare(scheduled: scheduled, reported: reported)).name
        }
        #expect(bracket(299, 1000) == "0-30")
        #expect(bracket(30, 100) == "30-40")
        #expect(bracket(2, 5) == "40-50")
        #expect(bracket(1, 2) == "50-70")
        #expect(bracket(8999, 10_000) == "70-90")
        #expect(bracket(9, 10) == "90-100")
        #expect(bracket(7, 7) == "90-100")
        #expect(ReportedShare(scheduled: 10_000, reported: 9999).tenths == 999)
        #expect(ReportedShare(scheduled: 10_000, reported: 8999).tenths == 899)
    }

    @Test func `lowest, highest and total are of the schools of a form; adapted and upper-secondary ones by themselves`()
        async throws
    {
        let table = try await Self.table([
            Self.school("s1", "A"), Self.school("s2", "B", types: ["FTH", "GRA"]), Self.school("s3", "C", types: ["GY", "GYA"]),
            Self.report("r1", "s1", "2026-11-01", "2026-11-30", 200, 90),
            Self.report("r2", "s2", "2026-11-01", "2026-11-30", 100, 99),
            Self.report("r3", "s3", "2026-11-01", "2026-11-30", 1000, 717),
        ])
        let compulsory = try #require(table.summaries.first)
        #expect(table.summaries.map(\.form) == [.compulsory, .upperSecondary])
        #expect(compulsory.lowest.tenths == 450)
        #expect(compulsory.highest.tenths == 990)
        #expect(compulsory.total == ReportedShare(scheduled: 300, reported: 189))
        #expect(compulsory.brackets == [0, 0, 1, 0, 0, 1])
        #expect(table.summaries.last?.total.tenths == 717)
    }

    @Test func `a lesson of an activity that isn't there is told of, not guessed`() async throws {
        let table = try await Self.table([Self.school("s1", "A"), Self.lesson("l1", of: "nowhere")])
        #expect(table.rows.isEmpty)
        #expect(table.remarks.lessonsOfNoSchool == 1)
    }
}
