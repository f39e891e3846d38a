/// A value computed once per record, under a name.
struct LetRule: Sendable {
    let slot: Int
    let expression: Expression
}
