import Foundation
import SchoolRecords

/// The time on the wall in Sweden, which these interfaces speak in, without a zone.
struct WallClock: Sendable, Hashable, Comparable {
    /// Since 1970-01-01T00:00:00 on the wall.
    let seconds: Int

    init(seconds: Int) { self.seconds = seconds }

    /// The wall's time at an instant.
    init(_ date: Date) {
        let zone = TimeZone(identifier: "Europe/Stockholm") ?? .gmt
        self.seconds = Int(date.timeIntervalSince1970.rounded(.down)) + zone.secondsFromGMT(for: date)
    }

    /// Reads `yyyy-MM-ddTHH:mm:ss`, also with fractions; with a zone it is brought to the wall's.
    init?(_ text: String) {
        guard let day = CalendarDate(text.prefix(10)) else { return nil }
        if text.count == 10 {
            self.init(seconds: day.daysSinceEpoch * 86_400)
        } else if Self.hasZone(text), let moment = Moment(text) {
            self.init(Date(timeIntervalSince1970: Double(moment.secondsSinceEpoch)))
        } else if let moment = Moment(text.prefix(19) + "Z") {
            self.init(seconds: moment.secondsSinceEpoch)
        } else {
            return nil
        }
    }

    private static func hasZone(_ text: String) -> Bool { text.dropFirst(19).contains { "Zz+-".contains($0) } }

    /// The instant; of the two that an hour in autumn has, the earlier one.
    var date: Date {
        let zone = TimeZone(identifier: "Europe/Stockholm") ?? .gmt
        for offset in [7200, 3600] {
            let date = Date(timeIntervalSince1970: Double(self.seconds - offset))
            if zone.secondsFromGMT(for: date) == offset { return date }
        }
        // An hour that the spring leaves out.
        return Date(timeIntervalSince1970: Double(self.seconds - 3600))
    }

    /// `yyyy-MM-ddTHH:mm:ss`
    var text: String {
        let (day, rest) = (self.seconds >= 0 ? self.seconds / 86_400 : (self.seconds - 86_399) / 86_400, self.seconds)
        let second = rest - day * 86_400
        func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
        return "\(CalendarDate(daysSinceEpoch: day))T\(two(second / 3600)):\(two(second / 60 % 60)):\(two(second % 60))"
    }

    static func < (left: WallClock, right: WallClock) -> Bool { left.seconds < right.seconds }
    static func + (clock: WallClock, seconds: Int) -> WallClock { WallClock(seconds: clock.seconds + seconds) }
    static func - (clock: WallClock, seconds: Int) -> WallClock { WallClock(seconds: clock.seconds - seconds) }
}
