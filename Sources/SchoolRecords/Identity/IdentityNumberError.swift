/// Why a text is no identity number. Holds nothing of the text.
public struct IdentityNumberError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The rule that the text breaks.
    public enum Reason: String, Sendable, Hashable {
        /// Neither 12 nor 10 characters with at most one separator.
        case form
        /// A 10-digit form, and no date was given to tell its century by.
        case centuryUnknown
        /// No such month, or no such day.
        case date
        /// Birth number 000, which is never issued.
        case birthNumber
        case checkDigit
    }

    public let reason: Reason

    public init(reason: Reason) { self.reason = reason }

    public var description: String {
        switch self.reason {
        case .form: "is not written as an identity number"
        case .centuryUnknown: "has ten digits, so its century can't be told here"
        case .date: "has a date that doesn't exist"
        case .birthNumber: "has a birth number that is never issued"
        case .checkDigit: "has a wrong check digit"
        }
    }
}
