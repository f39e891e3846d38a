import Foundation
import SchoolRecords

/// What goes on in a synthetic municipality beside its roster: lessons and absences, stays, applications for transport.
///
/// The same municipality gives the same records. One class pupil in 25 is absent, every fifth of them for the morning only;
/// every child with a place has a stay schedule, and came on the last school day as far as was registered; one class pupil in 50
/// has applied for transport. Schools differ in how much they report, see ``Completeness``. Persons with a security marking are
/// in none of it.
struct DailyLife {
    enum Stream: UInt64 {
        case activity = 0x5A00
        case calendarEvent
        case absence
        case schedule
        case event
        case application
        case eligibility
        case attendance
        case lessonReport
    }

    private let seed: UInt64
    let day: CalendarDay
    private let protected: Set<String>
    private let groups: [JSONValue]
    private let placements: [JSONValue]
    private let units: [String: Int]

    /// - Throws: ``StandInError`` when the municipality can't be read.
    init(_ municipality: SyntheticMunicipality) throws(StandInError) {
        self.seed = municipality.seed
        // 1970-01-01 was a Thursday; a Saturday or Sunday becomes the Monday after.
        let today = CalendarDay(municipality.today) ?? CalendarDay(number: 0)
        let weekday = ((today.number + 3) % 7 + 7) % 7
        self.day = today + (weekday >= 5 ? 7 - weekday : 0)
        self.protected = Set(municipality.protectedPersons.map(\.id))
        do {
            self.groups = try municipality.documents(of: .group)
            self.placements = try municipality.documents(of: .placement)
            self.units = Self.order(self.placements.map { $0["placedAt"]?["id"]?.stringValue })
        } catch {
            throw StandInError(.badInput, "the municipality's documents can't be read", cause: error)
        }
    }

    /// The system's own records of an entity; none where another system is the source.
    func records(of entity: Entity, in system: TwoWaySystem) -> [SyntheticRecord] {
        switch (system, entity) {
        case (.skola24, .activity): self.made(.activity, self.taught.enumerated().map { self.activity($0, $1) })
        case (.skola24, .calendarEvent):
            self.made(.calendarEvent, self.taught.indices.flatMap { [self.lesson($0, 0), self.lesson($0, 1)] })
        case (.skola24, .attendance): self.made(.attendance, self.attendances)
        case (.skola24, .lessonReport): self.made(.lessonReport, self.lessonReports)
        case (.skola24, .absence): self.made(.absence, self.absences)
        case (.tempus, .attendanceSchedule):
            self.made(.attendanceSchedule, self.current.enumerated().map { self.schedule($0, $1) })
        case (.tempus, .attendanceEvent):
            self.made(.attendanceEvent, self.current.enumerated().flatMap { self.stay($0, $1) })
        case (.vega, .transportApplication): self.made(.transportApplication, self.applications)
        case (.vega, .transportEligibility):
            self.made(.transportEligibility, self.applications.enumerated().map { self.eligibility($0, $1) })
        default: []
        }
    }

    // MARK: Whom it is about

    private typealias Pupil = (id: String, organisation: JSONValue)

    var taught: [JSONValue] { self.groups.filter { ["Klass", "Undervisning"].contains($0["groupType"]?.stringValue) } }

    func isNow(_ value: JSONValue) -> Bool {
        (value["startDate"]?.stringValue ?? "0") <= self.day.text && (value["endDate"]?.stringValue ?? "9") >= self.day.text
    }

    private var classPupils: [Pupil] {
        self.groups.filter { $0["groupType"] == "Klass" }.flatMap { group in
            self.members(of: group).map { ($0, group["organisation"] ?? .null) }
        }
    }

    func members(of group: JSONValue) -> [String] {
        (group["groupMemberships"]?.arrayValue ?? []).compactMap { member in
            guard self.isNow(member), let id = member["person"]?["id"]?.stringValue, !self.protected.contains(id) else {
                return nil
            }
            return id
        }
    }

    private var current: [JSONValue] {
        self.placements.filter { placement in
            self.isNow(placement) && !(placement["child"]?["id"]?.stringValue.map(self.protected.contains) ?? true)
        }
    }

    // MARK: Documents

    func id(_ stream: Stream, _ index: Int) -> String {
        var generator = SeededGenerator(seed: self.seed, stream: stream.rawValue, index: index)
        return generator.uuid()
    }

    func chance(_ stream: Stream, _ index: Int) -> SeededGenerator {
        SeededGenerator(seed: self.seed, stream: stream.rawValue, index: index &+ 1_000_000_000)
    }

    /// In UTC; in winter an hour behind Swedish time.
    func moment(_ minutes: Int, daysBack: Int = 0) -> JSONValue {
        .string(Timestamp(self.day - daysBack, seconds: minutes * 60).text)
    }

    private func made(_ entity: Entity, _ documents: [JSONValue]) -> [SyntheticRecord] {
        documents.enumerated().map { index, document in
            let stamp = Timestamp(self.day - 1, seconds: 3600 + index % 7200)
            var document = document
            document["meta"] = ["created": .string(stamp.text), "modified": .string(stamp.text)]
            return SyntheticRecord(
                key: RecordKey(entity, document["id"]?.stringValue ?? ""), stamps: RecordStamps(created: stamp, modified: stamp),
                bytes: Array(document.canonicalData))
        }
    }

    private func activity(_ index: Int, _ group: JSONValue) -> JSONValue {
        [
            "id": .string(self.id(.activity, index)), "displayName": group["displayName"] ?? "Grupp",
            "calendarEventsRequired": true, "startDate": group["startDate"] ?? .string(self.day.text),
            "activityType": "Undervisning", "groups": [["id": group["id"] ?? .null]],
            "organisation": group["organisation"] ?? .null,
        ]
    }

    /// One in the morning and one in the afternoon.
    private func lesson(_ index: Int, _ number: Int) -> JSONValue {
        let start = number == 0 ? 7 * 60 + 20 : 12 * 60
        return [
            "id": .string(self.id(.calendarEvent, index * 2 + number)), "activity": ["id": .string(self.id(.activity, index))],
            "startTime": self.moment(start), "endTime": self.moment(start + 60), "cancelled": false,
            "teachingLengthStudent": 60,
        ]
    }

    var absences: [JSONValue] { self.classPupils.enumerated().compactMap { self.absence($0, $1) } }

    private func absence(_ index: Int, _ pupil: Pupil) -> JSONValue? {
        var chance = self.chance(.absence, index)
        guard chance.perMille(40) else { return nil }
        let isMorning = chance.perMille(200)
        return [
            "id": .string(self.id(.absence, index)), "type": "Anmäld frånvaro", "student": ["id": .string(pupil.id)],
            "organisation": pupil.organisation, "startTime": self.moment(7 * 60),
            "endTime": self.moment(isMorning ? 11 * 60 : 16 * 60),
        ]
    }

    private static let weekdays = ["Måndag", "Tisdag", "Onsdag", "Torsdag", "Fredag"]

    private func schedule(_ index: Int, _ placement: JSONValue) -> JSONValue {
        let stays = placement["schoolType"] == "FTH" ? [("06:30", "08:00"), ("13:30", "16:30")] : [("07:30", "16:00")]
        let entries = Self.weekdays.flatMap { day in
            stays.map { stay -> JSONValue in
                [
                    "weekOffset": 0, "dayOfWeek": .string(day), "startTime": .string(stay.0), "endTime": .string(stay.1),
                ]
            }
        }
        return [
            "id": .string(self.id(.schedule, index)), "placement": ["id": placement["id"] ?? .null], "numberOfWeeks": 1,
            "startDate": placement["startDate"] ?? .string(self.day.text), "temporary": false,
            "state": [["state": "Godkänt", "registeredAt": self.moment(600, daysBack: 30)]], "scheduleEntries": .array(entries),
        ]
    }

    /// An arrival and a departure for each stay of the last school day, as far as the unit registered them.
    private func stay(_ index: Int, _ placement: JSONValue) -> [JSONValue] {
        let unit = placement["placedAt"]?["id"]?.stringValue ?? ""
        let isAfterSchool = placement["schoolType"] == "FTH"
        let share = Completeness.ofStays(unit: self.units[unit] ?? 0, afterSchool: isAfterSchool)
        let stays = isAfterSchool ? [(390, 480), (810, 990)] : [(450, 960)]
        let weekday = ((self.day.number + 3) % 7 + 7) % 7
        var chance = self.chance(.event, index)
        var events: [JSONValue] = []
        for (number, stay) in stays.enumerated() {
            let times = [stay.0 + chance.below(15), stay.1 - chance.below(15)]
            guard chance.perMille(share) else { continue }
            for (part, minutes) in times.enumerated() {
                events.append([
                    "id": .string(self.id(.event, index * 4 + number * 2 + part)),
                    "time": self.moment(minutes - 60, daysBack: weekday == 0 ? 3 : 1),
                    "eventType": .string(part == 0 ? "In" : "Ut"), "person": placement["child"] ?? .null,
                    "group": placement["group"] ?? .null,
                ])
            }
        }
        return events
    }

    private var applications: [JSONValue] {
        self.classPupils.enumerated().compactMap { index, pupil in
            var chance = self.chance(.application, index)
            guard chance.perMille(20) else { return nil }
            return [
                "id": .string(self.id(.application, index)), "child": ["id": .string(pupil.id)],
                "organisation": pupil.organisation, "reasons": ["distance"], "submittedAt": self.moment(900, daysBack: 3),
                "startDate": .string((self.day + 14).text),
            ]
        }
    }

    private func eligibility(_ index: Int, _ application: JSONValue) -> JSONValue {
        var chance = self.chance(.eligibility, index)
        let distance = 500 + chance.below(9000)
        return [
            "id": .string(self.id(.eligibility, index)), "application": ["id": application["id"] ?? .null],
            "child": application["child"] ?? .null, "outcome": distance >= 3000 ? "granted" : "refused",
            "distanceMetres": .integer(Int64(distance)), "limitMetres": 3000, "reasons": ["distance"],
            "answeredAt": self.moment(905, daysBack: 3),
        ]
    }
}
