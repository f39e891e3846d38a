public import SchoolRecords

/// A mapping as people read it: every field, where it comes from, and where that stands.
public struct MappingOutline: Sendable, Hashable {
    /// What becomes of a record without a value for a field.
    public enum Requirement: String, Sendable, Hashable {
        case optional
        /// The record fails.
        case record
        /// The row, or the element of a list, isn't made.
        case row
    }

    /// One field.
    public struct Field: Sendable, Hashable {
        /// e.g. `emails.value`
        public let name: String
        /// What it is made of, as it is written: a path, `constant true`, `first a | b`, …
        public let source: String
        /// The fields of records that it comes from; empty for what is always the same.
        public let origins: [FieldUse.Origin]
        /// Transforms and code tables on the way, in order.
        public let steps: [String]
        /// Its own conditions; those of the part and the file stand there.
        public let conditions: [String]
        public let requirement: Requirement
        /// What is given without a value; `nil` for nothing.
        public let fallback: String?
        /// Whether it is a part of what tells one row from another.
        public let isKey: Bool
        /// Whether the other side can't be without it.
        public let isMandatory: Bool
        public let nature: FieldCarriage.Nature
        public let purpose: Purpose?
        /// `file:line:column`
        public let rule: String
    }

    /// A rule that makes rows of a kind; for a source the record.
    public struct Part: Sendable, Hashable {
        public let kind: String
        /// The lists that it goes through: `member in groupMemberships[current]`.
        public let each: [String]
        public let conditions: [String]
        public let fields: [Field]
        /// `file:line`
        public let rule: String
        /// Why the other side has it, when the rule or its file says so.
        public let purpose: Purpose?
    }

    /// A field that nothing fills.
    public struct Unset: Sendable, Hashable {
        public let kind: String
        public let name: String
        public let isMandatory: Bool
    }

    public let system: String
    public let entity: Entity
    public let direction: SystemDescription.Direction
    /// Relative to the mappings' directory.
    public let file: String
    /// For which records it is; empty = for all.
    public let conditions: [String]
    /// Values that the file gives names to, for its rules to use.
    public let names: [Field]
    public let parts: [Part]
    /// Places of the other side that no rule fills: fields of rows, or of the record.
    public let unset: [Unset]
}

extension MappingSet {
    /// A mapping, also of a system that is switched off.
    ///
    /// - Returns: `nil` when the system has none for the entity in this direction.
    public func outline(system: String, entity: Entity, direction: SystemDescription.Direction) -> MappingOutline? {
        switch direction {
        case .source: return self.inbound[system]?[entity]?.outline
        case .target:
            let description = self.systems[system] ?? self.inactive[system]
            let declared = description?.sides[.target].flatMap { TargetDeclaration($0.settings).kinds } ?? [:]
            guard let mapping = self.outbound[system]?[entity] else { return nil }
            // Other mappings of the system may fill the same kind of row.
            let all = (self.outbound[system] ?? [:]).values.flatMap(\.rows)
            let filled = Dictionary(grouping: all, by: \.kind).mapValues { Set($0.flatMap(\.fields).map(\.name)) }
            return mapping.outline(declared, filled)
        }
    }
}

extension WhenRule {
    fileprivate var texts: [String] { self.parts.map(\.text) }
}

extension Expression {
    fileprivate func outline(
        _ name: String, _ finder: OriginFinder, isKey: Bool, isMandatory: Bool, purpose: Purpose?
    ) -> MappingOutline.Field {
        let requirement: MappingOutline.Requirement =
            switch self.requirement {
            case .none: .optional
            case .record: .record
            case .row: .row
            }
        return MappingOutline.Field(
            name: name, source: self.wholeText, origins: finder.origins(of: self).sorted(), steps: self.steps,
            conditions: self.when?.texts ?? [], requirement: requirement, fallback: self.fallback.flatMap(Evaluation.text),
            isKey: isKey, isMandatory: isMandatory, nature: self.nature, purpose: self.purpose ?? purpose,
            rule: "\(self.position.file):\(self.position.line):\(self.position.column)")
    }
}

extension MappingFrame {
    fileprivate var names: [MappingOutline.Field] {
        let finder = OriginFinder(self)
        return self.lets.map { $0.expression.outline($0.name, finder, isKey: false, isMandatory: false, purpose: nil) }
    }
}

extension EachRule {
    fileprivate var text: String {
        self.separator.map { "\(self.name) in \(self.path.text), split by \($0)" } ?? "\(self.name) in \(self.path.text)"
    }
}

extension OutboundMapping {
    fileprivate func outline(
        _ declared: [String: TargetDeclaration.Kind], _ filled: [String: Set<String>]
    ) -> MappingOutline {
        let parts = self.rows.map { row in
            var finder = OriginFinder(self.frame)
            for each in row.each { finder.add(each) }
            let required = Set(declared[row.kind]?.required ?? [])
            return MappingOutline.Part(
                kind: row.kind, each: row.each.map(\.text), conditions: row.when?.texts ?? [],
                fields: row.fields.map { name, expression in
                    expression.outline(
                        name, finder, isKey: row.key.contains(name), isMandatory: required.contains(name),
                        purpose: row.purpose ?? self.frame.purpose)
                }, rule: "\(row.position.file):\(row.position.line)", purpose: row.purpose ?? self.frame.purpose)
        }
        let unset = self.kinds.sorted().flatMap { kind in
            (declared[kind]?.fields ?? []).filter { filled[kind]?.contains($0) != true }.sorted().map {
                MappingOutline.Unset(kind: kind, name: $0, isMandatory: declared[kind]?.required.contains($0) == true)
            }
        }
        return MappingOutline(
            system: self.frame.system, entity: self.frame.entity, direction: .target, file: self.file,
            conditions: self.frame.when?.texts ?? [], names: self.frame.names, parts: parts, unset: unset)
    }
}

extension InboundMapping {
    fileprivate var outline: MappingOutline {
        let shape = self.frame.entity.shape
        let fields = self.fields(self.fields, OriginFinder(self.frame), "", shape.required)
        let set = Set(fields.map(\.name))
        return MappingOutline(
            system: self.frame.system, entity: self.frame.entity, direction: .source, file: self.file,
            conditions: self.frame.when?.texts ?? [], names: self.frame.names,
            parts: [
                .init(
                    kind: self.frame.entity.rawValue, each: [], conditions: [], fields: fields,
                    rule: "\(self.frame.position.file):\(self.frame.position.line)", purpose: self.frame.purpose)
            ],
            unset: shape.leaves.filter { !set.contains($0) }.sorted().map {
                .init(kind: self.frame.entity.rawValue, name: $0, isMandatory: shape.required.contains($0))
            })
    }

    private func fields(
        _ fields: [(name: String, rule: FieldRule)], _ finder: OriginFinder, _ prefix: String, _ required: Set<String>
    ) -> [MappingOutline.Field] {
        fields.flatMap { name, rule in
            self.fields(rule, finder, prefix.isEmpty ? name : "\(prefix).\(name)", required)
        }
    }

    private func fields(
        _ rule: FieldRule, _ finder: OriginFinder, _ path: String, _ required: Set<String>
    ) -> [MappingOutline.Field] {
        switch rule {
        case .object(let inner): return self.fields(inner, finder, path, required)
        case .list(let each, let element):
            var finder = finder
            finder.add(each)
            return self.fields(element, finder, path, required)
        case .value(let expression):
            return [
                expression.outline(
                    path, finder, isKey: path == "id", isMandatory: required.contains(path), purpose: self.frame.purpose)
            ]
        }
    }
}
