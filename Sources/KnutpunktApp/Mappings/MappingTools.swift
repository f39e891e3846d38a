import Foundation
public import Hub
public import Logging
public import Mapping
import SQLStores
import SQLiteDatabase
public import SchoolRecords

/// What a person asks of the mappings at the command line. Reads the Register, changes nothing.
public struct MappingTools: Sendable {
    /// The mappings in force.
    public let set: MappingSet
    private let configuration: HubConfiguration
    private let inquiry: MappingInquiry

    /// Loads the mappings, and opens the Register when there is one.
    ///
    /// - Throws: ``AppError`` with every error of the mappings, or when the store can't be opened.
    public static func open(_ configuration: HubConfiguration, logger: Logger) async throws -> MappingTools {
        guard FileManager.default.fileExists(atPath: configuration.storePath) else {
            let set = try HubContext.mappings(configuration, logger: logger)
            return MappingTools(set: set, configuration: configuration, inquiry: MappingInquiry(set: set, store: nil))
        }
        let context = try await HubContext.open(configuration, logger: logger)
        let set = context.mappings.set
        return MappingTools(set: set, configuration: configuration, inquiry: MappingInquiry(set: set, store: context.store))
    }

    /// A system by its name.
    ///
    /// - Throws: ``AppError`` with the known ones.
    public func system(_ name: String) throws -> SystemDescription {
        try self.set.system(name)
    }

    /// Loads an edited folder as the one in force is loaded.
    public func load(directory: String) -> MappingLoad {
        HubContext.load(self.configuration, directory: directory)
    }

    /// See ``Hub/MappingInquiry/coverage(today:only:withValues:)``.
    ///
    /// - Throws: ``AppError`` without a Register.
    public func coverage(today: CalendarDate, only system: String? = nil, withValues: Bool) async throws -> CodeCoverage {
        try await self.telling { try await $0.coverage(today: today, only: system, withValues: withValues) }
    }

    /// See ``Hub/MappingInquiry/lostFields(only:)``.
    ///
    /// - Throws: ``AppError`` when there is no such system.
    public func lostFields(only system: String? = nil) async throws -> [LostFields] {
        if let system, self.set.inactive[system] == nil { _ = try self.system(system) }
        return try await self.telling { try await $0.lostFields(only: system) }
    }

    /// See ``Hub/MappingInquiry/difference(to:today:only:limit:withValues:)``.
    ///
    /// - Throws: ``AppError`` without a Register.
    public func difference(
        to edited: MappingSet, today: CalendarDate, only system: String? = nil, limit: Int, withValues: Bool
    ) async throws -> MappingDifference {
        try await self.telling {
            try await $0.difference(to: edited, today: today, only: system, limit: limit, withValues: withValues)
        }
    }

    /// See ``Hub/MappingInquiry/explain(_:for:today:)``.
    ///
    /// - Throws: ``AppError`` when there is no such record, or the system's mapping doesn't begin at the Register.
    public func explain(_ key: RecordKey, for system: String, today: CalendarDate) async throws -> Explanation {
        _ = try self.system(system)
        return try await self.telling { try await $0.explain(key, for: system, today: today) }
    }

    /// See ``Hub/MappingInquiry/explain(_:_:for:today:direction:)``.
    ///
    /// - Throws: ``AppError`` when the system has no mapping for the entity, or the document is no such record.
    public func explain(
        _ document: JSONValue, _ entity: Entity, for system: String, today: CalendarDate,
        direction: SystemDescription.Direction? = nil
    ) async throws -> Explanation {
        _ = try self.system(system)
        return try await self.telling { try await $0.explain(document, entity, for: system, today: today, direction: direction) }
    }

    private func telling<Answer>(_ ask: (MappingInquiry) async throws -> Answer) async throws -> Answer {
        do { return try await ask(self.inquiry) } catch let problem as MappingInquiry.Problem {
            throw problem.appError(self.configuration.dataDirectory)
        }
    }
}

extension MappingInquiry.Problem {
    func appError(_ directory: String) -> AppError {
        switch self {
        case .noRegister:
            AppError(
                .notFound, "There is no Register in \(directory): no hub has run on it yet. Name another with --data.")
        case .noSystem(let name): AppError(.notFound, "There is no system \"\(name)\".")
        case .isSource(let system):
            AppError(
                .notFound,
                "\(system) is a source: what it sent isn't kept. Name a JSON file with the document as it came from \(system).")
        case .withheld(let key):
            AppError(.notFound, "\(key) is deleted, or lies in the vault: no system is given anything of it.")
        case .noRecord(let key): AppError(.notFound, "There is no \(key) in the Register.")
        case .noMapping(let system, let entity, let known):
            AppError(
                .notFound,
                "\(system) has no mapping for \(entity.rawValue). It has: \(known.map(\.rawValue).joined(separator: ", ")).")
        case .noSuchRecord(let entity, let error):
            AppError(.notFound, "The document is no \(entity.rawValue): \(error)", cause: error)
        case .asksAgain(let file): AppError(.mappings, "\(file) asks for the same record again.")
        }
    }
}
