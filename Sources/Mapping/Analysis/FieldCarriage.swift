public import SchoolRecords

/// What a mapping does with the values of a field: a line of the field matrix.
public struct FieldCarriage: Sendable, Hashable {
    /// From what keeps everything to what keeps nothing.
    public enum Nature: Int, Sendable, Hashable, Comparable {
        /// Always the same, whatever the record says.
        case constant
        /// As it stands in the record.
        case exact
        /// In another form, or by a code table in which no two codes become one.
        case converted
        /// Made of several values, or counted.
        case derived
        /// Cut, or by a code table in which several codes become one.
        case shortened
        /// Another value: other letters, another day.
        case altered
        /// The system has a place for it, and no rule fills it.
        case lost

        public static func < (left: Nature, right: Nature) -> Bool { left.rawValue < right.rawValue }
    }

    public let system: String
    public let direction: SystemDescription.Direction
    /// The entity of the mapping; `nil` for what no mapping fills.
    public let entity: Entity?
    /// For a target the kind of row, for a source the entity.
    public let kind: String
    public let field: String
    public let nature: Nature
    /// Where values come from.
    public let origins: [FieldUse.Origin]
    /// Transforms and code tables on the way, in order.
    public let steps: [String]
    /// The code tables' and lists' content: what is found → what is given.
    public let codes: [String: String]
    /// `file:line`; for what is lost the file that has the place.
    public let rule: String
}

extension MappingSet {
    /// Every field that the systems in use are given and give, and the places of systems that nothing fills.
    public var fieldCarriages: [FieldCarriage] {
        self.systems.keys.sorted().flatMap { system in
            let taken = self.inboundEntities(system: system).flatMap {
                self.inbound(system: system, entity: $0)?.carriages ?? []
            }
            let given = self.outboundEntities(system: system).flatMap {
                self.outbound(system: system, entity: $0)?.carriages ?? []
            }
            return taken + given + self.unfilled(system, given)
        }
    }

    /// Places for fields in kinds of rows that a system is given, without a rule.
    private func unfilled(_ system: String, _ given: [FieldCarriage]) -> [FieldCarriage] {
        guard let description = self.systems[system], let target = description.target else { return [] }
        let kinds = TargetDeclaration(target.settings).kinds ?? [:]
        let filled = Dictionary(grouping: given, by: \.kind).mapValues { Set($0.map(\.field)) }
        return kinds.sorted { $0.key < $1.key }.flatMap { kind, declared -> [FieldCarriage] in
            guard let filled = filled[kind] else { return [] }
            return (declared.fields ?? []).filter { !filled.contains($0) }.sorted().map { field in
                FieldCarriage(
                    system: system, direction: .target, entity: nil, kind: kind, field: field, nature: .lost, origins: [],
                    steps: [], codes: [:], rule: description.file)
            }
        }
    }
}

extension OutboundMapping {
    fileprivate var carriages: [FieldCarriage] {
        self.rows.flatMap { row in
            var finder = OriginFinder(self.frame)
            for each in row.each { finder.add(each) }
            return row.fields.map { name, expression in
                expression.carriage(self.frame, .target, row.kind, name, finder)
            }
        }
    }
}

extension InboundMapping {
    fileprivate var carriages: [FieldCarriage] { self.carriages(self.fields, OriginFinder(self.frame), "") }

    private func carriages(
        _ fields: [(name: String, rule: FieldRule)], _ finder: OriginFinder, _ prefix: String
    ) -> [FieldCarriage] {
        fields.flatMap { name, rule in self.carriages(rule, finder, prefix.isEmpty ? name : "\(prefix).\(name)") }
    }

    private func carriages(_ rule: FieldRule, _ finder: OriginFinder, _ path: String) -> [FieldCarriage] {
        switch rule {
        case .object(let inner): return self.carriages(inner, finder, path)
        case .list(let each, let element):
            var finder = finder
            finder.add(each)
            return self.carriages(element, finder, path)
        case .value(let expression):
            return [expression.carriage(self.frame, .source, self.frame.entity.rawValue, path, finder)]
        }
    }
}

extension Expression {
    fileprivate func carriage(
        _ frame: MappingFrame, _ direction: SystemDescription.Direction, _ kind: String, _ field: String, _ finder: OriginFinder
    ) -> FieldCarriage {
        FieldCarriage(
            system: frame.system, direction: direction, entity: frame.entity, kind: kind, field: field, nature: self.nature,
            origins: finder.origins(of: self).sorted(), steps: self.steps, codes: self.codes,
            rule: "\(self.position.file):\(self.position.line)")
    }

    /// The worst that happens to a value on the way.
    var nature: FieldCarriage.Nature {
        var nature: FieldCarriage.Nature =
            switch self.source {
            case .path: .exact
            case .constant: .constant
            case .alternatives(let inner): inner.map(\.nature).max() ?? .constant
            case .template, .count, .joined, .concatenation, .holds: .derived
            }
        for rule in self.transforms { nature = max(nature, rule.transform.nature) }
        if let lookup = self.lookup {
            let given = Set(lookup.codes.values.map(\.text))
            nature = max(nature, given.count < lookup.codes.count ? .shortened : .converted)
        }
        return nature
    }

    fileprivate var codes: [String: String] {
        var codes = self.inner.reduce(into: [String: String]()) { $0.merge($1.codes) { first, _ in first } }
        for (code, given) in self.lookup?.codes ?? [:] { codes[code] = given.text }
        for case .words(let words) in self.transforms.map(\.transform) {
            for (word, given) in words { codes[word] = Evaluation.text(given) ?? "" }
        }
        return codes
    }
}

extension Transform {
    fileprivate var nature: FieldCarriage.Nature {
        switch self {
        case .trim, .singleLine, .digits, .phone, .identityNumber, .date, .parseDate, .words, .integer, .boolean, .postalCode,
            .email, .number, .pad, .name:
            .converted
        case .schoolYear, .nameUUID: .derived
        case .limit, .firstWord, .initial, .last, .part, .leadingCode: .shortened
        case .upper, .lower, .ascii, .replace, .addDays: .altered
        }
    }
}
