import SchoolRecords

/// A value computed once per record, under a name.
struct LetRule: Sendable {
    let slot: Int
    let expression: Expression
}

/// Goes through a list; what it is at has a name.
struct EachRule: Sendable {
    let slot: Int
    let path: RecordPath
}

/// How one kind of row is made.
struct RowRule: Sendable {
    let kind: String
    let each: [EachRule]
    let when: Condition?
    let fields: [(name: String, expression: Expression)]
    /// The fields that together are the row's key.
    let key: [String]
    let position: Position
}

/// How one field of a normalised record is made.
indirect enum FieldRule: Sendable {
    case value(Expression)
    case object([(name: String, rule: FieldRule)])
    case list(EachRule, element: FieldRule)
}

/// What every mapping of an entity has, whichever its direction.
struct MappingFrame: Sendable {
    let system: String
    let entity: Entity
    let file: String
    let when: Condition?
    let lets: [LetRule]
    let slotCount: Int
}
