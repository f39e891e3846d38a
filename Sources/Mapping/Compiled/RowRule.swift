/// How one kind of row is made.
final class RowRule: Sendable {
    let kind: String
    let each: [EachRule]
    let when: WhenRule?
    let fields: [(name: String, expression: Expression)]
    /// The fields that together are the row's key.
    let key: [String]
    let purpose: Purpose?
    let position: Position

    init(
        kind: String, each: [EachRule], when: WhenRule?, fields: [(name: String, expression: Expression)], key: [String],
        purpose: Purpose?, position: Position
    ) {
        self.kind = kind
        self.each = each
        self.when = when
        self.fields = fields
        self.key = key
        self.purpose = purpose
        self.position = position
    }
}
