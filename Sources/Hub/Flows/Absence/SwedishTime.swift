import Foundation
import SchoolRecords

/// Days and times on Swedish clocks, and points in time.
enum SwedishTime {
    private static let zone = TimeZone(identifier: "Europe/Stockholm") ?? .gmt

    /// The day on which a point in time falls.
    static func day(_ seconds: Int) -> CalendarDate { RFC3339.swedishDate(Date(timeIntervalSince1970: Double(seconds))) }

    /// A time on a day; 24:00 is the next day's beginning. In the hour that comes twice in autumn the first of the two.
    static func seconds(_ day: CalendarDate, minutes: Int) -> Int {
        let date = CalendarDate(daysSinceEpoch: day.daysSinceEpoch + minutes / 1440)
        let time = TimeOfDay(minutes: minutes % 1440)?.description ?? "00:00"
        return Moment("\(date)T\(time)")?.secondsSinceEpoch ?? date.daysSinceEpoch * 86_400
    }

    /// A point in time as it is written in Sweden, with its offset.
    static func text(_ seconds: Int) -> String {
        let offset = Self.zone.secondsFromGMT(for: Date(timeIntervalSince1970: Double(seconds)))
        let clock = seconds + offset
        let days = Int((Double(clock) / 86_400).rounded(.down))
        let rest = clock - days * 86_400
        let time = TimeOfDay(minutes: rest / 60)?.description ?? "00:00"
        let second = rest % 60
        return "\(CalendarDate(daysSinceEpoch: days))T\(time):\(second < 10 ? "0" : "")\(second)+0\(offset / 3600):00"
    }

    /// 0 for Monday.
    static func weekday(_ day: CalendarDate) -> Int { ((day.daysSinceEpoch + 3) % 7 + 7) % 7 }
}

/// From a point in time up to, not including, another; seconds since 1970.
struct TimeSpan: Sendable, Hashable {
    var start: Int
    var end: Int

    var isEmpty: Bool { self.end <= self.start }

    func overlaps(_ other: TimeSpan) -> Bool { self.start < other.end && other.start < self.end }

    func clipped(to other: TimeSpan) -> TimeSpan {
        TimeSpan(start: max(self.start, other.start), end: min(self.end, other.end))
    }

    func covers(_ other: TimeSpan) -> Bool { self.start <= other.start && self.end >= other.end }
}
