/// A field that changes in many records of a held set.
public struct FieldFinding: Sendable, Hashable, Codable {
    /// E.g. `birthDate`, `civicNo.value`, `enrolments[].endDate`.
    public let field: String
    /// In how many of the records that change.
    public let count: Int
    /// How many records change.
    public let of: Int
    /// What most of the changes of this field have in common.
    public let hint: ValueHint?
    /// How many of them have it.
    public let hintCount: Int

    public init(field: String, count: Int, of: Int, hint: ValueHint? = nil, hintCount: Int = 0) {
        self.field = field
        self.count = count
        self.of = of
        self.hint = hint
        self.hintCount = hintCount
    }
}

/// What a value's change looks like. Says nothing of the value itself.
public struct ValueHint: Sendable, Hashable, Codable {
    public enum Kind: String, Sendable, Hashable, Codable {
        /// Had a value, and has none.
        case emptied
        /// Had none, and has one.
        case filled
        /// Letters became U+FFFD, as of a text read in another encoding.
        case replacementCharacters
        /// å became Ã¥: UTF-8 read as ISO 8859-1.
        case doubleEncoded
        /// Letters outside of ASCII became others or question marks.
        case lettersLost
        /// A date moved by so many days.
        case movedDays
        /// Day and month changed places.
        case dayMonthSwapped
        /// Has what another field had, and that one has what this had.
        case swapped
        /// Has what another field had: columns have shifted.
        case shifted
        /// All have the same value now.
        case sameForAll
        /// Only upper and lower case, or spaces.
        case spelling
    }

    public let kind: Kind
    /// For moved dates: days later, negative for earlier.
    public let days: Int?
    /// For swapped and shifted ones: the other field.
    public let field: String?

    public init(_ kind: Kind, days: Int? = nil, field: String? = nil) {
        self.kind = kind
        self.days = days
        self.field = field
    }
}
