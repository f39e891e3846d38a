import ConnectorKit
import Connectors
import Foundation
public import Hub
public import Logging
import Mapping
import Messaging
import SQLStores
import SQLiteDatabase
import SchoolRecords

/// What every command works on: configuration, mappings and the store, opened and checked.
public struct HubContext: Sendable {
    /// The version of the program.
    public static let programVersion = "0.1.0"

    public let configuration: HubConfiguration
    public let mappings: MappingBook
    public let store: any HubStore
    let database: SQLiteDatabase
    let key: HubKey
    let keys: HubKeys
    public let logger: Logger

    /// Opens a hub's data directory, making what isn't there.
    ///
    /// - Parameter isServing: whether it is for a hub that runs by these mappings, and so by accepted ones alone.
    /// - Throws: ``AppError`` naming the place and the remedy.
    public static func open(
        _ configuration: HubConfiguration, isServing: Bool = false, logger: Logger
    ) async throws -> HubContext {
        var mappings = try Self.mappings(configuration, logger: logger)
        if isServing { mappings = try Self.inForce(mappings, configuration, logger: logger) }
        try Self.makeDirectory(configuration.dataDirectory)
        let keys = HubKeys(configuration)
        let key = HubKey(try keys.read()) { try keys.read() }
        do {
            let database = try SQLiteDatabase.open(path: configuration.storePath)
            let store = try await SQLStore.open(database: database, key: key)
            let context = HubContext(
                configuration: configuration, mappings: MappingBook(mappings), store: store, database: database, key: key,
                keys: keys, logger: logger)
            try await context.heedErasureList()
            return context
        } catch let error as StoreError {
            throw AppError(.store, error.message, cause: error)
        }
    }

    /// Loads the mappings; warnings are logged, errors thrown all at once.
    static func mappings(_ configuration: HubConfiguration, logger: Logger) throws -> MappingSet {
        let load = Self.load(configuration)
        guard let set = load.set else {
            throw AppError(.mappings, load.diagnostics.map(\.description).joined(separator: "\n"))
        }
        let unknown = configuration.unknownSettings(in: set) + configuration.strangers(in: set)
        guard unknown.isEmpty else { throw AppError(.configuration, unknown.joined(separator: "\n")) }
        for diagnostic in load.diagnostics { logger.warning("Mapping", metadata: ["diagnostic": "\(diagnostic)"]) }
        return set
    }

    /// The mapping files, with the settings of systems that the configuration replaces.
    ///
    /// - Parameter directory: another folder than the one in force.
    static func load(_ configuration: HubConfiguration, directory: String? = nil) -> MappingLoad {
        let settings = SystemSettings(configuration: configuration)
        let load = MappingSet.load(directory: directory ?? configuration.mappingsDirectory) { settings.adjusted($1, of: $0) }
        return load.adding(load.quality.map { QualityFile.read($0).diagnostics } ?? [])
    }

    /// Files as if they lay in the folder in force.
    static func load(_ configuration: HubConfiguration, files: [MappingFile]) -> MappingLoad {
        let settings = SystemSettings(configuration: configuration)
        let load = MappingSet.load(files) { settings.adjusted($1, of: $0) }
        return load.adding(load.quality.map { QualityFile.read($0).diagnostics } ?? [])
    }

    private static func makeDirectory(_ path: String) throws {
        do {
            try FileManager.default.createDirectory(
                atPath: path, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        } catch {
            throw AppError(
                .configuration,
                "\(path): the data directory can't be made. Check the path and the rights on it (data.directory).",
                cause: error)
        }
    }

    /// The exchanges and queues of the hub with these mappings.
    var topology: Topology {
        var targets: [String: [String]] = [:]
        for system in self.mappings.set.systems.values where system.target != nil {
            targets[system.name] = self.mappings.set.deliveredEntities(system: system.name).map(\.rawValue)
        }
        let flows = FlowKind.listed(in: self.mappings.set).map { ($0.name, $0.reads.map(\.rawValue)) }
        return HubTopology.topology(
            targets: targets, flows: Dictionary(uniqueKeysWithValues: flows),
            cleared: self.mappings.set.privacy.clearedSystems)
    }

    /// The connectors of the systems, made from their settings.
    ///
    /// - Throws: ``AppError`` with every problem of every system.
    func connectors(only systems: Set<String>? = nil) throws -> Connections {
        var connections = Connections()
        var problems: [String] = []
        for system in self.mappings.set.systems.values.sorted(by: { $0.name < $1.name }) {
            if let systems, !systems.contains(system.name) { continue }
            func told(_ side: SystemDescription.Side, _ error: SettingsError) {
                problems += error.problems.map { "\(system.file): \(side.place(of: $0.path)): \($0.message)" }
            }
            if let side = system.source {
                do throws(SettingsError) {
                    let settings = self.withSubscriptionTarget(side.settings, of: system.name)
                    let source = try ConnectorFactory.source(system: system.name, settings: settings, logger: self.logger)
                    connections.sources.append((source, side.settings))
                } catch { told(side, error) }
            }
            if let side = system.target {
                do throws(SettingsError) {
                    connections.targets.append(
                        try ConnectorFactory.target(system: system.name, settings: side.settings, logger: self.logger))
                } catch { told(side, error) }
            }
        }
        guard problems.isEmpty else { throw AppError(.configuration, problems.joined(separator: "\n")) }
        return connections
    }
}

/// The connectors in use.
struct Connections: Sendable {
    var sources: [(source: any SourceConnector, settings: JSONValue)] = []
    var targets: [any TargetConnector] = []
}
