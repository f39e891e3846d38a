public import SchoolRecords

/// A field that a mapping fills, and what it is filled from: a line of the register of who gets what.
public struct FieldUse: Sendable, Hashable, Codable {
    /// A field of a record, e.g. `person` and `emails.value`.
    public struct Origin: Sendable, Hashable, Codable, Comparable {
        public let entity: Entity
        /// Names with dots; without filters.
        public let path: String

        public static func < (left: Origin, right: Origin) -> Bool {
            (left.entity, left.path) < (right.entity, right.path)
        }
    }

    public let system: String
    /// Whether the system gets the value (`target`), may fetch it (`provided`), or the hub gets it from there (`source`).
    public let direction: String
    /// For a target the kind of row, for a source the entity.
    public let kind: String
    public let field: String
    /// Where values come from; empty for what is always the same.
    public let origins: [Origin]
    /// Transforms and code tables on the way, in order.
    public let steps: [String]
    /// Conditions without which there is no value: of the file, the row and the field.
    public let conditions: [String]
    /// Whether it is about a person: read from a record of one, or given in a row that has something that is.
    public let isPersonal: Bool
    public let purpose: Purpose?
    /// `file:line`
    public let rule: String
}
