/// How one kind of row is made.
final class RowRule: Sendable {
    let kind: String
    let each: [EachRule]
    let when: WhenRule?
    let fields: [(name: String, expression: Expression)]
    /// The fields that together are the row's key.
    let key: [String]
    /// How fields of the record are read back.
    let reversals: [(name: String, reversal: Reversal)]
    let purpose: Purpose?
    /// What becomes of what has yet to begin; `nil` when the system says it.
    let future: FuturePolicy?
    let position: Position

    init(
        kind: String, each: [EachRule], when: WhenRule?, fields: [(name: String, expression: Expression)], key: [String],
        reversals: [(name: String, reversal: Reversal)], purpose: Purpose?, future: FuturePolicy?, position: Position
    ) {
        self.kind = kind
        self.each = each
        self.when = when
        self.fields = fields
        self.key = key
        self.reversals = reversals
        self.purpose = purpose
        self.future = future
        self.position = position
    }
}
