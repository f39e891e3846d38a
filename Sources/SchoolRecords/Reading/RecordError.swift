/// A record that isn't what SS 12000 says: names the entity and the field, never the value.
public struct RecordError: Error, Sendable, Hashable, CustomStringConvertible {
    public let entity: Entity
    /// Path of the field in the record, e.g. `enrolments[0].schoolType`; empty for the record itself.
    public let field: String
    /// What is wrong with it, e.g. `is missing`.
    public let problem: String

    public init(entity: Entity, field: String, problem: String) {
        self.entity = entity
        self.field = field
        self.problem = problem
    }

    /// The same error of a part, as one of what the part is in.
    func within(_ place: String) -> RecordError {
        RecordError(
            entity: self.entity, field: self.field.isEmpty ? place : "\(place).\(self.field)", problem: self.problem)
    }

    public var description: String {
        self.field.isEmpty
            ? "The \(self.entity.rawValue) \(self.problem)." : "The \(self.entity.rawValue)'s \(self.field) \(self.problem)."
    }
}
