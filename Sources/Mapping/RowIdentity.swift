/// What tells a row of a system from all others.
public struct RowIdentity: Sendable, Hashable, Comparable {
    public let kind: String
    public let key: String

    public init(_ row: OutputRow) {
        self.kind = row.kind
        self.key = row.key
    }

    /// By kind, then key.
    public static func < (left: RowIdentity, right: RowIdentity) -> Bool {
        (left.kind, left.key) < (right.kind, right.key)
    }
}
