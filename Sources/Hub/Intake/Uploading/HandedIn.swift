public import Foundation

/// Something that somebody hands in for a source, as it came.
public struct HandedIn: Sendable {
    public let source: String
    /// The kind of record, by its name.
    public let entity: String
    public let data: Data
    /// Delimited text as the source's settings describe it; otherwise a JSON list of records.
    public let isCSV: Bool
    /// Whether it is all that the source has of the entity.
    public let isComplete: Bool
    public let isDryRun: Bool
    /// The school units that who hands it in has to do with.
    public let units: UnitScope
    public let person: String

    public init(
        source: String, entity: String, data: Data, isCSV: Bool, isComplete: Bool, isDryRun: Bool, units: UnitScope,
        person: String
    ) {
        self.source = source
        self.entity = entity
        self.data = data
        self.isCSV = isCSV
        self.isComplete = isComplete
        self.isDryRun = isDryRun
        self.units = units
        self.person = person
    }
}
