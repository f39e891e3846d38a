import Foundation
import SchoolRecords

extension ValueHint {
    /// What one value's change looks like; `nil` when it looks like any other.
    static func of(_ before: String?, _ after: String?) -> ValueHint? {
        guard let before, !before.isEmpty else { return after?.isEmpty == false ? ValueHint(.filled) : nil }
        guard let after, !after.isEmpty else { return ValueHint(.emptied) }
        if after.unicodeScalars.contains("\u{FFFD}"), !before.unicodeScalars.contains("\u{FFFD}") {
            return ValueHint(.replacementCharacters)
        }
        if Self.doubleEncoded(before) == after || Self.looksDoubleEncoded(after, before) { return ValueHint(.doubleEncoded) }
        if let first = Self.date(before), let second = Self.date(after) {
            if first.year == second.year, first.month == second.day, first.day == second.month {
                return ValueHint(.dayMonthSwapped)
            }
            return ValueHint(.movedDays, days: second.daysSinceEpoch - first.daysSinceEpoch)
        }
        if Self.spelled(before) == Self.spelled(after) { return ValueHint(.spelling) }
        if Self.isWithoutLetters(after, before) { return ValueHint(.lettersLost) }
        return nil
    }

    /// A date alone, or the date of an instant.
    private static func date(_ text: String) -> CalendarDate? {
        CalendarDate(text.prefix(10)).flatMap { text.count == 10 || text.dropFirst(10).first == "T" ? $0 : nil }
    }

    /// The text as it looks when its UTF-8 is read as ISO 8859-1; `nil` when that is no other.
    private static func doubleEncoded(_ text: String) -> String? {
        guard text.utf8.contains(where: { $0 >= 0x80 }) else { return nil }
        return String(String.UnicodeScalarView(text.utf8.map { Unicode.Scalar($0) }))
    }

    /// The same by another code page: Ã stands where å, ä, ö, é stood.
    private static func looksDoubleEncoded(_ after: String, _ before: String) -> Bool {
        after.contains("Ã") && !before.contains("Ã") && before.contains { !$0.isASCII }
    }

    private static func spelled(_ text: String) -> String { text.lowercased().filter { !$0.isWhitespace } }

    /// Equal but for letters outside of ASCII, of which each became one other character, or none.
    private static func isWithoutLetters(_ after: String, _ before: String) -> Bool {
        guard before.contains(where: { !$0.isASCII }), !after.contains(where: { !$0.isASCII }) else { return false }
        if before.count == after.count { return zip(before, after).allSatisfy { !$0.isASCII || $0 == $1 } }
        return before.filter(\.isASCII) == after
    }
}
