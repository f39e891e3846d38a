public import SchoolRecords

/// A row on which a system and the hub don't agree, with what is known of it.
public struct RowCase: Sendable, Hashable {
    public let kind: String
    public let key: String
    /// What the row should show; `nil` when it shouldn't be there. More than one when several records give it in other ways.
    public let expected: [String: String]?
    /// What it shows; `nil` when it isn't there.
    public let held: [String: String]?
    /// The records that give it, or, of a row that shouldn't be there, those that the hub believes to have given it.
    public var givers: [RecordKey] = []
    /// The record that gave it and took it away again.
    public var formerGiver: RecordKey?
    /// When it was taken away, RFC 3339 in UTC.
    public var takenAwayAt: String?
    /// What the hub last gave; `nil` when it never gave the row.
    public var given: [String: String]?
    /// Somebody, or something, that the hub knows by the row's key.
    public var subject: RecordKey?
    /// Whether it shows something of a person whose identity is protected.
    public var isLeak = false
    /// Whether rows of this kind are roles.
    public var isRole = false
    /// Whether the hub can take away rows of this kind.
    public var isRemovable = true

    public init(kind: String, key: String, expected: [String: String]?, held: [String: String]?) {
        self.kind = kind
        self.key = key
        self.expected = expected
        self.held = held
    }
}
