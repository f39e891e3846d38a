/// A Swedish identity number in its canonical form: 12 characters, century first, no separator.
///
/// Two numbers are equal when their canonical forms are. The value never shows in a description or a dump; ask for
/// it with ``formatted(_:)``.
public struct PersonalIdentityNumber: Sendable, Hashable {
    public enum Kind: String, Sendable, Hashable {
        /// Personnummer: a real date, birth number 001-999, check digit.
        case personnummer
        /// Samordningsnummer: day plus 60 (60 itself means an unknown day), check digit. Not every date exists.
        case coordinationNumber
        /// What a register gave somebody who had no number yet: no national form, no check digit.
        case temporary
        /// The hub's own, for a protected person (``FictitiousNumber``). A text is read as one only where the rules say so.
        case fictitious
    }

    public let kind: Kind
    private let canonical: ShortText

    /// Reads a number: `YYYYMMDDNNNC`, `YYYYMMDD-NNNC`, `YYMMDDNNNC`, `YYMMDD-NNNC`, `YYMMDD+NNNC`, and the same
    /// with a temporary number's last four. Space around it and small letters in it are taken.
    ///
    /// The sign `+` stands from the year when the person turns 100, so a ten-digit form means something only
    /// relative to a date.
    ///
    /// - Parameter today: tells the century of a ten-digit form; without it such forms are refused.
    /// - Throws: ``IdentityNumberError`` with the rule that is broken, never the text.
    @inlinable
    public init(
        _ text: some StringProtocol, today: CalendarDate? = nil, rules: IdentityNumberRules = IdentityNumberRules()
    ) throws(IdentityNumberError) {
        try self.init(written: String(text), today: today, rules: rules)
    }

    @usableFromInline
    init(written text: String, today: CalendarDate?, rules: IdentityNumberRules) throws(IdentityNumberError) {
        let twelve = try Self.twelve(of: text, today: today)
        guard let year = twelve.number(0..<4), let month = twelve.number(4..<6), let day = twelve.number(6..<8) else {
            throw IdentityNumberError(reason: .form)
        }
        if twelve.number(8..<12) != nil {
            do throws(IdentityNumberError) {
                self.kind = try Self.kind(twelve, year: year, month: month, day: day, rules: rules)
            } catch {
                guard rules.isTemporary(twelve, 8..<12) else { throw error }
                self.kind = .temporary
            }
        } else {
            guard rules.isTemporary(twelve, 8..<12) else { throw IdentityNumberError(reason: .form) }
            self.kind = .temporary
        }
        self.canonical = twelve
    }

    /// The rules of a number of digits only. A coordination number's day isn't held against the calendar: official
    /// test numbers have days that don't exist.
    private static func kind(
        _ twelve: ShortText, year: Int, month: Int, day: Int, rules: IdentityNumberRules
    ) throws(IdentityNumberError) -> Kind {
        let isCoordination = day >= 60
        if isCoordination {
            guard (1...12).contains(month), day <= 91 else { throw IdentityNumberError(reason: .date) }
        } else {
            guard CalendarDate(exactYear: year, month: month, day: day) != nil else {
                throw IdentityNumberError(reason: .date)
            }
        }
        let isNeverIssued = twelve.number(8..<11) == 0
        guard !isNeverIssued || rules.allowsTestNumbers || rules.allowsFictitious && !isCoordination else {
            throw IdentityNumberError(reason: .birthNumber)
        }
        guard Self.checksumHolds(twelve) else { throw IdentityNumberError(reason: .checkDigit) }
        if isNeverIssued, !rules.allowsTestNumbers { return .fictitious }
        return isCoordination ? .coordinationNumber : .personnummer
    }

    /// Luhn over the ten digits, without the century.
    private static func checksumHolds(_ twelve: ShortText) -> Bool {
        var sum = 0
        for index in 2..<12 {
            let digit = Int(twelve[index] - UInt8(ascii: "0")) * (index % 2 == 0 ? 2 : 1)
            sum += digit > 9 ? digit - 9 : digit
        }
        return sum % 10 == 0
    }

    /// The twelve characters, capital letters, century filled in.
    private static func twelve(of text: String, today: CalendarDate?) throws(IdentityNumberError) -> ShortText {
        let written = try Self.withoutSpace(text)
        let hasSign = written.count == 13 || written.count == 11
        let length = hasSign ? written.count - 1 : written.count
        guard length == 12 || length == 10 else { throw IdentityNumberError(reason: .form) }
        let birthDate = 0..<(length - 4)
        guard written.number(birthDate) != nil else { throw IdentityNumberError(reason: .form) }
        let separator = hasSign ? written[length - 4] : nil
        guard separator == nil || separator == UInt8(ascii: "-") || separator == UInt8(ascii: "+") else {
            throw IdentityNumberError(reason: .form)
        }
        let small = UInt8(ascii: "a")...UInt8(ascii: "z")
        let hasSmall = (written.count - 4..<written.count).contains { small.contains(written[$0]) }
        if written.count == 12, !hasSmall { return written }
        var twelve = ShortText()
        if length == 10 {
            guard let today else { throw IdentityNumberError(reason: .centuryUnknown) }
            guard let short = written.number(0..<2) else { throw IdentityNumberError(reason: .form) }
            var year = today.year - (today.year % 100 - short + 100) % 100
            if separator == UInt8(ascii: "+") { year -= 100 }
            guard year >= 0 else { throw IdentityNumberError(reason: .date) }
            twelve.append(year / 100, digits: 2)
        }
        twelve.append(written, birthDate)
        for index in (written.count - 4)..<written.count {
            twelve.append(small.contains(written[index]) ? written[index] & 0xDF : written[index])
        }
        return twelve
    }

    private static func withoutSpace(_ text: String) throws(IdentityNumberError) -> ShortText {
        var text = text
        let found: ShortText? = text.withUTF8 { bytes in
            if bytes.count <= 13, !bytes.contains(UInt8(ascii: " ")) { return ShortText(bytes: bytes) }
            var result = ShortText()
            var hasSpaceBehind = false
            for byte in bytes {
                if byte == UInt8(ascii: " ") {
                    hasSpaceBehind = result.count > 0
                } else {
                    // Space within a number has no place in any form.
                    guard !hasSpaceBehind, result.count < 13 else { return nil }
                    result.append(byte)
                }
            }
            return result
        }
        guard let found else { throw IdentityNumberError(reason: .form) }
        return found
    }
}

extension PersonalIdentityNumber {
    /// How a system writes numbers.
    public enum Format: Sendable, Hashable {
        /// `YYYYMMDDNNNC`
        case digits12
        /// `YYYYMMDD-NNNC`
        case hyphenated12
        /// `YYMMDDNNNC`; loses the century.
        case digits10
        /// `YYMMDD-NNNC`, with `+` from the year when the person turns 100.
        case hyphenated10(today: CalendarDate)
    }

    /// The number as a system writes it.
    public func formatted(_ format: Format) -> String {
        var text = ShortText()
        switch format {
        case .digits12: return self.canonical.description
        case .hyphenated12: self.append(to: &text, from: 0, UInt8(ascii: "-"))
        case .digits10: text.append(self.canonical, 2..<12)
        case .hyphenated10(let today):
            let isHundred = today.year - (self.canonical.number(0..<4) ?? 0) >= 100
            self.append(to: &text, from: 2, isHundred ? UInt8(ascii: "+") : UInt8(ascii: "-"))
        }
        return text.description
    }

    private func append(to text: inout ShortText, from start: Int, _ separator: UInt8) {
        text.append(self.canonical, start..<8)
        text.append(separator)
        text.append(self.canonical, 8..<12)
    }
}

extension PersonalIdentityNumber {
    /// The day that the number says; of a coordination number the day less 60. `nil` when there is no such day.
    public var birthDate: CalendarDate? {
        guard let year = self.canonical.number(0..<4), let month = self.canonical.number(4..<6),
            let day = self.canonical.number(6..<8)
        else { return nil }
        return CalendarDate(exactYear: year, month: month, day: day > 60 ? day - 60 : day)
    }
}

extension PersonalIdentityNumber: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// The kind alone.
    public var description: String { "<\(self.kind.rawValue)>" }
    public var debugDescription: String { self.description }
    public var customMirror: Mirror { Mirror(self, children: ["kind": self.kind]) }
}
