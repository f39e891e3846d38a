/// What counts as an identity number besides the national forms.
public struct IdentityNumberRules: Sendable, Hashable {
    /// Forms of the last four characters of a temporary number: `A` is a letter, `9` a digit, `X` either.
    /// Registers invent temporary numbers themselves; there is no national form.
    public var temporaryForms: [String]
    /// Whether birth number 000 is taken. It is never issued, so only test data has it.
    public var allowsTestNumbers: Bool
    /// Whether a number that the hub made itself (``FictitiousNumber``) is taken: where the hub writes numbers, never where it reads
    /// them.
    public var allowsFictitious: Bool

    /// SS 12000's `TF01` and the older `T001`.
    public static let standardTemporaryForms = ["AA99", "A999"]

    public init(
        temporaryForms: [String] = Self.standardTemporaryForms, allowsTestNumbers: Bool = false,
        allowsFictitious: Bool = false
    ) {
        self.temporaryForms = temporaryForms
        self.allowsTestNumbers = allowsTestNumbers
        self.allowsFictitious = allowsFictitious
    }

    /// Whether a text can be a form: four of `A`, `9` and `X`.
    public static func isForm(_ text: String) -> Bool {
        text.utf8.count == 4 && text.utf8.allSatisfy { "A9X".utf8.contains($0) }
    }

    func isTemporary(_ number: ShortText, _ ending: Range<Int>) -> Bool {
        self.temporaryForms.contains { form in
            guard form.utf8.count == ending.count else { return false }
            var form = form
            return form.withUTF8 { signs in
                for (sign, index) in zip(signs, ending) where !Self.stands(sign, for: number[index]) { return false }
                return true
            }
        }
    }

    private static func stands(_ sign: UInt8, for byte: UInt8) -> Bool {
        let isDigit = (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
        let isLetter = (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte)
        return switch sign {
        case UInt8(ascii: "A"): isLetter
        case UInt8(ascii: "9"): isDigit
        case UInt8(ascii: "X"): isLetter || isDigit
        default: false
        }
    }
}
