import SchoolRecords

/// A change of a text, by name. Total: takes every text, and answers with a value, nothing, or a problem.
enum Transform: Sendable {
    case trim
    case upper
    case lower
    case singleLine
    case digits
    case leadingCode
    case limit(Int)
    case phone(international: Bool)
    case identityNumber(NumberForm, IdentityNumberRules)
    /// From `yyyy-MM-dd`, with or without a time after it.
    case date(DatePattern)
    /// To `yyyy-MM-dd`.
    case parseDate(DatePattern)
    case words([String: JSONValue])
    case integer
    case boolean
    /// A name written in capitals or small letters throughout, as names are written.
    case name
    case firstWord
    case initial
    case ascii
    case email
    /// Five digits, with a space after the third when it is spaced.
    case postalCode(spaced: Bool)
    case number(decimals: Int, separator: String)
    case pad(Int)
    case last(Int)
    case replace([(find: String, with: String)])
    case part(Int, separator: String)
    case addDays(Int)
    case schoolYear(SchoolYearForm)
    /// A UUID made of the text alone, see ``NameUUID``.
    case nameUUID

    enum SchoolYearForm: String, Sendable, CaseIterable {
        /// `2026/27`
        case short
        /// `2026/2027`
        case long
        /// `2026-07-01`
        case start
        /// `2027-06-30`
        case end
    }

    enum NumberForm: String, Sendable, CaseIterable {
        case digits12
        case hyphenated12
        case digits10
        case hyphenated10
    }

    /// Why a text can't be transformed; holds nothing of it.
    struct Problem: Error {
        let code: MappingFailure.Code
        let message: String

        init(_ message: String, code: MappingFailure.Code = .transformFailed) {
            self.code = code
            self.message = message
        }
    }

    func apply(_ text: String, today: CalendarDate) throws(Problem) -> JSONValue? {
        switch self {
        case .trim: return .string(Self.trimmed(text))
        case .upper: return .string(text.uppercased())
        case .lower: return .string(text.lowercased())
        case .singleLine: return .string(Self.singleLine(text))
        case .digits: return .string(String(decoding: text.utf8.filter { $0 >= 0x30 && $0 <= 0x39 }, as: UTF8.self))
        case .leadingCode: return Self.leadingCode(text).map(JSONValue.string)
        case .limit(let count): return .string(String(text.prefix(count)))
        case .phone(let international): return .string(Self.phone(text, international: international) ?? Self.singleLine(text))
        case .identityNumber(let form, let rules):
            return .string(try Self.identityNumber(text, form, rules, today: today))
        case .date(let pattern):
            return .string(pattern.write(try Self.day(text)))
        case .parseDate(let pattern):
            guard let date = pattern.read(text) else { throw Problem("is no date of the form \(pattern.text)") }
            return .string(date.description)
        case .words(let words):
            guard let word = words[text] else {
                throw Problem("is none of the words listed", code: .valueWithoutCode)
            }
            return word
        case .integer:
            guard let value = Int64(Self.trimmed(text)) else { throw Problem("is no whole number") }
            return .integer(value)
        case .boolean:
            switch Self.trimmed(text).lowercased() {
            case "true", "1", "ja", "yes": return true
            case "false", "0", "nej", "no": return false
            default: throw Problem("is neither true nor false")
            }
        case .name: return .string(Self.name(text))
        case .firstWord: return .string(text.split(whereSeparator: \.isWhitespace).first.map(String.init) ?? "")
        case .initial: return .string(text.first(where: \.isLetter).map { String($0).uppercased() } ?? "")
        case .ascii: return .string(Self.ascii(text))
        case .email: return Self.email(text).map(JSONValue.string)
        case .postalCode(let spaced): return .string(Self.postalCode(text, spaced: spaced))
        case .number(let decimals, let separator): return .string(try Self.number(text, decimals, separator))
        case .pad(let count): return .string(String(repeating: "0", count: max(0, count - text.count)) + text)
        case .last(let count): return .string(String(text.suffix(count)))
        case .replace(let pairs):
            return .string(pairs.reduce(text) { $0.replacing($1.find, with: $1.with) })
        case .part(let number, let separator): return Self.part(text, number, separator).map(JSONValue.string)
        case .addDays(let days): return .string(try Self.day(text).adding(days: days).description)
        case .schoolYear(let form): return .string(Self.schoolYear(try Self.day(text), form))
        case .nameUUID: return .string(NameUUID.text(of: text))
        }
    }

    static func trimmed(_ text: String) -> String {
        guard let first = text.first, let last = text.last, first.isWhitespace || last.isWhitespace else { return text }
        var rest = Substring(text)
        while rest.first?.isWhitespace == true { rest.removeFirst() }
        while rest.last?.isWhitespace == true { rest.removeLast() }
        return String(rest)
    }

    /// The first word when it is a code: at most two letters, then three to six digits (`2752`, `401010`, `K171`).
    static func leadingCode(_ text: String) -> String? {
        let word = text.drop(while: \.isWhitespace).prefix { !$0.isWhitespace && $0 != ":" && $0 != "," }
        let letters = word.prefix(while: \.isLetter)
        let digits = word.dropFirst(letters.count)
        guard letters.count <= 2, (3...6).contains(digits.count), digits.allSatisfy({ $0.isASCII && $0.isNumber }) else {
            return nil
        }
        return String(word)
    }

    static func singleLine(_ text: String) -> String {
        if Self.isPlainLine(text) { return text }
        guard
            text.contains(where: { $0.isWhitespace && $0 != " " }) || text.hasPrefix(" ") || text.hasSuffix(" ")
                || text.contains("  ")
        else { return text }
        return text.split(whereSeparator: \.isWhitespace).joined(separator: " ")
    }

    /// Whether there is nothing but letters and single spaces within, as most texts are; letters beyond ASCII that can be no
    /// space included.
    private static func isPlainLine(_ text: String) -> Bool {
        var text = text
        return text.withUTF8 { bytes in
            var wasSpace = true
            for byte in bytes {
                // What may be a space of another kind (U+0085, U+00A0, U+1680, U+2000 …, U+3000) is for the general way.
                if byte < 0x20 || byte == 0x7F || byte == 0xC2 || byte >= 0xE1 { return false }
                let isSpace = byte == 0x20
                if isSpace, wasSpace { return false }
                wasSpace = isSpace
            }
            return !wasSpace
        }
    }

    /// Digits only; a foreign number keeps its country code. National form begins Swedish numbers with 0.
    /// `nil` for what is no number: people write remarks into that field, and nobody shall fail for one.
    private static func phone(_ text: String, international: Bool) -> String? {
        var digits = ShortText()
        var hasPlus = false
        for scalar in text.unicodeScalars {
            switch scalar {
            case "0"..."9":
                guard digits.count < ShortText.capacity else { return nil }
                digits.append(UInt8(ascii: scalar))
            case "+" where digits.count == 0 && !hasPlus: hasPlus = true
            case " ", "-", "(", ")", "/", ".", "\u{A0}": break
            default: return nil
            }
        }
        if digits.begins(with: "00") {
            hasPlus = true
            digits = ShortText("", digits, 2..<digits.count)
        }
        // "+46 (0)70": the zero in brackets is not dialled from abroad.
        let isSwedish = hasPlus && digits.begins(with: "46")
        let start = isSwedish && digits.begins(with: "460") ? 3 : isSwedish ? 2 : 0
        guard (5...15).contains(digits.count - start + (isSwedish ? 2 : 0)) else { return nil }
        let rest = start..<digits.count
        let number =
            switch (hasPlus, international) {
            case (true, true): ShortText(isSwedish ? "+46" : "+", digits, rest)
            case (true, false): ShortText(isSwedish ? "0" : "+", digits, rest)
            case (false, true): digits.begins(with: "0") ? ShortText("+46", digits, 1..<digits.count) : digits
            case (false, false): digits
            }
        return number.description
    }

    private static func identityNumber(
        _ text: String, _ form: NumberForm, _ rules: IdentityNumberRules, today: CalendarDate
    ) throws(Problem) -> String {
        do throws(IdentityNumberError) {
            let number = try PersonalIdentityNumber(text, today: today, rules: rules)
            switch form {
            case .digits12: return number.formatted(.digits12)
            case .hyphenated12: return number.formatted(.hyphenated12)
            case .digits10: return number.formatted(.digits10)
            case .hyphenated10: return number.formatted(.hyphenated10(today: today))
            }
        } catch {
            throw Problem(error.description)
        }
    }
}
