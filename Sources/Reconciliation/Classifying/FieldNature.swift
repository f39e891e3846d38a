import SchoolRecords

/// How the value that a system holds differs from the one that it should: a hint at where it happened.
public enum FieldNature: String, Sendable, Hashable, Codable, CaseIterable {
    /// Should have a value and has none.
    case empty
    /// Has a value and should have none.
    case filled
    /// The beginning of what it should be.
    case shortened
    /// The same but for letters outside of English: read or written in another encoding.
    case garbled
    /// A date, or an instant, that is a day off: a time zone.
    case shiftedDay = "shifted-day"
    /// The same but for upper and lower case.
    case letterCase = "letter-case"
    /// The same but for spaces, hyphens and the like.
    case spacing
    /// The same number without its leading zeros, or with more of them.
    case leadingZeros = "leading-zeros"
    /// Anything else.
    case other

    /// Compares two values of one field; `nil` and empty are the same.
    ///
    /// - Returns: `nil` when they don't differ.
    public init?(expected: String?, held: String?) {
        let (wanted, found) = (expected ?? "", held ?? "")
        if wanted == found { return nil }
        if found.isEmpty {
            self = .empty
        } else if wanted.isEmpty {
            self = .filled
        } else if Self.isDayOff(wanted, found) {
            self = .shiftedDay
        } else if wanted.hasPrefix(found) || Self.isCut(wanted, found) {
            self = .shortened
        } else if wanted.lowercased() == found.lowercased() {
            self = .letterCase
        } else if Self.withoutSpacing(wanted) == Self.withoutSpacing(found) {
            self = .spacing
        } else if let number = Self.withoutZeros(wanted), number == Self.withoutZeros(found) {
            self = .leadingZeros
        } else if Self.isGarbled(wanted, found) {
            self = .garbled
        } else {
            self = .other
        }
    }

    /// Whether it was cut in the middle of a letter, or with spaces left at the end.
    private static func isCut(_ wanted: String, _ found: String) -> Bool {
        let trimmed = found.reversed().drop { $0 == " " || $0 == "\u{FFFD}" }.reversed()
        return trimmed.count >= 2 && trimmed.count < wanted.count && wanted.hasPrefix(String(trimmed))
    }

    private static func withoutSpacing(_ text: String) -> String {
        text.filter { !$0.isWhitespace && $0 != "-" && $0 != "." && $0 != "\u{2010}" && $0 != "\u{2013}" }
    }

    private static func withoutZeros(_ text: String) -> Substring? {
        guard text.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }) else { return nil }
        return text.drop { $0 == "0" }
    }

    /// Whether everything that is plain ASCII stands in both, in the same order, and something beyond it in the wanted value:
    /// `Å` as `Ã…`, `?`, `A` or nothing.
    private static func isGarbled(_ wanted: String, _ found: String) -> Bool {
        guard wanted.utf8.contains(where: { $0 >= 0x80 }) else { return false }
        if Self.reread(wanted) == found || Self.reread(found) == wanted { return true }
        var rest = Substring(found).unicodeScalars
        var others = 0
        for scalar in wanted.unicodeScalars {
            if scalar.isASCII {
                // What stands for other letters may be anything that the wanted value doesn't have there.
                while let next = rest.first, next != scalar, others > 0 {
                    rest.removeFirst()
                    others -= 1
                }
                guard rest.first == scalar else { return false }
                rest.removeFirst()
            } else {
                // One letter may have become up to four signs.
                others += 4
            }
        }
        return rest.count <= others
    }

    /// UTF-8 read as if it were Latin 1.
    private static func reread(_ text: String) -> String {
        String(String.UnicodeScalarView(text.utf8.map { Unicode.Scalar($0) }))
    }

    private static func isDayOff(_ wanted: String, _ found: String) -> Bool {
        guard let first = Self.day(wanted), let second = Self.day(found), abs(first - second) == 1 else { return false }
        return wanted.utf8.count == found.utf8.count || wanted.utf8.count > 10 || found.utf8.count > 10
    }

    /// Days since 1970 of a text that begins with a date, with or without hyphens between its parts.
    private static func day(_ text: String) -> Int? {
        let length = text.utf8.count
        if length == 8 {
            guard let number = Int(text) else { return nil }
            return CalendarDate(exactYear: number / 10_000, month: number / 100 % 100, day: number % 100)?.daysSinceEpoch
        }
        return length >= 10 ? CalendarDate(text.prefix(10))?.daysSinceEpoch : nil
    }
}
