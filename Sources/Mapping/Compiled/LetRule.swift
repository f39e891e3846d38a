/// A value computed once per record, under a name.
struct LetRule: Sendable {
    let name: String
    let slot: Int
    let expression: Expression
}
