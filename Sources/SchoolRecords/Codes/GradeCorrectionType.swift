/// Why a grade replaces one before: a change of judgement, or of a slip.
public enum GradeCorrectionType: String, CodeSet {
    case change = "Ändring"
    case correction = "Rättelse"

    public static var name: String { "Grade.correctionType" }
}
