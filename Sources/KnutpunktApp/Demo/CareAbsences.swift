public import Foundation
import Hub
import SchoolRecords
public import StandIns

/// Absence from a stay in after-school care.
public struct CareAbsence: Sendable, Hashable {
    /// The child's id.
    public let child: String
    public let start: Date
    public let end: Date
}

/// Absence in care, counted by hand: what Skola24 says that pupils miss and when Tempus expects them, past the hub.
public enum CareAbsences {
    /// What Tempus should have been told: each of Skola24's own absences, clipped to each stay in after-school care that it
    /// overlaps and for which Tempus has no absence of its own. A child without a schedule is expected the whole day.
    public static func expected(skola24: SS12000StandIn, tempus: SS12000StandIn) async throws -> Set<CareAbsence> {
        let own = try await Self.all(tempus, written: false)
        let reported = try await Self.all(skola24, written: false)
        let schedules = Dictionary(grouping: try await tempus.truth(.attendanceSchedule).values) {
            $0["placement"]?["id"]?.stringValue ?? ""
        }
        let places = Dictionary(grouping: try await tempus.truth(.placement).values) { $0["child"]?["id"]?.stringValue ?? "" }
        var expected: Set<CareAbsence> = []
        for absence in reported {
            for place in places[absence.child] ?? [] where place["schoolType"] == "FTH" {
                for day in Self.days(absence) where Self.holds(place, day) {
                    for stay in Self.stays(schedules[place["id"]?.stringValue ?? ""] ?? [], day) {
                        let (start, end) = (max(absence.start, stay.start), min(absence.end, stay.end))
                        let isKnown = own.contains {
                            $0.child == absence.child && $0.start < stay.end && stay.start < $0.end
                        }
                        if start < end, !isKnown {
                            expected.insert(CareAbsence(child: absence.child, start: start, end: end))
                        }
                    }
                }
            }
        }
        return expected
    }

    /// What the hub has told a system, as it stands there now.
    public static func told(to system: SS12000StandIn) async throws -> [CareAbsence] {
        try await Self.all(system, written: true)
    }

    /// - Parameter written: those that the hub wrote; otherwise the system's own.
    private static func all(_ system: SS12000StandIn, written: Bool) async throws -> [CareAbsence] {
        let writes = await system.writes
        return try await system.truth(.absence).compactMap { id, document in
            guard (writes[RecordKey(.absence, id)] != nil) == written, let child = document["student"]?["id"]?.stringValue,
                let start = document["startTime"]?.stringValue.flatMap(RFC3339.date),
                let end = document["endTime"]?.stringValue.flatMap(RFC3339.date)
            else { return nil }
            return CareAbsence(child: child, start: start, end: end)
        }
    }

    private static let calendar: Calendar = {
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = TimeZone(identifier: "Europe/Stockholm") ?? .gmt
        return calendar
    }()

    /// The beginnings of the days that an absence touches.
    private static func days(_ absence: CareAbsence) -> [Date] {
        var days = [Self.calendar.startOfDay(for: absence.start)]
        while let last = days.last, let next = Self.calendar.date(byAdding: .day, value: 1, to: last), next < absence.end {
            days.append(next)
        }
        return days
    }

    private static func holds(_ place: JSONValue, _ day: Date) -> Bool {
        let parts = Self.calendar.dateComponents([.year, .month, .day], from: day)
        func padded(_ number: Int?) -> String { (number ?? 0) < 10 ? "0\(number ?? 0)" : "\(number ?? 0)" }
        let text = "\(parts.year ?? 0)-\(padded(parts.month))-\(padded(parts.day))"
        return (place["startDate"]?.stringValue ?? "") <= text && (place["endDate"]?.stringValue ?? "9") >= text
    }

    private static func stays(_ schedules: [JSONValue], _ day: Date) -> [(start: Date, end: Date)] {
        guard let schedule = schedules.first else {
            return Self.calendar.date(byAdding: .day, value: 1, to: day).map { [(day, $0)] } ?? []
        }
        let names = ["Söndag", "Måndag", "Tisdag", "Onsdag", "Torsdag", "Fredag", "Lördag"]
        let name = names[Self.calendar.component(.weekday, from: day) - 1]
        return (schedule["scheduleEntries"]?.arrayValue ?? []).compactMap { entry in
            guard entry["dayOfWeek"]?.stringValue == name, let start = Self.time(entry["startTime"], day),
                let end = Self.time(entry["endTime"], day)
            else { return nil }
            return (start, end)
        }
    }

    private static func time(_ value: JSONValue?, _ day: Date) -> Date? {
        let parts = (value?.stringValue ?? "").split(separator: ":").compactMap { Int($0) }
        guard parts.count >= 2 else { return nil }
        return Self.calendar.date(bySettingHour: parts[0], minute: parts[1], second: 0, of: day)
    }
}
