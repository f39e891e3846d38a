public import SchoolRecords

extension MappingSet {
    /// The entities whose records a system is sent, in load order: those that it has mappings of, and those that these look
    /// up. A record that is looked up counts as there once it has been sent.
    public func deliveredEntities(system: String) -> [Entity] {
        let own = self.outboundEntities(system: system)
        return own.reduce(into: Set(own)) { entities, entity in
            entities.formUnion(self.outbound(system: system, entity: entity)?.followed ?? [])
        }.sorted()
    }
}

extension OutboundMapping {
    /// The entities of the records that it looks up.
    var followed: Set<Entity> {
        var entities = self.frame.when?.followed ?? []
        for rule in self.frame.lets { entities.formUnion(rule.expression.followed) }
        for row in self.rows {
            for each in row.each { entities.formUnion(each.path.followed) }
            entities.formUnion(row.when?.followed ?? [])
            for (_, expression) in row.fields { entities.formUnion(expression.followed) }
        }
        return entities
    }
}

extension Expression {
    fileprivate var followed: Set<Entity> {
        self.paths.reduce(into: Set(self.inner.flatMap(\.followed) + self.conditions.flatMap(\.followed))) {
            $0.formUnion($1.followed)
        }
    }
}

extension WhenRule {
    fileprivate var followed: Set<Entity> { Set(self.parts.flatMap(\.condition.paths).flatMap(\.followed)) }
}

extension RecordPath {
    fileprivate var followed: Set<Entity> {
        self.steps.reduce(into: []) { entities, step in
            switch step {
            case .follow(let entity): entities.insert(entity)
            case .filter(let conditions): entities.formUnion(conditions.flatMap(\.paths).flatMap(\.followed))
            case .member, .index: break
            }
        }
    }
}
