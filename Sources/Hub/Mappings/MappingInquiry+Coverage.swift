import Mapping
public import SchoolRecords

extension MappingInquiry {
    /// Looks up every value of the Register's records as the mappings to receiving systems do, and counts.
    ///
    /// - Parameter withValues: tell also values that don't look like codes; they may be anything.
    /// - Throws: ``Problem`` without a Register.
    public func coverage(today: CalendarDate, only system: String? = nil, withValues: Bool) async throws -> CodeCoverage {
        let register = try self.register()
        var coverage = CodeCoverage()
        for name in self.set.systems.keys.sorted() where system == nil || name == system {
            var tallies: [CodeCoverage.Use: (found: [String: Int], missing: [CodeUse: Int])] = [:]
            for entity in self.set.outboundEntities(system: name) {
                guard let mapping = self.set.outbound(system: name, entity: entity) else { continue }
                try await register.pages(of: entity, for: name) { page in
                    try await register.settle(page.count) { index, lookedUp in
                        switch mapping.codes(in: page[index].document, today: today, lookedUp: lookedUp) {
                        case .needs(let keys): return keys
                        case .uses(let uses):
                            for use in uses {
                                let place = CodeCoverage.Use(
                                    system: name, rule: use.rule, field: use.field, table: use.table, find: use.find,
                                    give: use.give, otherwise: use.otherwise)
                                if use.row != nil {
                                    tallies[place, default: ([:], [:])].found[use.text, default: 0] += 1
                                } else {
                                    tallies[place, default: ([:], [:])].missing[use, default: 0] += 1
                                }
                            }
                            return nil
                        }
                    }
                }
            }
            coverage.uses += tallies.sorted { ($0.key.rule, $0.key.field) < ($1.key.rule, $1.key.field) }.map { place, tally in
                var use = place
                use.found = tally.found.count
                use.foundCount = tally.found.values.reduce(0, +)
                use.missing = tally.missing.sorted { ($1.value, $0.key.text) < ($0.value, $1.key.text) }.map {
                    .init(value: withValues || $0.key.looksLikeCode ? $0.key.text : nil, count: $0.value)
                }
                return use
            }
        }
        return coverage
    }

    /// The fields that nothing of a system carries, with the number of records that have them where there is a Register.
    ///
    /// - Parameter system: `nil` = all that take part. One that is switched off is told of too when it is asked for: what a
    ///   system would be given is wanted before it is.
    /// - Throws: ``Problem`` when there is no such system.
    public func lostFields(only system: String? = nil) async throws -> [LostFields] {
        var lost: [LostFields] = []
        if let system, self.set.inactive[system] == nil { try self.check(system) }
        let entities = (system.map { [$0] } ?? self.set.systems.keys.sorted()).map { name in
            (
                name,
                self.set.inboundEntities(system: name).map { ($0, SystemDescription.Direction.source) }
                    + self.set.outboundEntities(system: name).map { ($0, SystemDescription.Direction.target) }
            )
        }
        var counts: [Entity: [String: Int]] = [:]
        if let store = self.store {
            for entity in Set(entities.flatMap(\.1).map(\.0)) {
                try await RegisterReader(store: store).pages(of: entity) { page in
                    for (_, document) in page {
                        for path in document.value.paths { counts[entity, default: [:]][path, default: 0] += 1 }
                    }
                }
            }
        }
        for (name, entities) in entities {
            for (entity, direction) in entities.sorted(by: { $0.0 < $1.0 }) {
                func counted(_ paths: [String]) -> [LostFields.Field] {
                    paths.map { .init(path: $0, records: self.store == nil ? nil : counts[entity]?[$0] ?? 0) }
                }
                lost.append(
                    LostFields(
                        system: name, entity: entity.rawValue, direction: direction.rawValue,
                        fields: counted(self.set.lostFields(system: name, entity: entity, direction: direction)),
                        changed: direction == .source
                            ? [] : counted(self.set.changedFields(system: name, entity: entity))))
            }
        }
        return lost
    }
}

extension JSONValue {
    /// Every path to a value, each once; elements of lists count together.
    fileprivate var paths: Set<String> {
        var paths: Set<String> = []
        func walk(_ value: JSONValue, _ path: String) {
            switch value {
            case .object(let members):
                for (name, member) in members { walk(member, path.isEmpty ? name : "\(path).\(name)") }
            case .array(let elements): for element in elements { walk(element, path) }
            case .null: break
            default: paths.insert(path)
            }
        }
        walk(self, "")
        return paths
    }
}
