public import SchoolRecords

/// What a system may fetch from the hub over SS 12000, as its `provide.yaml` says: a part of the register of who gets what.
public struct Provision: Sendable, Hashable {
    /// What is provided of the records of an entity. `id` and `meta` always are.
    public struct Part: Sendable, Hashable {
        public let fields: ProvidedFields
        public let purpose: Purpose?
        /// Each path that is named, and its line.
        let lines: [String: Int]
        let line: Int
    }

    /// The name of its folder.
    public let system: String
    /// Relative to the mappings' directory.
    public let file: String
    /// School unit codes or ids: only what belongs to these units; empty = any.
    public let schoolUnits: [String]
    /// Only what belongs to these forms of school; empty = any.
    public let schoolTypes: [String]
    /// What isn't here isn't provided.
    public let parts: [Entity: Part]

    /// The fields of an entity; `nil` when it isn't provided.
    public func fields(of entity: Entity) -> ProvidedFields? { self.parts[entity]?.fields }

    /// The entities that are provided, in load order.
    public var entities: [Entity] { self.parts.keys.sorted() }

    /// Whether only a part of the schools' records is provided.
    public var isLimited: Bool { !self.schoolUnits.isEmpty || !self.schoolTypes.isEmpty }

    /// The conditions in words, as the register of who gets what shows them.
    var conditions: [String] {
        [("school_units", self.schoolUnits), ("school_types", self.schoolTypes)].compactMap { name, values in
            values.isEmpty ? nil : "\(name) in \(values.joined(separator: ", "))"
        }
    }

    /// Its lines of the register of who gets what: every field that is named, with what is below it.
    var fieldUses: [FieldUse] {
        self.entities.flatMap { entity -> [FieldUse] in
            guard let part = self.parts[entity] else { return [] }
            let named = part.lines.sorted { ($0.value, $0.key) < ($1.value, $1.key) }
            var uses: [FieldUse] = []
            for (path, line) in named {
                for leaf in entity.shape.leaves where leaf == path || leaf.hasPrefix(path + ".") {
                    let origin = FieldUse.Origin(entity: entity, path: leaf)
                    uses.append(
                        FieldUse(
                            system: self.system, direction: FieldUse.provided, kind: entity.rawValue, field: leaf,
                            origins: [origin], steps: [], conditions: self.conditions, isPersonal: origin.isPersonal,
                            purpose: part.purpose, rule: "\(self.file):\(line)"))
                }
            }
            return uses
        }
    }
}

extension FieldUse {
    /// The direction of what a system fetches itself (SS 12000).
    public static let provided = "provided"
}
