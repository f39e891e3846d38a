import Hub
import Mapping
import SchoolRecords
import Testing

@Suite("Break-off notices")
struct BreakOffTests {
    private static func flow(_ lines: String = "") throws -> BreakOff {
        BreakOff(try FlowFixture.settings("break-off", "recipient: kaa\n" + lines))
    }

    private static func enrolment(
        _ start: String, _ end: String? = nil, type: String = "GY", year: Int64 = 2, cancelled: Bool = false,
        at unit: String = "gy-1"
    ) -> JSONValue {
        var json: JSONValue = [
            "enroledAt": ["id": .string(unit)], "schoolType": .string(type), "schoolYear": .integer(year),
            "startDate": .string(start), "cancelled": .bool(cancelled),
        ]
        if let end { json["endDate"] = .string(end) }
        return json
    }

    private static func notices(
        _ enrolments: [JSONValue], today: String = "2026-11-28", birth: String? = "2009-01-01", number: String? = nil,
        status: String = "Aktiv", municipality: Int64? = nil, learned: String = "2026-10-05T10:00:00.000Z", settings: String = ""
    ) throws -> [DerivedRecord] {
        var person: JSONValue = [
            "id": "pupil-1", "givenName": "Prov", "familyName": "Provsson", "enrolments": .array(enrolments),
            "personStatus": .string(status),
        ]
        if let birth { person["birthDate"] = .string(birth) }
        if let number { person["civicNo"] = ["value": .string(number)] }
        if let municipality { person["addresses"] = [["type": "Folkbokföring", "municipalityCode": .integer(municipality)]] }
        let record = FlowRecord(
            key: RecordKey(.person, "pupil-1"), source: "edlevo", sequence: 1, time: learned,
            json: try SchoolRecord.validate(.person, person))
        let state = SubjectState(person: "pupil-1", records: [record])
        return try Self.flow(settings).decide(state, today: try #require(CalendarDate(today)))
    }

    @Test func `an enrolment that has ended without another is told of, from the day after its last`() throws {
        let enrolment = Self.enrolment("2025-08-18", "2026-10-01")
        #expect(try Self.notices([enrolment], today: "2026-10-01").isEmpty)
        let derived = try #require(try Self.notices([enrolment], today: "2026-10-02").first)
        let notice = try Notice(json: derived.json)
        #expect(notice.noticeType == .studiesBrokenOff)
        #expect(notice.recipient == "kaa")
        #expect(notice.organisation?.id == "gy-1")
        #expect(notice.schoolType == .gy)
        #expect(notice.date == CalendarDate("2026-10-01"))
        #expect(derived.rule == "enrolment-ended-without-studies")
        #expect(derived.origins == [RecordKey(.person, "pupil-1")])
        #expect(try Self.notices([enrolment], today: "2026-11-28") == [derived])
    }

    @Test(arguments: [
        ("2026-10-02", nil, "GY", false, true), ("2026-12-28", nil, "GY", false, true), ("2026-12-29", nil, "GY", false, false),
        ("2026-11-01", nil, "VUXGY", false, true), ("2026-11-01", nil, "FHS", false, true),
        ("2026-10-02", "2026-11-27", "GY", false, false), ("2026-10-02", nil, "GY", true, false),
    ])
    func `other studies now, or within 30 days, withdraw it`(
        _ start: String, _ end: String?, _ type: String, _ cancelled: Bool, _ withdraws: Bool
    ) throws {
        let found = try Self.notices([
            Self.enrolment("2025-08-18", "2026-10-01"),
            Self.enrolment(start, end, type: type, cancelled: cancelled, at: "other"),
        ])
        #expect(found.isEmpty == withdraws)
    }

    @Test func `days until the next studies, and which studies count, are settings`() throws {
        let next = [Self.enrolment("2025-08-18", "2026-10-01"), Self.enrolment("2027-01-11", at: "other")]
        #expect(try Self.notices(next).count == 1)
        #expect(try Self.notices(next, settings: "begins_within_days: 60").isEmpty)
        let adult = [Self.enrolment("2025-08-18", "2026-10-01"), Self.enrolment("2026-10-05", type: "VUXGY")]
        #expect(try Self.notices(adult, settings: "other_studies: [GY]").count == 1)
    }

    @Test(arguments: [
        (3, "2026-06-15", "GY", false, true), (3, "2026-06-30", "GY", false, true), (3, "2026-05-31", "GY", false, false),
        (2, "2026-06-15", "GY", false, false), (3, "2026-06-15", "GYA", false, false), (4, "2026-06-15", "GYA", false, true),
        (3, "2026-06-15", "GY", true, false),
    ])
    func `who leaves the last year in June has completed; broken off before is no completion`(
        _ year: Int64, _ end: String, _ type: String, _ cancelled: Bool, _ isCompleted: Bool
    ) throws {
        let found = try Self.notices([Self.enrolment("2025-08-18", end, type: type, year: year, cancelled: cancelled)])
        #expect(found.isEmpty == isCompleted)
    }

    @Test func `an enrolment broken off without an end is of the day when the hub learned it, under the same id as with one`()
        throws
    {
        let open = try #require(
            try Self.notices([Self.enrolment("2025-08-18", "2027-06-30", cancelled: true)], learned: "2026-10-05T22:30:00.000Z")
                .first)
        #expect(open.rule == "enrolment-broken-off")
        #expect(open.json["date"] == "2026-10-06")
        let ended = try #require(try Self.notices([Self.enrolment("2025-08-18", "2026-10-01", cancelled: true)]).first)
        #expect(ended.key == open.key)
        #expect(ended.json["date"] == "2026-10-01")
    }

    @Test(arguments: [
        ("2006-11-29", nil, true), ("2006-11-28", nil, false), (nil, "20061129TF01", true), (nil, "20061128TF01", false),
        ("2009-01-01", "19800101TF01", true), (nil, nil, false),
    ])
    func `below 20 by birth date, or by the number where there is none; unknown age is told to nobody`(
        _ birth: String?, _ number: String?, _ isTold: Bool
    ) throws {
        let found = try Self.notices([Self.enrolment("2025-08-18", "2026-10-01")], birth: birth, number: number)
        #expect(found.isEmpty != isTold)
        // Neither number nor birth date is in it.
        for record in found {
            let text = String(decoding: record.json.canonicalData, as: UTF8.self)
            for secret in [birth, number].compactMap(\.self) { #expect(!text.contains(secret)) }
        }
    }

    @Test func `emigrated, dead, other municipalities' young and compulsory schools' pupils aren't told of`() throws {
        let enrolment = Self.enrolment("2025-08-18", "2026-10-01")
        #expect(try Self.notices([enrolment], status: "Utvandrad").isEmpty)
        #expect(try Self.notices([enrolment], status: "Avliden").isEmpty)
        #expect(try Self.notices([Self.enrolment("2025-08-18", "2026-10-01", type: "GR")]).isEmpty)
        #expect(try Self.notices([enrolment], municipality: 180, settings: "home_municipality: 2580").isEmpty)
        #expect(try Self.notices([enrolment], municipality: 2580, settings: "home_municipality: 2580").count == 1)
        #expect(try Self.notices([enrolment], settings: "home_municipality: 2580").count == 1)
    }

    @Test func `of two schools the one left last is named`() throws {
        let found = try Self.notices([
            Self.enrolment("2024-08-18", "2025-06-30", year: 1, at: "gy-1"),
            Self.enrolment("2025-08-18", "2026-10-01", at: "gy-2"),
        ])
        #expect(found.map { $0.json["organisation"]?["id"] } == ["gy-2"])
    }
}
