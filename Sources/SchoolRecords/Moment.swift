/// A point in time as RFC 3339 writes it, in the offset of its source: SS 12000's `date-time`.
///
/// Two moments are equal when they are written alike; ask ``secondsSinceEpoch`` to compare times.
public struct Moment: Sendable, Hashable, CustomStringConvertible {
    /// `yyyy-MM-ddTHH:mm:ss`, a fraction of the second when the source had one, and `Z` or `±HH:mm`.
    public let description: String
    /// Since 1970-01-01T00:00:00Z; the fraction is cut off.
    public let secondsSinceEpoch: Int

    /// Reads a moment. A space instead of the `T`, missing seconds, and small letters are taken.
    ///
    /// A time without an offset is Swedish time: summer time from the last Sunday of March to the last of October,
    /// and in the hour that comes twice the first of the two.
    ///
    /// - Returns: `nil` when the text has another form, or there is no such day or time.
    public init?(_ text: some StringProtocol) {
        let bytes = Array(text.utf8)
        guard bytes.count >= 16, let date = CalendarDate(String(decoding: bytes[0..<10], as: UTF8.self)),
            bytes[10] == UInt8(ascii: "T") || bytes[10] == UInt8(ascii: "t") || bytes[10] == UInt8(ascii: " "),
            let time = TimeOfDay(String(decoding: bytes[11..<16], as: UTF8.self)), time.minutes < 1440
        else { return nil }
        var rest = bytes[16...]
        guard let (second, fraction) = Self.seconds(&rest) else { return nil }
        let clock = date.daysSinceEpoch * 86_400 + time.minutes * 60 + second
        let offset: Int
        if rest.isEmpty {
            offset = Self.swedishOffset(clock: clock, year: date.year)
        } else {
            guard let given = Self.offset(rest) else { return nil }
            offset = given
        }
        let isZulu = rest.first == UInt8(ascii: "Z") || rest.first == UInt8(ascii: "z")
        self.secondsSinceEpoch = clock - offset
        let seconds = "\(second < 10 ? "0" : "")\(second)\(fraction)"
        self.description = "\(date)T\(time):\(seconds)\(isZulu ? "Z" : Self.text(ofOffset: offset))"
    }

    /// `:ss` and `.fff`; nothing at all is second 0.
    private static func seconds(_ rest: inout ArraySlice<UInt8>) -> (Int, String)? {
        guard rest.first == UInt8(ascii: ":") else { return (0, "") }
        guard rest.count >= 3, let second = CalendarDate.number(rest.dropFirst().prefix(2)), second < 60 else { return nil }
        rest = rest.dropFirst(3)
        guard rest.first == UInt8(ascii: ".") else { return (second, "") }
        let digits = rest.dropFirst().prefix { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
        guard !digits.isEmpty else { return nil }
        rest = rest.dropFirst(1 + digits.count)
        return (second, "." + String(decoding: digits, as: UTF8.self))
    }

    private static func offset(_ rest: ArraySlice<UInt8>) -> Int? {
        let bytes = Array(rest)
        if bytes.count == 1 { return bytes[0] & 0xDF == UInt8(ascii: "Z") ? 0 : nil }
        guard bytes.count == 6, bytes[3] == UInt8(ascii: ":"), let hours = CalendarDate.number(bytes[1..<3]), hours < 24,
            let minutes = CalendarDate.number(bytes[4..<6]), minutes < 60
        else { return nil }
        let seconds = hours * 3600 + minutes * 60
        switch bytes[0] {
        case UInt8(ascii: "+"): return seconds
        case UInt8(ascii: "-"): return -seconds
        default: return nil
        }
    }

    private static func text(ofOffset offset: Int) -> String {
        let minutes = abs(offset) / 60
        return "\(offset < 0 ? "-" : "+")\(TimeOfDay(minutes: minutes)?.description ?? "00:00")"
    }

    /// Summer time runs between 01:00 UTC of the last Sundays of March and of October.
    private static func swedishOffset(clock: Int, year: Int) -> Int {
        let spring = Self.lastSunday(month: 3, year: year) * 86_400 + 2 * 3600
        let autumn = Self.lastSunday(month: 10, year: year) * 86_400 + 3 * 3600
        return clock >= spring && clock < autumn ? 7200 : 3600
    }

    private static func lastSunday(month: Int, year: Int) -> Int {
        let last = CalendarDate(year: year, month: month, day: 31).daysSinceEpoch
        // 1970-01-01 was a Thursday.
        return last - ((last + 4) % 7 + 7) % 7
    }
}
