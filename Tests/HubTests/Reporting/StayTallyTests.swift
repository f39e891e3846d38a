import Hub
import SchoolRecords
import Testing

@Suite("Reported stays")
struct StayTallyTests {
    /// Five children with places at one unit: enough to be counted.
    private struct Unit {
        var records: [(Entity, JSONValue)] = [
            (.organisation, ["id": "u1", "displayName": "Södra fritids", "organisationType": "Skolenhet"])
        ]

        init(children: Int = 5, type: String = "FTH", stays: [(String, String)] = [("06:30", "08:00"), ("13:30", "16:30")]) {
            for child in 1...children {
                self.records.append(
                    (
                        .placement,
                        [
                            "id": .string("p\(child)"), "placedAt": ["id": "u1"], "child": ["id": .string("c\(child)")],
                            "schoolType": .string(type), "startDate": "2026-08-01",
                        ]
                    ))
                self.schedule("s\(child)", of: "p\(child)", stays)
            }
        }

        mutating func schedule(
            _ id: String, of placement: String, _ stays: [(String, String)], from: String = "2026-08-01", to: String? = nil,
            temporary: Bool = false, state: String = "Godkänt"
        ) {
            let days = ["Måndag", "Tisdag", "Onsdag", "Torsdag", "Fredag"]
            let entries = days.flatMap { day in
                stays.map { stay -> JSONValue in
                    [
                        "weekOffset": 0, "dayOfWeek": .string(day), "startTime": .string(stay.0), "endTime": .string(stay.1),
                    ]
                }
            }
            var json: JSONValue = [
                "id": .string(id), "placement": ["id": .string(placement)], "numberOfWeeks": 1, "startDate": .string(from),
                "temporary": .bool(temporary), "state": [["state": .string(state), "registeredAt": "2026-07-01T10:00:00Z"]],
                "scheduleEntries": .array(entries),
            ]
            if let to { json["endDate"] = .string(to) }
            self.records.append((.attendanceSchedule, json))
        }

        mutating func event(_ time: String, of child: Int, _ type: String = "In") {
            self.records.append(
                (
                    .attendanceEvent,
                    [
                        "id": .string("e\(self.records.count)"), "time": .string(time), "eventType": .string(type),
                        "person": ["id": .string("c\(child)")],
                    ]
                ))
        }

        mutating func absence(_ start: String, _ end: String, of child: Int) {
            self.records.append(
                (
                    .absence,
                    [
                        "id": .string("a\(self.records.count)"), "type": "Anmäld frånvaro", "startTime": .string(start),
                        "endTime": .string(end), "student": ["id": .string("c\(child)")],
                    ]
                ))
        }

        func table(_ first: String, _ last: String, now: String = "2026-12-01T00:00:00Z") async throws -> ReportingTable {
            try await TestHub.with { hub in
                let states = try self.records.map { entity, json in
                    let record = try SchoolRecord.validate(entity, json)
                    return RecordState(
                        key: RecordKey(entity, record["id"]?.stringValue ?? ""),
                        owner: SchoolRecord.subject(entity, record)?.id, body: record.canonicalData)
                }
                _ = try await hub.store.take(
                    states, withheld: [], failures: [], source: "tempus", time: "2026-11-28T11:00:00Z")
                let (first, last) = (try #require(CalendarDate(first)), try #require(CalendarDate(last)))
                return try await LessonReporting(register: hub.store).table(
                    try #require(ReportPeriod(first, last)), now: try #require(Moment(now)))
            }
        }
    }

    @Test func `five children with two stays a day, seven of them registered, make seven of ten`() async throws {
        var unit = Unit()
        for child in 1...4 { unit.event("2026-11-23T06:35:00+01:00", of: child) }
        for child in 1...3 { unit.event("2026-11-23T13:20:00+01:00", of: child) }
        // Coming and going are one stay.
        unit.event("2026-11-23T16:40:00+01:00", of: 1, "Ut")
        let table = try await unit.table("2026-11-23", "2026-11-23")
        #expect(table.rows.map(\.form) == [.afterSchool])
        #expect(table.rows.map(\.share) == [ReportedShare(scheduled: 10, reported: 7)])
    }

    @Test func `a stay that an absence covers isn't planned, one it covers in part is, and one that was come to all the same is`()
        async throws
    {
        var unit = Unit(children: 6)
        unit.absence("2026-11-23T06:00:00+01:00", "2026-11-23T18:00:00+01:00", of: 1)
        unit.absence("2026-11-23T15:00:00+01:00", "2026-11-23T18:00:00+01:00", of: 2)
        unit.absence("2026-11-23T06:00:00+01:00", "2026-11-23T18:00:00+01:00", of: 3)
        unit.event("2026-11-23T13:31:00+01:00", of: 3)
        let share = try await unit.table("2026-11-23", "2026-11-23").rows.first?.share
        // 12 - 2 of the first - 1 of the third.
        #expect(share == ReportedShare(scheduled: 9, reported: 1))
    }

    @Test func `a temporary schedule stands in for its time, an unapproved one for nothing, and weekends have no stays`()
        async throws
    {
        var unit = Unit(type: "FS", stays: [("07:30", "16:00")])
        unit.schedule("t1", of: "p1", [], from: "2026-11-24", to: "2026-11-25", temporary: true)
        unit.schedule("t2", of: "p2", [], from: "2026-11-24", to: "2026-11-25", temporary: true, state: "Begärt")
        let table = try await unit.table("2026-11-23", "2026-11-29")
        #expect(table.rows.map(\.form) == [.preschool])
        #expect(table.rows.map(\.share.scheduled) == [25 - 2])
    }

    @Test func `on the day when the clocks go back a stay is where the Swedish clock says`() async throws {
        var unit = Unit(stays: [("06:30", "08:00")])
        unit.records = unit.records.map { entity, json in
            guard entity == .attendanceSchedule else { return (entity, json) }
            var json = json
            json["scheduleEntries"] = [
                ["weekOffset": 0, "dayOfWeek": "Söndag", "startTime": "06:30", "endTime": "08:00"]
            ]
            return (entity, json)
        }
        // 25 October 2026: 08:00 in Sweden is 07:00 UTC, an hour later than the day before.
        #expect(try await unit.table("2026-10-25", "2026-10-25", now: "2026-10-25T06:59:00Z").rows.isEmpty)
        #expect(try await unit.table("2026-10-25", "2026-10-25", now: "2026-10-25T07:00:00Z").rows.map(\.share.scheduled) == [5])
    }

    @Test func `a unit with fewer than five children shows nothing, and that it doesn't is told`() async throws {
        var unit = Unit(children: 4)
        unit.event("2026-11-23T06:35:00+01:00", of: 1)
        let table = try await unit.table("2026-11-23", "2026-11-23")
        #expect(table.rows.isEmpty)
        #expect(table.remarks.withheld == 1)
    }
}
