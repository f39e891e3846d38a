import SchoolRecords

/// What every mapping of an entity has, whichever its direction.
final class MappingFrame: Sendable {
    let system: String
    let entity: Entity
    let file: String
    let when: WhenRule?
    let lets: [LetRule]
    /// As many places as there are names; every evaluation begins with none of them set.
    let noSlots: [Found?]
    /// How many values several rules use.
    let sharedCount: Int
    /// Why the system has this, for whatever in the file says nothing of its own.
    let purpose: Purpose?
    let position: Position

    init(
        system: String, entity: Entity, file: String, when: WhenRule?, lets: [LetRule], slotCount: Int, sharedCount: Int,
        purpose: Purpose?,
        position: Position
    ) {
        self.system = system
        self.entity = entity
        self.file = file
        self.when = when
        self.lets = lets
        self.noSlots = Array(repeating: nil, count: slotCount)
        self.sharedCount = sharedCount
        self.purpose = purpose
        self.position = position
    }
}
