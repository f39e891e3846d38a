import SchoolRecords

/// Finds which fields of which records the paths of a mapping lead to.
struct OriginFinder {
    private var slots: [Int: Set<FieldUse.Origin>] = [:]
    private let entity: Entity

    init(_ frame: MappingFrame) {
        self.entity = frame.entity
        for rule in frame.lets { self.slots[rule.slot] = self.origins(of: rule.expression) }
    }

    mutating func add(_ each: EachRule) { self.slots[each.slot] = self.origins(of: each.path) }

    func origins(of path: RecordPath) -> Set<FieldUse.Origin> {
        let start: Set<FieldUse.Origin> =
            switch path.root {
            case .record: [.init(entity: self.entity, path: "")]
            case .slot(let slot): self.slots[slot] ?? []
            }
        return path.steps.reduce(start) { origins, step in
            switch step {
            case .member(let name):
                Set(origins.map { .init(entity: $0.entity, path: $0.path.isEmpty ? name : "\($0.path).\(name)") })
            case .index, .filter: origins
            case .follow(let entity): [.init(entity: entity, path: "")]
            }
        }
    }

    func origins(of expression: Expression) -> Set<FieldUse.Origin> {
        var origins = expression.paths.reduce(into: Set<FieldUse.Origin>()) { $0.formUnion(self.origins(of: $1)) }
        for inner in expression.inner { origins.formUnion(self.origins(of: inner)) }
        if case .holds(let rule) = expression.source {
            for part in rule.parts { for path in part.condition.paths { origins.formUnion(self.origins(of: path)) } }
        }
        return origins
    }
}

extension FieldUse.Origin {
    /// Whether what stands there is about a person.
    var isPersonal: Bool {
        switch self.entity {
        case .organisation: false
        case .group: self.path.hasPrefix("groupMemberships")
        default: true
        }
    }
}

extension Expression {
    /// Transforms and code tables, also of alternatives, as people read them.
    var steps: [String] {
        var steps: [String] = []
        steps += self.inner.flatMap(\.steps)
        steps += self.transforms.map(\.text)
        if let lookup = self.lookup { steps.append(lookup.written) }
        return steps.reduce(into: []) { if !$0.contains($1) { $0.append($1) } }
    }
}
