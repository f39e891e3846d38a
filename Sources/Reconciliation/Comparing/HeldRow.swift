/// A row as a receiving system holds it, or should hold it.
public struct HeldRow: Sendable, Hashable {
    /// The row type in the receiving system's words.
    public let kind: String
    public let key: String
    /// Field name → text; an empty field is the same as none.
    public let fields: [String: String]

    public init(kind: String, key: String, fields: [String: String]) {
        self.kind = kind
        self.key = key
        self.fields = fields.filter { !$0.value.isEmpty }
    }

    /// The order in which both sides of a comparison must come: by kind, then key, as UTF-8.
    public static func isBefore(_ left: HeldRow, _ right: HeldRow) -> Bool {
        if left.kind != right.kind { return left.kind.utf8.lexicographicallyPrecedes(right.kind.utf8) }
        return left.key.utf8.lexicographicallyPrecedes(right.key.utf8)
    }
}
