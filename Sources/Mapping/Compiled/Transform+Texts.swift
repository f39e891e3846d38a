import Foundation
import SchoolRecords

/// Names, addresses and numbers in the forms that systems want.
extension Transform {
    /// Only a text without both small and capital letters is touched: who wrote `McDonald` meant it.
    static func name(_ text: String) -> String {
        let text = Self.singleLine(text)
        let hasSmall = text.contains(where: \.isLowercase)
        let hasCapital = text.contains(where: \.isUppercase)
        guard hasSmall != hasCapital else { return text }
        var result = ""
        var isStart = true
        for character in text {
            result += isStart ? character.uppercased() : character.lowercased()
            isStart = !character.isLetter
        }
        return result
    }

    /// Letters without marks, by Unicode's decomposition and the usual spellings of what doesn't decompose; what has no
    /// spelling in ASCII goes away.
    static func ascii(_ text: String) -> String {
        var result = ""
        for scalar in text.decomposed {
            if scalar.isASCII {
                result.unicodeScalars.append(scalar)
            } else if let spelling = Self.spellings[scalar] {
                result += spelling
            }
        }
        return result
    }

    private static let spellings: [Unicode.Scalar: String] = [
        "ß": "ss", "æ": "ae", "Æ": "AE", "ø": "o", "Ø": "O", "đ": "d", "Đ": "D", "ð": "d", "Ð": "D", "þ": "th", "Þ": "Th",
        "ł": "l", "Ł": "L", "œ": "oe", "Œ": "OE", "ı": "i", "\u{A0}": " ", "–": "-", "—": "-", "’": "'", "‘": "'", "”": "\"",
        "“": "\"",
    ]

    /// An address with its domain in small letters; nothing for what is none, since people write remarks into that field.
    static func email(_ text: String) -> String? {
        let text = Self.trimmed(text)
        let parts = text.split(separator: "@", omittingEmptySubsequences: false)
        guard parts.count == 2, !parts[0].isEmpty, text.utf8.count <= 254,
            !text.contains(where: { $0.isWhitespace || "<>,;:\"()[]\\".contains($0) })
        else { return nil }
        let labels = parts[1].split(separator: ".", omittingEmptySubsequences: false)
        guard labels.count >= 2, !labels.contains(where: \.isEmpty) else { return nil }
        return "\(parts[0])@\(parts[1].lowercased())"
    }

    /// Other texts than five digits stay as they were written: they are foreign.
    static func postalCode(_ text: String, spaced: Bool) -> String {
        let text = Self.singleLine(text)
        let bare = text.hasPrefix("SE-") || text.hasPrefix("S-") ? text.drop { $0 != "-" }.dropFirst() : text[...]
        let digits = bare.filter { $0 != " " }
        guard digits.count == 5, digits.allSatisfy({ $0.isASCII && $0.isNumber }) else { return text }
        return spaced ? "\(digits.prefix(3)) \(digits.suffix(2))" : String(digits)
    }

    /// Rounded half away from zero, by decimal digits, so that no binary fraction shows.
    static func number(_ text: String, _ decimals: Int, _ separator: String) throws(Problem) -> String {
        let text = Self.trimmed(text).replacing(",", with: ".")
        let isNegative = text.hasPrefix("-")
        let parts = text.drop { $0 == "-" }.split(separator: ".", omittingEmptySubsequences: false)
        guard text.count <= 60, text.count - (isNegative ? 1 : 0) == parts.map(\.count).reduce(0, +) + parts.count - 1,
            (1...2).contains(parts.count), !parts[0].isEmpty,
            parts.allSatisfy({ $0.allSatisfy { $0.isASCII && $0.isNumber } }), parts.count == 1 || !parts[1].isEmpty
        else { throw Problem("is no number") }
        let fraction = parts.count == 2 ? Array(parts[1]) : []
        var digits = Array(parts[0]) + fraction.prefix(decimals)
        digits += Array(repeating: "0", count: max(0, decimals - fraction.count))
        if fraction.count > decimals, fraction[decimals] >= "5" { Self.increment(&digits) }
        while digits.count > decimals + 1, digits.first == "0" { digits.removeFirst() }
        let sign = isNegative && digits.contains(where: { $0 != "0" }) ? "-" : ""
        let whole = String(digits.dropLast(decimals))
        return decimals == 0 ? sign + whole : sign + whole + separator + String(digits.suffix(decimals))
    }

    private static func increment(_ digits: inout [Character]) {
        var index = digits.count - 1
        while index >= 0 {
            if let value = digits[index].wholeNumberValue, value < 9 {
                digits[index] = Character(String(value + 1))
                return
            }
            digits[index] = "0"
            index -= 1
        }
        digits.insert("1", at: 0)
    }

    /// One part of a text, counted from 1, or from the end with -1; nothing when there aren't so many.
    static func part(_ text: String, _ number: Int, _ separator: String) -> String? {
        let parts = text.split(separator: separator, omittingEmptySubsequences: false)
        let index = number > 0 ? number - 1 : parts.count + number
        return parts.indices.contains(index) ? Self.trimmed(String(parts[index])) : nil
    }

    /// `yyyy-MM-dd`, with or without a time after it.
    static func day(_ text: String) throws(Problem) -> CalendarDate {
        let rest = text.dropFirst(10)
        guard rest.isEmpty || rest.hasPrefix("T") || rest.hasPrefix(" "), let date = CalendarDate(text.prefix(10)) else {
            throw Problem("is no date of the form yyyy-MM-dd")
        }
        return date
    }

    static func schoolYear(_ date: CalendarDate, _ form: SchoolYearForm) -> String {
        let year = date.schoolYear
        switch form {
        case .short:
            let end = year.end.description.dropFirst(2).prefix(2)
            return "\(year.start.description.prefix(4))/\(end)"
        case .long: return "\(year.start.description.prefix(4))/\(year.end.description.prefix(4))"
        case .start: return year.start.description
        case .end: return year.end.description
        }
    }
}

extension String {
    /// Unicode's canonical decomposition.
    fileprivate var decomposed: [Unicode.Scalar] { Array(self.decomposedStringWithCanonicalMapping.unicodeScalars) }
}
