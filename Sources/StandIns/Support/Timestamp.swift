/// An instant in microseconds since 1970, as `meta.created` and `meta.modified` carry it (RFC 3339).
struct Timestamp: Sendable, Hashable, Comparable {
    var microseconds: Int64

    init(microseconds: Int64) { self.microseconds = microseconds }

    /// Midnight UTC of a day, plus seconds.
    init(_ day: CalendarDay, seconds: Int = 0) {
        self.microseconds = (Int64(day.number) * 86_400 + Int64(seconds)) * 1_000_000
    }

    /// Reads RFC 3339 with an offset; digits beyond the microsecond are left out.
    init?(_ text: String) {
        let bytes = Array(text.utf8)
        guard bytes.count >= 20, let day = CalendarDay(text.prefix(10)), bytes[10] == 0x54 || bytes[10] == 0x74 else {
            return nil
        }
        guard let hour = Self.number(bytes, 11), let minute = Self.number(bytes, 14),
            let second = Self.number(bytes, 17),
            bytes[13] == 0x3A, bytes[16] == 0x3A, hour < 24, minute < 60, second < 61
        else { return nil }
        var position = 19
        var fraction: Int64 = 0
        if bytes[position] == 0x2E {
            position += 1
            var unit: Int64 = 100_000
            let start = position
            while position < bytes.count, (0x30...0x39).contains(bytes[position]) {
                fraction += Int64(bytes[position] - 0x30) * unit
                unit /= 10
                position += 1
            }
            guard position > start else { return nil }
        }
        guard position < bytes.count else { return nil }
        var offset = 0
        if bytes[position] == 0x5A || bytes[position] == 0x7A {
            guard position + 1 == bytes.count else { return nil }
        } else {
            // A space stands for a plus sign that was not percent-encoded in a query.
            guard [0x2B, 0x2D, 0x20].contains(bytes[position]), position + 6 == bytes.count,
                bytes[position + 3] == 0x3A, let hours = Self.number(bytes, position + 1),
                let minutes = Self.number(bytes, position + 4)
            else { return nil }
            offset = (hours * 60 + minutes) * (bytes[position] == 0x2D ? -60 : 60)
        }
        self.init(day, seconds: hour * 3600 + minute * 60 + second - offset)
        self.microseconds += fraction
    }

    private static func number(_ bytes: [UInt8], _ position: Int) -> Int? {
        guard position + 1 < bytes.count else { return nil }
        let (tens, ones) = (bytes[position], bytes[position + 1])
        guard (0x30...0x39).contains(tens), (0x30...0x39).contains(ones) else { return nil }
        return Int(tens - 0x30) * 10 + Int(ones - 0x30)
    }

    /// With milliseconds, in UTC: `2026-08-17T06:00:00.125Z`.
    var text: String { self.text(offsetHours: nil) }

    /// With milliseconds and a whole number of hours off UTC, `+02:00`; `nil` gives `Z`.
    func text(offsetHours: Int?) -> String {
        let shifted = self.microseconds + Int64(offsetHours ?? 0) * 3_600_000_000
        let day = Int((shifted - (shifted < 0 ? 86_399_999_999 : 0)) / 86_400_000_000)
        let rest = shifted - Int64(day) * 86_400_000_000
        let seconds = Int(rest / 1_000_000)
        var text = Array(CalendarDay(number: day).text.utf8)
        text.append(0x54)
        for (position, value) in [seconds / 3600, seconds / 60 % 60, seconds % 60].enumerated() {
            if position > 0 { text.append(0x3A) }
            text.append(UInt8(0x30 + value / 10))
            text.append(UInt8(0x30 + value % 10))
        }
        text.append(0x2E)
        let milliseconds = Int(rest / 1000 % 1000)
        for divisor in [100, 10, 1] { text.append(UInt8(0x30 + milliseconds / divisor % 10)) }
        guard let offsetHours else {
            text.append(0x5A)
            return String(decoding: text, as: UTF8.self)
        }
        text.append(offsetHours < 0 ? 0x2D : 0x2B)
        text.append(UInt8(0x30 + abs(offsetHours) / 10))
        text.append(UInt8(0x30 + abs(offsetHours) % 10))
        text.append(contentsOf: ":00".utf8)
        return String(decoding: text, as: UTF8.self)
    }

    static func < (left: Timestamp, right: Timestamp) -> Bool { left.microseconds < right.microseconds }
}
