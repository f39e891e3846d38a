import ConnectorKit
import Foundation
import Hub
import Logging
import Mapping
import Messaging
import SQLStores
import SQLiteDatabase
import SchoolRecords

/// A hub on a store of its own, with the mappings of the project.
struct TestHub {
    let directory: String
    let key: HubKey
    let store: any HubStore
    let mappings: MappingBook
    let broker = InMemoryBroker()
    let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

    /// - Parameters:
    ///   - mappings: others than the project's.
    ///   - limits: of every system, instead of those in its file.
    static func with<Result>(
        mappings other: MappingSet? = nil, limits: JSONValue? = nil, _ body: (TestHub) async throws -> Result
    ) async throws -> Result {
        let directory = FileManager.default.temporaryDirectory.path + "/knutpunkt-hub-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: directory) }
        let key = HubKey(material: Data(repeating: 42, count: 32))
        let store = try await SQLStore.open(database: SQLiteDatabase.open(path: directory + "/store.sqlite"), key: key)
        let set = try other ?? ProjectMappings.set(limits: limits)
        return try await body(TestHub(directory: directory, key: key, store: store, mappings: MappingBook(set)))
    }

    func intake(_ source: any SourceConnector, limits: ChangeLimits = ChangeLimits()) -> Intake {
        Intake(source: source, store: self.store, key: self.key, mappings: self.mappings, limits: limits, logger: self.logger)
    }

    /// Says that these have been read to their end, where a test puts them into the store by itself.
    func markRead(_ entities: Entity..., of source: String = "edlevo") async throws {
        for entity in entities {
            try await self.store.setMark("2026-01-01T00:00:00.000Z", source: source, entity: "loaded.\(entity.rawValue)")
        }
    }

    /// Runs relay and delivery until `condition` holds; nobody sleeps, the store's own changes wake it.
    func run(
        _ target: any TargetConnector, clock: HubClock = .system, until condition: @escaping @Sendable () async throws -> Bool
    ) async throws {
        try await self.declare()
        let relay = OutboxRelay(store: self.store, broker: self.broker, topology: Self.topology, logger: self.logger)
        let delivery = DeliveryService(
            target: target, broker: self.broker, store: self.store, key: self.key, mappings: self.mappings, clock: clock,
            linger: .milliseconds(5),
            logger: self.logger)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await relay.run() }
            group.addTask { try await delivery.run() }
            for await _ in self.store.changes(every: .milliseconds(20)) where try await condition() { break }
            group.cancelAll()
        }
    }

    /// A clock that stands.
    static func clock(_ instant: String) -> HubClock {
        let date = RFC3339.date(instant) ?? .distantPast
        return HubClock(now: { date }, sleep: { try await Task.sleep(for: $0) })
    }

    /// What Unikum takes.
    private static let entities = Entity.roster + [.roleGrant]

    private static let topology = HubTopology.topology(targets: ["unikum": Self.entities.map(\.rawValue)])

    func declare() async throws { try await self.broker.declare(Self.topology) }

    /// Everything has been given to the system, and no record waits for another.
    func isAtRest() async throws -> Bool {
        guard try await self.isSettled() else { return false }
        return try await self.store.waitingCounts().isEmpty
    }

    /// Everything has been given to the system.
    func isSettled() async throws -> Bool {
        guard try await self.store.backlog() == 0,
            try await self.store.lag(of: "unikum", entities: Set(Self.entities)) == 0
        else { return false }
        return try await self.broker.depth(of: "deliver.unikum") == 0
    }
}

struct TestProblem: Error, CustomStringConvertible {
    let description: String
    init(_ description: String) { self.description = description }
}
