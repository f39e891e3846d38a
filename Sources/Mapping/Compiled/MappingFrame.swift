import SchoolRecords

/// What every mapping of an entity has, whichever its direction.
final class MappingFrame: Sendable {
    let system: String
    let entity: Entity
    let file: String
    let when: WhenRule?
    let lets: [LetRule]
    let slotCount: Int

    init(system: String, entity: Entity, file: String, when: WhenRule?, lets: [LetRule], slotCount: Int) {
        self.system = system
        self.entity = entity
        self.file = file
        self.when = when
        self.lets = lets
        self.slotCount = slotCount
    }
}
