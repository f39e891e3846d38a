public import Foundation
public import SchoolRecords

/// Where the hub's services get the time from; tests give their own.
public struct HubClock: Sendable {
    public var now: @Sendable () -> Date
    /// Waits; throws `CancellationError` when cancelled.
    public var sleep: @Sendable (Duration) async throws -> Void

    public init(
        now: @escaping @Sendable () -> Date,
        sleep: @escaping @Sendable (Duration) async throws -> Void
    ) {
        self.now = now
        self.sleep = sleep
    }

    /// The machine's clock.
    public static let system = HubClock(now: { Date() }, sleep: { try await Task.sleep(for: $0) })

    /// RFC 3339 in UTC with milliseconds, e.g. `2026-08-17T06:00:00.000Z`: sorts as text.
    public var timestamp: String { RFC3339.text(self.now()) }

    /// The date in Sweden: what mappings take as today.
    public var calendarDate: CalendarDate { RFC3339.swedishDate(self.now()) }

    /// The last moment of a day in Sweden: RFC 3339 in UTC.
    public static func lastMoment(of date: CalendarDate) -> String { RFC3339.text(RFC3339.endOfSwedishDay(date)) }

    /// The hour of the day in Sweden, 0-23.
    public var swedishHour: Int { RFC3339.swedishHour(self.now()) }
}

/// Instants as text and back.
public enum RFC3339 {
    private static let style = Date.ISO8601FormatStyle(includingFractionalSeconds: true)
    private static let plain = Date.ISO8601FormatStyle()

    public static func text(_ date: Date) -> String { date.formatted(Self.style) }

    /// Reads an instant with or without fractions of a second; `nil` when it is none.
    public static func date(_ text: String) -> Date? {
        (try? Self.style.parse(text)) ?? (try? Self.plain.parse(text))
    }

    /// An instant some seconds later; the same text when it is no instant.
    public static func later(_ text: String, by seconds: Double) -> String {
        self.date(text).map { self.text($0.addingTimeInterval(seconds)) } ?? text
    }

    /// A millisecond before the next day.
    static func endOfSwedishDay(_ date: CalendarDate) -> Date {
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = TimeZone(identifier: "Europe/Stockholm") ?? .gmt
        let next = CalendarDate(daysSinceEpoch: date.daysSinceEpoch + 1)
        let parts = DateComponents(year: next.year, month: next.month, day: next.day)
        return (calendar.date(from: parts) ?? .distantFuture).addingTimeInterval(-0.001)
    }

    static func swedishHour(_ date: Date) -> Int {
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = TimeZone(identifier: "Europe/Stockholm") ?? .gmt
        return calendar.component(.hour, from: date)
    }

    static func swedishDate(_ date: Date) -> CalendarDate {
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = TimeZone(identifier: "Europe/Stockholm") ?? .gmt
        let parts = calendar.dateComponents([.year, .month, .day], from: date)
        return CalendarDate(year: parts.year ?? 1970, month: parts.month ?? 1, day: parts.day ?? 1)
    }
}
