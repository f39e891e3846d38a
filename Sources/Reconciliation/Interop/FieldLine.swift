public import SchoolRecords

/// One field on its way: from a record to a system's row, or from a source's document to a record. A line of the field matrix.
public struct FieldLine: Sendable, Hashable, Codable {
    /// Whether a system gives the field or is given it.
    public enum Direction: String, Sendable, Hashable, Codable, CaseIterable { case source, target }

    /// What the way does with a value.
    public enum Nature: String, Sendable, Hashable, Codable, CaseIterable {
        /// Always the same.
        case constant
        case exact
        /// In another form, or another code for the same.
        case converted
        /// Made of several values.
        case derived
        /// Cut, or a wider code.
        case shortened
        /// Another value.
        case altered
        /// There is a place for it, and nothing fills it.
        case lost

        /// Whether something of the value is gone when it arrives.
        public var isLossy: Bool { [.shortened, .altered, .lost].contains(self) }
    }

    /// A field of a record.
    public struct Origin: Sendable, Hashable, Codable, Comparable {
        public let entity: Entity
        /// Names with dots, e.g. `addresses.postalCode`.
        public let path: String

        public init(_ entity: Entity, _ path: String) {
            self.entity = entity
            self.path = path
        }

        public static func < (left: Origin, right: Origin) -> Bool {
            (left.entity, left.path) < (right.entity, right.path)
        }
    }

    public let system: String
    public let direction: Direction
    /// The entity of the mapping; `nil` for a place that no mapping fills.
    public let entity: Entity?
    /// For a target the kind of row, for a source the entity.
    public let kind: String
    public let field: String
    public var nature: Nature
    public let origins: [Origin]
    /// Transforms and code tables, as people read them.
    public let steps: [String]
    /// Code tables on the way: what is found → what is given.
    public let codes: [String: String]
    /// `file:line` of the rule.
    public let rule: String
    /// Which of the probe's records fill it, by their names.
    public var probedBy: [String]

    public init(
        system: String, direction: Direction, entity: Entity?, kind: String, field: String, nature: Nature, origins: [Origin],
        steps: [String] = [], codes: [String: String] = [:], rule: String = "", probedBy: [String] = []
    ) {
        self.system = system
        self.direction = direction
        self.entity = entity
        self.kind = kind
        self.field = field
        self.nature = nature
        self.origins = origins
        self.steps = steps
        self.codes = codes
        self.rule = rule
        self.probedBy = probedBy
    }

    /// Which field, whatever becomes of it. Several rules can fill one.
    public struct ID: Sendable, Hashable {
        public let system: String
        public let direction: Direction
        public let kind: String
        public let field: String

        public init(system: String, direction: Direction, kind: String, field: String) {
            self.system = system
            self.direction = direction
            self.kind = kind
            self.field = field
        }
    }

    public var id: ID { ID(system: self.system, direction: self.direction, kind: self.kind, field: self.field) }
}
