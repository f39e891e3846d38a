import Hub
import Mapping
import SchoolRecords
import Testing

@Suite("Absence once: from school to the stays that it overlaps, and whole days back")
struct AbsenceFlowTests {
    static let person = Documents.id(1)

    private static func once(_ lines: String = "") throws -> AbsenceOnce {
        AbsenceOnce(try FlowFixture.settings("absence-once", "school_system: kaa\ncare_system: vega\n" + lines))
    }

    private static func day(_ lines: String = "") throws -> AbsenceDay {
        AbsenceDay(try FlowFixture.settings("absence-day", "school_system: kaa\ncare_system: vega\n" + lines))
    }

    static func absence(
        _ number: Int, _ start: String, _ end: String, source: String = "kaa", type: String = "Anmäld frånvaro"
    ) throws -> FlowRecord {
        try FlowFixture.record(
            .absence,
            [
                "id": .string(Documents.id(number)), "startTime": .string(start), "endTime": .string(end), "type": .string(type),
                "student": ["id": .string(Self.person)],
            ], source: source)
    }

    private static func placement(end: String = "2026-12-31", type: String = "FTH") throws -> FlowRecord {
        try FlowFixture.record(
            .placement,
            [
                "id": .string(Documents.id(20)), "placedAt": ["id": .string(Documents.id(30))],
                "child": ["id": .string(Self.person)], "schoolType": .string(type), "startDate": "2026-01-01",
                "endDate": .string(end),
            ])
    }

    /// Mondays: 13 to 17.
    private static func schedule(state: String? = nil, number: Int = 40, temporary: Bool = false) throws -> FlowRecord {
        var json: JSONValue = [
            "id": .string(Documents.id(number)), "placement": ["id": .string(Documents.id(20))], "numberOfWeeks": 1,
            "startDate": "2026-01-01",
            "scheduleEntries": [
                [
                    "weekOffset": 0, "dayOfWeek": "Måndag", "startTime": .string(temporary ? "15:00" : "13:00"),
                    "endTime": "17:00",
                ]
            ],
        ]
        if let state { json["state"] = [["state": .string(state), "registeredAt": "2026-01-01T00:00:00Z"]] }
        if temporary { json["temporary"] = true }
        return try FlowFixture.record(.attendanceSchedule, json, source: "vega")
    }

    private static func times(_ flow: any Flow, _ records: [FlowRecord]) throws -> [String] {
        try flow.decide(SubjectState(person: Self.person, records: records), today: CalendarDate(year: 2026, month: 3, day: 1))
            .map { "\($0.json["startTime"]?.stringValue ?? "")/\($0.json["endTime"]?.stringValue ?? "")" }
    }

    @Test func `an absence is clipped to the stay that it overlaps`() throws {
        let records = [
            try Self.placement(), try Self.schedule(), try Self.absence(2, "2026-03-02T08:00:00", "2026-03-02T15:00:00"),
        ]
        #expect(try Self.times(Self.once(), records) == ["2026-03-02T13:00:00+01:00/2026-03-02T15:00:00+01:00"])
    }

    @Test func `an absence of several days gives one for each stay, over the change to summer time`() throws {
        let records = [
            try Self.placement(), try Self.schedule(), try Self.absence(2, "2026-03-23T08:00:00", "2026-03-30T18:00:00"),
        ]
        #expect(
            try Self.times(Self.once(), records) == [
                "2026-03-23T13:00:00+01:00/2026-03-23T17:00:00+01:00", "2026-03-30T13:00:00+02:00/2026-03-30T17:00:00+02:00",
            ])
    }

    @Test func `a placement that has ended, or of another kind, gives nothing`() throws {
        let absence = try Self.absence(2, "2026-03-02T08:00:00", "2026-03-02T15:00:00")
        #expect(try Self.times(Self.once(), [Self.placement(end: "2026-03-01"), Self.schedule(), absence]).isEmpty)
        #expect(try Self.times(Self.once(), [Self.placement(type: "FS"), Self.schedule(), absence]).isEmpty)
        #expect(try Self.times(Self.once(), [Self.schedule(), absence]).isEmpty)
        #expect(
            try Self.times(Self.once("school_types: [FS]"), [Self.placement(type: "FS"), Self.schedule(), absence]).count == 1)
    }

    @Test func `a schedule that isn't approved doesn't count, a temporary one takes the place of the others`() throws {
        let absence = try Self.absence(2, "2026-03-02T08:00:00", "2026-03-02T16:00:00")
        #expect(
            try Self.times(Self.once("without_schedule: none"), [Self.placement(), Self.schedule(state: "Begärt"), absence])
                .isEmpty)
        #expect(
            try Self.times(Self.once(), [Self.placement(), Self.schedule(), Self.schedule(number: 41, temporary: true), absence])
                == ["2026-03-02T15:00:00+01:00/2026-03-02T16:00:00+01:00"])
    }

    @Test func `without a schedule the setting decides`() throws {
        let records = [try Self.placement(end: "2026-03-02"), try Self.absence(2, "2026-03-02T08:00:00", "2026-03-03T15:00:00")]
        #expect(try Self.times(Self.once(), records) == ["2026-03-02T08:00:00+01:00/2026-03-03T00:00:00+01:00"])
        #expect(try Self.times(Self.once("without_schedule: none"), records).isEmpty)
    }

    @Test func `two reports for one stay don't double, and what care has itself is left to it`() throws {
        let base = [try Self.placement(), try Self.schedule()]
        let first = try Self.absence(2, "2026-03-02T08:00:00", "2026-03-02T14:00:00")
        let second = try Self.absence(3, "2026-03-02T13:30:00", "2026-03-02T16:00:00")
        #expect(
            try Self.times(Self.once(), base + [first, second]) == [
                "2026-03-02T13:00:00+01:00/2026-03-02T14:00:00+01:00", "2026-03-02T14:00:00+01:00/2026-03-02T16:00:00+01:00",
            ])
        let own = try Self.absence(4, "2026-03-02T13:00:00", "2026-03-02T17:00:00", source: "vega")
        #expect(try Self.times(Self.once(), base + [first, own]).isEmpty)
        #expect(try Self.times(Self.once("both_report: add"), base + [first, own]).count == 1)
    }

    @Test func `leave that the setting doesn't name is no absence`() throws {
        let leave = try Self.absence(2, "2026-03-02T08:00:00", "2026-03-02T15:00:00", type: "Beviljad ledighet")
        let records = [try Self.placement(), try Self.schedule(), leave]
        #expect(try Self.times(Self.once("absence_types: [Anmäld frånvaro]"), records).isEmpty)
        #expect(try Self.times(Self.once(), records).count == 1)
    }

    @Test func `an absence of more than a year is a slip, and is told`() throws {
        let absence = try Self.absence(2, "2026-03-02T08:00:00", "2027-06-02T15:00:00")
        let failure = #expect(throws: FlowFailure.self) { try Self.times(Self.once(), [Self.placement(), absence]) }
        #expect(failure?.code == .absenceTooLong)
    }

    @Test func `an absence in care over every stay of a day is one from school for the day, a part of it isn't`() throws {
        let base = [try Self.placement(), try Self.schedule()]
        let whole = try Self.absence(5, "2026-03-02T12:00:00", "2026-03-02T17:00:00", source: "vega")
        let part = try Self.absence(6, "2026-03-02T14:00:00", "2026-03-02T17:00:00", source: "vega")
        #expect(try Self.times(Self.day(), base + [whole]) == ["2026-03-02T00:00:00+01:00/2026-03-03T00:00:00+01:00"])
        #expect(try Self.times(Self.day(), base + [part]).isEmpty)
        #expect(try Self.times(Self.day("whole_day: calendar-day"), base + [whole]).isEmpty)
        let own = try Self.absence(7, "2026-03-02T08:00:00", "2026-03-02T09:00:00")
        #expect(try Self.times(Self.day(), base + [whole, own]).isEmpty)
    }

    @Test func `decided again it comes to the same records`() throws {
        let records = [
            try Self.placement(), try Self.schedule(), try Self.absence(2, "2026-03-02T08:00:00", "2026-03-30T15:00:00"),
            try Self.absence(3, "2026-03-09T13:30:00", "2026-03-09T16:00:00"),
        ]
        let state = SubjectState(person: Self.person, records: records)
        let today = CalendarDate(year: 2026, month: 3, day: 1)
        let first = try Self.once().decide(state, today: today)
        #expect(first.count == 5)
        #expect(Set(first.map(\.key)).count == 5)
        #expect(try Self.once().decide(SubjectState(person: Self.person, records: records.reversed()), today: today) == first)
    }
}
