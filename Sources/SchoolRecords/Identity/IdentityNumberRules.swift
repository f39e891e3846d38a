/// What counts as an identity number besides the national forms.
public struct IdentityNumberRules: Sendable, Hashable {
    /// Forms of the last four characters of a temporary number: `A` is a letter, `9` a digit, `X` either.
    /// Registers invent temporary numbers themselves; there is no national form.
    public var temporaryForms: [String]
    /// Whether birth number 000 is taken. It is never issued, so only test data has it.
    public var allowsTestNumbers: Bool

    /// SS 12000's `TF01` and the older `T001`.
    public static let standardTemporaryForms = ["AA99", "A999"]

    public init(temporaryForms: [String] = Self.standardTemporaryForms, allowsTestNumbers: Bool = false) {
        self.temporaryForms = temporaryForms
        self.allowsTestNumbers = allowsTestNumbers
    }

    /// Whether a text can be a form: four of `A`, `9` and `X`.
    public static func isForm(_ text: String) -> Bool {
        text.utf8.count == 4 && text.utf8.allSatisfy { "A9X".utf8.contains($0) }
    }

    func isTemporary(_ ending: ArraySlice<UInt8>) -> Bool {
        self.temporaryForms.contains { form in
            form.utf8.count == ending.count
                && zip(form.utf8, ending).allSatisfy { sign, byte in
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
    }
}
