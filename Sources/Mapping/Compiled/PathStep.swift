import SchoolRecords

/// A step of a path, as an evaluation takes it: each part of it can be looked at by itself.
struct PathStep: Sendable {
    enum Kind: Sendable {
        case member
        case index
        case filter
        case follow
    }

    let kind: Kind
    /// Of the member; for `follow` the one that holds the id.
    let name: JSONName
    let index: Int
    let conditions: [Condition]
    let entity: Entity

    init(_ step: RecordPath.Step) {
        var (name, index, conditions, entity) = ("id", 0, [Condition](), Entity.person)
        switch step {
        case .member(let member):
            self.kind = .member
            name = member
        case .index(let position):
            self.kind = .index
            index = position
        case .filter(let filter):
            self.kind = .filter
            conditions = filter
        case .follow(let other):
            self.kind = .follow
            entity = other
        }
        self.name = JSONName(name)
        self.index = index
        self.conditions = conditions
        self.entity = entity
    }
}
