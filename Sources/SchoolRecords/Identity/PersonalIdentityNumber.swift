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
        /// The hub's own, for a protected person. No text is read as one; the kind is reserved for numbers that the hub gives out.
        case fictitious
    }

    public let kind: Kind
    private let canonical: String

    /// Reads a number: `YYYYMMDDNNNC`, `YYYYMMDD-NNNC`, `YYMMDDNNNC`, `YYMMDD-NNNC`, `YYMMDD+NNNC`, and the same
    /// with a temporary number's last four. Space around it and small letters in it are taken.
    ///
    /// The sign `+` stands from the year when the person turns 100, so a ten-digit form means something only
    /// relative to a date.
    ///
    /// - Parameter today: tells the century of a ten-digit form; without it such forms are refused.
    /// - Throws: ``IdentityNumberError`` with the rule that is broken, never the text.
    public init(
        _ text: some StringProtocol, today: CalendarDate? = nil, rules: IdentityNumberRules = IdentityNumberRules()
    ) throws(IdentityNumberError) {
        let twelve = try Self.twelve(of: text, today: today)
        guard let year = CalendarDate.number(twelve[0..<4]), let month = CalendarDate.number(twelve[4..<6]),
            let day = CalendarDate.number(twelve[6..<8])
        else { throw IdentityNumberError(reason: .form) }
        if CalendarDate.number(twelve[8..<12]) != nil {
            do throws(IdentityNumberError) {
                self.kind = try Self.kind(twelve, year: year, month: month, day: day, rules: rules)
            } catch {
                guard rules.isTemporary(twelve[8..<12]) else { throw error }
                self.kind = .temporary
            }
        } else {
            guard rules.isTemporary(twelve[8..<12]) else { throw IdentityNumberError(reason: .form) }
            self.kind = .temporary
        }
        self.canonical = String(decoding: twelve, as: UTF8.self)
    }

    /// The rules of a number of digits only. A coordination number's day isn't held against the calendar: official
    /// test numbers have days that don't exist.
    private static func kind(
        _ twelve: [UInt8], year: Int, month: Int, day: Int, rules: IdentityNumberRules
    ) throws(IdentityNumberError) -> Kind {
        let isCoordination = day >= 60
        if isCoordination {
            guard (1...12).contains(month), day <= 91 else { throw IdentityNumberError(reason: .date) }
        } else {
            guard CalendarDate(exactYear: year, month: month, day: day) != nil else {
                throw IdentityNumberError(reason: .date)
            }
        }
        guard rules.allowsTestNumbers || CalendarDate.number(twelve[8..<11]) != 0 else {
            throw IdentityNumberError(reason: .birthNumber)
        }
        guard Self.checksumHolds(twelve[2...]) else { throw IdentityNumberError(reason: .checkDigit) }
        return isCoordination ? .coordinationNumber : .personnummer
    }

    /// Luhn over the ten digits, without the century.
    private static func checksumHolds(_ ten: ArraySlice<UInt8>) -> Bool {
        var sum = 0
        for (index, byte) in ten.enumerated() {
            let digit = Int(byte - UInt8(ascii: "0")) * (index % 2 == 0 ? 2 : 1)
            sum += digit > 9 ? digit - 9 : digit
        }
        return sum % 10 == 0
    }

    /// The twelve characters, capital letters, century filled in.
    private static func twelve(of text: some StringProtocol, today: CalendarDate?) throws(IdentityNumberError) -> [UInt8] {
        var bytes = Array(text.utf8)
        while bytes.last == UInt8(ascii: " ") { bytes.removeLast() }
        bytes.removeFirst(bytes.prefix { $0 == UInt8(ascii: " ") }.count)
        var separator: UInt8?
        if bytes.count == 13 || bytes.count == 11 {
            let sign = bytes.remove(at: bytes.count - 5)
            guard sign == UInt8(ascii: "-") || sign == UInt8(ascii: "+") else { throw IdentityNumberError(reason: .form) }
            separator = sign
        }
        guard bytes.count == 12 || bytes.count == 10,
            CalendarDate.number(bytes.dropLast(4)) != nil
        else { throw IdentityNumberError(reason: .form) }
        for index in bytes.indices.suffix(4) where (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(bytes[index]) {
            bytes[index] &= 0xDF
        }
        if bytes.count == 12 { return bytes }
        guard let today else { throw IdentityNumberError(reason: .centuryUnknown) }
        guard let short = CalendarDate.number(bytes[0..<2]) else { throw IdentityNumberError(reason: .form) }
        var year = today.year - (today.year % 100 - short + 100) % 100
        if separator == UInt8(ascii: "+") { year -= 100 }
        guard year >= 0 else { throw IdentityNumberError(reason: .date) }
        let century = year / 100
        return [UInt8(ascii: "0") + UInt8(century / 10), UInt8(ascii: "0") + UInt8(century % 10)] + bytes
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
        switch format {
        case .digits12: self.canonical
        case .hyphenated12: "\(self.canonical.prefix(8))-\(self.canonical.suffix(4))"
        case .digits10: String(self.canonical.dropFirst(2))
        case .hyphenated10(let today):
            "\(self.canonical.dropFirst(2).prefix(6))\(today.year - self.year >= 100 ? "+" : "-")\(self.canonical.suffix(4))"
        }
    }

    private var year: Int { CalendarDate.number(self.canonical.utf8.prefix(4)) ?? 0 }
}

extension PersonalIdentityNumber: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// The kind alone.
    /// The day that the number says; of a coordination number the day less 60. `nil` when there is no such day.
    public var birthDate: CalendarDate? {
        let digits = self.canonical.utf8.prefix(8)
        guard let year = CalendarDate.number(digits.prefix(4)), let month = CalendarDate.number(digits.dropFirst(4).prefix(2)),
            let day = CalendarDate.number(digits.dropFirst(6))
        else { return nil }
        return CalendarDate(exactYear: year, month: month, day: day > 60 ? day - 60 : day)
    }

    public var description: String { "<\(self.kind.rawValue)>" }
    public var debugDescription: String { self.description }
    public var customMirror: Mirror { Mirror(self, children: ["kind": self.kind]) }
}
