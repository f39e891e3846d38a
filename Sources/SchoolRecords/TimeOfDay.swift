/// A time on the clock without a day, to the minute: `HH:mm`. `24:00` is the end of a day.
public struct TimeOfDay: Sendable, Hashable, Comparable, CustomStringConvertible {
    /// Since midnight, 0 to 1440.
    public let minutes: Int

    /// A time from the minutes since midnight; `nil` outside of 0 to 1440.
    public init?(minutes: Int) {
        guard (0...1440).contains(minutes) else { return nil }
        self.minutes = minutes
    }

    /// Reads `HH:mm`, and `H:mm` and `HH:mm:ss` of known servers (the seconds are dropped).
    public init?(_ text: some StringProtocol) {
        let parts = text.utf8.split(separator: UInt8(ascii: ":"), omittingEmptySubsequences: false)
        guard parts.count == 2 || parts.count == 3, (1...2).contains(parts[0].count),
            parts.dropFirst().allSatisfy({ $0.count == 2 }),
            let hour = CalendarDate.number(parts[0]), let minute = CalendarDate.number(parts[1]), minute < 60,
            parts.count == 2 || CalendarDate.number(parts[2]).map({ $0 < 60 }) == true
        else { return nil }
        self.init(minutes: hour * 60 + minute)
    }

    /// `HH:mm`.
    public var description: String {
        let hour = self.minutes / 60
        let minute = self.minutes % 60
        return "\(hour < 10 ? "0" : "")\(hour):\(minute < 10 ? "0" : "")\(minute)"
    }

    public static func < (left: TimeOfDay, right: TimeOfDay) -> Bool { left.minutes < right.minutes }
}
