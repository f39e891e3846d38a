import Foundation
import Hub
public import Logging
public import Mapping
import SQLStores
import SQLiteDatabase
import SchoolRecords

/// What a person asks of the mappings: explanations, differences, coverage. Reads the Register, changes nothing.
public struct MappingTools: Sendable {
    /// The mappings in force.
    public let set: MappingSet
    let configuration: HubConfiguration
    let store: (any HubStore)?

    /// Loads the mappings, and opens the Register when there is one.
    ///
    /// - Throws: ``AppError`` with every error of the mappings, or when the store can't be opened.
    public static func open(_ configuration: HubConfiguration, logger: Logger) async throws -> MappingTools {
        guard FileManager.default.fileExists(atPath: configuration.storePath) else {
            let set = try HubContext.mappings(configuration, logger: logger)
            return MappingTools(set: set, configuration: configuration, store: nil)
        }
        let context = try await HubContext.open(configuration, logger: logger)
        return MappingTools(set: context.mappings.set, configuration: configuration, store: context.store)
    }

    /// The Register.
    func register() throws -> RegisterReader {
        guard let store = self.store else {
            throw AppError(
                .notFound,
                "There is no Register in \(self.configuration.dataDirectory): no hub has run on it yet. Name another with --data."
            )
        }
        return RegisterReader(store: store)
    }

    /// A system by its name.
    ///
    /// - Throws: ``AppError`` with the known ones.
    public func system(_ name: String) throws -> SystemDescription {
        try self.set.system(name)
    }
}
