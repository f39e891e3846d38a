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
final class RowRule: Sendable {
    let kind: String
    let each: [EachRule]
    let when: Condition?
    let fields: [(name: String, expression: Expression)]
    /// The fields that together are the row's key.
    let key: [String]
    let position: Position

    init(
        kind: String, each: [EachRule], when: Condition?, fields: [(name: String, expression: Expression)], key: [String],
        position: Position
    ) {
        self.kind = kind
        self.each = each
        self.when = when
        self.fields = fields
        self.key = key
        self.position = position
    }
}

/// How one field of a normalised record is made.
indirect enum FieldRule: Sendable {
    case value(Expression)
    case object([(name: String, rule: FieldRule)])
    case list(EachRule, element: FieldRule)
}

/// What every mapping of an entity has, whichever its direction.
final class MappingFrame: Sendable {
    let system: String
    let entity: Entity
    let file: String
    let when: Condition?
    let lets: [LetRule]
    let slotCount: Int

    init(system: String, entity: Entity, file: String, when: Condition?, lets: [LetRule], slotCount: Int) {
        self.system = system
        self.entity = entity
        self.file = file
        self.when = when
        self.lets = lets
        self.slotCount = slotCount
    }
}
