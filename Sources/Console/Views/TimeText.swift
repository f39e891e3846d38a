import Foundation
import Hub

/// Times and durations as people read them.
struct TimeText: Sendable {
    private static let stockholm = TimeZone(identifier: "Europe/Stockholm") ?? .gmt

    let language: Language
    let now: Date

    init(_ language: Language, now: Date) {
        self.language = language
        self.now = now
    }

    /// Swedish local time to the minute, without the day when it is today; `–` for none.
    ///
    /// - Parameter instant: RFC 3339.
    func moment(_ instant: String?) -> String {
        guard let instant else { return "–" }
        guard let date = RFC3339.date(instant) else { return instant }
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = Self.stockholm
        let parts = calendar.dateComponents([.year, .month, .day, .hour, .minute, .second], from: date)
        func two(_ number: Int?) -> String { (number ?? 0) < 10 ? "0\(number ?? 0)" : "\(number ?? 0)" }
        let time = "\(two(parts.hour)):\(two(parts.minute))"
        if calendar.isDate(date, inSameDayAs: self.now) { return "\(time):\(two(parts.second))" }
        return "\(parts.year ?? 0)-\(two(parts.month))-\(two(parts.day)) \(time)"
    }

    /// The instant of a Swedish local time as forms send it, `2026-08-17T08:00`, with seconds or without; `nil` when it is none.
    ///
    /// - Returns: RFC 3339 in UTC.
    static func instant(local text: String) -> String? {
        let parts = text.split(separator: "T", omittingEmptySubsequences: false)
        let day = parts[0].split(separator: "-").compactMap { Int($0) }
        let time = parts.count == 2 ? parts[1].split(separator: ":").compactMap { Int($0) } : []
        guard day.count == 3, (2...3).contains(time.count) else { return nil }
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = Self.stockholm
        let components = DateComponents(
            calendar: calendar, year: day[0], month: day[1], day: day[2], hour: time[0], minute: time[1],
            second: time.count == 3 ? time[2] : 0)
        guard components.isValidDate(in: calendar) else { return nil }
        return calendar.date(from: components).map(RFC3339.text)
    }

    /// A number with thin gaps between thousands.
    static func number(_ number: Int) -> String {
        let digits = String(number.magnitude)
        var parts: [Substring] = []
        var rest = digits[...]
        while rest.count > 3 {
            parts.insert(rest.suffix(3), at: 0)
            rest = rest.dropLast(3)
        }
        parts.insert(rest, at: 0)
        return (number < 0 ? "−" : "") + parts.joined(separator: "\u{202F}")
    }
}
