/// A day in the proleptic Gregorian calendar, without time or time zone: SS 12000's `date`.
///
/// Both ends of a period are inclusive in SS 12000: a record is current on its `endDate`.
public struct CalendarDate: Sendable, Hashable, Comparable, CustomStringConvertible {
    public let year: Int
    public let month: Int
    public let day: Int

    /// A date from its parts; a part outside its range is brought to the nearest that exists (February 30 → 28 or 29).
    public init(year: Int, month: Int, day: Int) {
        self.year = min(max(year, 0), 9999)
        self.month = min(max(month, 1), 12)
        self.day = min(max(day, 1), Self.days(inMonth: self.month, of: self.year))
    }

    /// Reads `yyyy-MM-dd`; `nil` when the text has another form or the day doesn't exist.
    public init?(_ text: some StringProtocol) {
        guard let text = ShortText(text), text.count == 10, text[4] == UInt8(ascii: "-"), text[7] == UInt8(ascii: "-"),
            let year = text.number(0..<4), let month = text.number(5..<7), let day = text.number(8..<10)
        else { return nil }
        self.init(exactYear: year, month: month, day: day)
    }

    /// A date from its parts; `nil` when there is no such day.
    public init?(exactYear year: Int, month: Int, day: Int) {
        guard (0...9999).contains(year), (1...12).contains(month), day >= 1, day <= Self.days(inMonth: month, of: year) else {
            return nil
        }
        self.init(year: year, month: month, day: day)
    }

    /// `yyyy-MM-dd`.
    public var description: String {
        var text = ShortText()
        text.append(self.year, digits: 4)
        text.append(UInt8(ascii: "-"))
        text.append(self.month, digits: 2)
        text.append(UInt8(ascii: "-"))
        text.append(self.day, digits: 2)
        return text.description
    }

    public static func < (left: CalendarDate, right: CalendarDate) -> Bool {
        (left.year, left.month, left.day) < (right.year, right.month, right.day)
    }

    static func days(inMonth month: Int, of year: Int) -> Int {
        switch month {
        case 2: year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
        case 4, 6, 9, 11: 30
        default: 31
        }
    }

    static func number(_ digits: some Sequence<UInt8>) -> Int? {
        var value = 0
        for digit in digits {
            guard digit >= UInt8(ascii: "0"), digit <= UInt8(ascii: "9") else { return nil }
            value = value * 10 + Int(digit - UInt8(ascii: "0"))
        }
        return value
    }
}
