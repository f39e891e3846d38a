public import SchoolRecords

extension MappingSet {
    /// Every field that the mappings fill, by system, entity and place in the file: the register of who gets what.
    public var fieldUses: [FieldUse] {
        Set(self.systems.keys).union(self.provisions.keys).sorted().flatMap { system in
            self.inboundEntities(system: system).flatMap { self.inbound(system: system, entity: $0)?.fieldUses ?? [] }
                + self.outboundEntities(system: system).flatMap { self.outbound(system: system, entity: $0)?.fieldUses ?? [] }
                + (self.provisions[system]?.fieldUses ?? [])
        }
    }

    /// The fields of records of an entity that nothing of a system carries: for a target those that no row is filled from,
    /// also not by way of a reference; for a source those that it never sets. In the order of their names.
    public func lostFields(system: String, entity: Entity, direction: SystemDescription.Direction) -> [String] {
        let carried: Set<String>
        switch direction {
        case .source: carried = Set((self.inbound(system: system, entity: entity)?.fieldUses ?? []).map(\.field))
        case .target:
            let uses = self.outboundEntities(system: system).flatMap {
                self.outbound(system: system, entity: $0)?.fieldUses ?? []
            }
            carried = Set(uses.flatMap(\.origins).filter { $0.entity == entity }.map(\.path))
        }
        return entity.shape.leaves.filter { !carried.contains($0) }.sorted()
    }

    /// The fields of records of an entity that a target is given and that can't be read back from what it is given: chosen
    /// from a list, changed on the way, or given under a condition. In the order of their names.
    public func changedFields(system: String, entity: Entity) -> [String] {
        guard let mapping = self.outbound(system: system, entity: entity) else { return [] }
        let lost = Set(self.lostFields(system: system, entity: entity, direction: .target)).union(mapping.reversibleFields)
        return entity.shape.leaves.filter { !lost.contains($0) }.sorted()
    }
}

extension OutboundMapping {
    var fieldUses: [FieldUse] {
        self.rows.flatMap { row in
            var finder = OriginFinder(self.frame)
            for each in row.each { finder.add(each) }
            let isPersonal = row.fields.contains { finder.origins(of: $0.expression).contains(where: \.isPersonal) }
            let conditions = ((self.frame.when?.parts ?? []) + (row.when?.parts ?? [])).map(\.text)
            return row.fields.map { name, expression in
                let origins = finder.origins(of: expression)
                return FieldUse(
                    system: self.frame.system, direction: "target", kind: row.kind, field: name, origins: origins.sorted(),
                    steps: expression.steps, conditions: conditions + (expression.when?.parts ?? []).map(\.text),
                    isPersonal: isPersonal && !origins.isEmpty,
                    purpose: expression.purpose ?? row.purpose ?? self.frame.purpose,
                    rule: "\(expression.position.file):\(expression.position.line)")
            }
        }
    }
}

extension InboundMapping {
    var fieldUses: [FieldUse] { self.uses(self.fields, OriginFinder(self.frame), "") }

    private func uses(
        _ fields: [(name: String, rule: FieldRule)], _ finder: OriginFinder, _ prefix: String
    ) -> [FieldUse] {
        fields.flatMap { name, rule in
            self.uses(rule, finder, prefix.isEmpty ? name : "\(prefix).\(name)")
        }
    }

    private func uses(_ rule: FieldRule, _ finder: OriginFinder, _ path: String) -> [FieldUse] {
        switch rule {
        case .object(let inner): return self.uses(inner, finder, path)
        case .list(let each, let element):
            var finder = finder
            finder.add(each)
            return self.uses(element, finder, path)
        case .value(let expression):
            let target = FieldUse.Origin(entity: self.frame.entity, path: path)
            return [
                FieldUse(
                    system: self.frame.system, direction: "source", kind: self.frame.entity.rawValue, field: path,
                    origins: finder.origins(of: expression).sorted(), steps: expression.steps,
                    conditions: ((self.frame.when?.parts ?? []) + (expression.when?.parts ?? [])).map(\.text),
                    isPersonal: target.isPersonal, purpose: expression.purpose ?? self.frame.purpose,
                    rule: "\(expression.position.file):\(expression.position.line)")
            ]
        }
    }
}

extension RecordShape {
    /// Every path to a value, e.g. `emails.value`; without the hub's own `meta`.
    var leaves: [String] { self.leaves("") }

    private func leaves(_ prefix: String) -> [String] {
        self.fields.filter { !prefix.isEmpty || $0.key != "meta" }.flatMap { name, field in
            field.leaves(prefix.isEmpty ? name : "\(prefix).\(name)")
        }
    }

    fileprivate func inner(_ prefix: String) -> [String] { self.leaves(prefix) }
}

extension FieldShape {
    fileprivate func leaves(_ path: String) -> [String] {
        switch self {
        case .list(let element): element.leaves(path)
        case .reference: ["\(path).id"]
        default: self.fields?.inner(path) ?? [path]
        }
    }
}
