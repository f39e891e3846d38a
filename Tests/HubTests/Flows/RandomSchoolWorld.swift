import Hub
import SchoolRecords
import TestChance

/// Records about a few pupils that come, change, move to another pupil and go, in any order.
struct RandomSchoolWorld {
    /// What happens to one record.
    struct Change {
        let key: RecordKey
        let source: String
        /// Nothing when it goes.
        let json: JSONValue?
    }

    private var random: SeededRandom
    /// What is there now.
    private(set) var records: [RecordKey: (source: String, json: JSONValue)] = [:]
    /// Every record that ever was.
    private(set) var ever: Set<RecordKey> = []

    init(seed: UInt64) { self.random = SeededRandom(seed: seed) }

    private static let kinds: [(entity: Entity, number: Int)] = [
        (.person, 5), (.absence, 6), (.placement, 6), (.attendanceSchedule, 4), (.transportApplication, 4),
        (.transportEligibility, 5), (.transportDecision, 3), (.organisation, 3),
    ]

    mutating func change() -> Change {
        let kind = Self.kinds[self.number(Self.kinds.count)]
        let key = RecordKey(kind.entity, "\(kind.entity.rawValue)-\(self.number(kind.number))")
        self.ever.insert(key)
        if self.records[key] != nil, self.number(4) == 0 {
            let source = self.records.removeValue(forKey: key)?.source ?? ""
            return Change(key: key, source: source, json: nil)
        }
        var source = ["edlevo", "skola24", "tempus"][self.number(3)]
        switch kind.entity {
        case .absence: source = ["skola24", "tempus"][self.number(2)]
        case .transportApplication, .transportEligibility, .transportDecision: source = "vega"
        case .placement, .attendanceSchedule: source = "tempus"
        default: source = "edlevo"
        }
        let json = self.json(key)
        self.records[key] = (source, json)
        return Change(key: key, source: source, json: json)
    }

    mutating func number(_ count: Int) -> Int { Int.random(in: 0..<count, using: &self.random) }

    private mutating func reference(_ entity: Entity, _ count: Int) -> JSONValue {
        ["id": .string("\(entity.rawValue)-\(self.number(count))")]
    }

    private mutating func day(_ month: Int) -> String {
        "\(CalendarDate(year: 2026, month: month, day: 1 + self.number(27)))"
    }

    private mutating func json(_ key: RecordKey) -> JSONValue {
        let id = JSONValue.string(key.id)
        switch key.entity {
        case .person:
            var enrolment: JSONValue = [
                "enroledAt": self.reference(.organisation, 3), "schoolType": .string(["GY", "GR", "GY"][self.number(3)]),
                "schoolYear": .integer(Int64(1 + self.number(3))), "startDate": "2025-08-18",
            ]
            if self.number(2) == 0 { enrolment["endDate"] = .string(self.day(10 + self.number(3))) }
            if self.number(4) == 0 { enrolment["cancelled"] = true }
            return [
                "id": id, "givenName": "Prov", "familyName": "Provsson", "birthDate": "2009-01-01", "personStatus": "Aktiv",
                "enrolments": self.number(5) == 0 ? [] : [enrolment],
                "addresses": [["type": "Folkbokföring", "streetAddress": .string("Storgatan \(self.number(2))")]],
            ]
        case .absence:
            let day = "2026-11-0\(2 + self.number(5))"
            let first = 10 + self.number(6)
            let hours = self.number(3) == 0 ? ("05", "19") : ("\(first)", "\(first + 1 + self.number(3))")
            // One that is far too long can't be decided about.
            let end =
                switch self.number(6) {
                case 0: "2028-12-01T08:00:00Z"
                case 1: "2026-11-12T00:00:00Z"
                default: "\(day)T\(hours.1):00:00Z"
                }
            return [
                "id": id, "student": self.reference(.person, 5), "type": "Anmäld frånvaro",
                "startTime": .string("\(day)T\(hours.0):00:00Z"), "endTime": .string(end),
            ]
        case .placement:
            return [
                "id": id, "child": self.reference(.person, 5), "placedAt": self.reference(.organisation, 3),
                "schoolType": .string(["FTH", "FS"][self.number(2)]), "startDate": .string(self.day(9 + self.number(3))),
            ]
        case .attendanceSchedule:
            let week = ["Måndag", "Tisdag", "Onsdag", "Torsdag", "Fredag"].map { day -> JSONValue in
                ["weekOffset": 0, "dayOfWeek": .string(day), "startTime": "12:00", "endTime": "17:00"]
            }
            return [
                "id": id, "placement": self.reference(.placement, 6), "numberOfWeeks": 1, "startDate": "2026-01-01",
                "scheduleEntries": .array(week),
            ]
        case .transportApplication:
            return [
                "id": id, "child": self.reference(.person, 5), "organisation": self.reference(.organisation, 3),
                "reasons": ["distance"], "submittedAt": "2026-10-20T08:00:00Z", "startDate": .string(self.day(11)),
            ]
        case .transportEligibility:
            return [
                "id": id, "application": self.reference(.transportApplication, 4), "child": self.reference(.person, 5),
                "outcome": .string(["granted", "refused"][self.number(2)]), "reasons": ["distance"],
                "answeredAt": .string("\(self.day(10))T08:00:00Z"),
            ]
        case .transportDecision:
            return [
                "id": id, "child": self.reference(.person, 5), "outcome": "granted", "preliminary": false,
                "decidedDate": .string(self.day(11)), "application": self.reference(.transportApplication, 4),
            ]
        default:
            return [
                "id": id, "displayName": "Enhet", "organisationType": "Skolenhet",
                "parentOrganisation": ["id": .string("school-\(self.number(2))")],
            ]
        }
    }
}
