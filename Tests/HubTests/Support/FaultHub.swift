import ConnectorKit
import Foundation
import Hub
import Logging
import Messaging
import MessagingTesting
import RabbitMQBroker
import SQLStores
import SQLiteDatabase
import SchoolRecords
import ServiceLifecycle
import Synchronization
import Testing

/// A hub on a real store and a real broker, in a vhost of its own, for one fault case.
struct FaultHub {
    /// One node for all cases; it ends with the test process.
    private static let node = Task {
        try await PrivateNode.start(directory: NodeFolder.make(), logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
    }

    /// Queue that gets a copy of every record change.
    static let tap = "tap"
    static let queue = HubTopology.deliveryQueue(of: "unikum")

    let hub: TestHub
    let this: FaultCase
    let log = LogListener()
    private let configuration: RabbitMQConfiguration

    static func with(_ this: FaultCase, _ body: (FaultHub) async throws -> Void) async throws {
        let node = try await Self.node.value
        var configuration = try RabbitMQConfiguration(url: node.url)
        configuration.virtualHost = this.name
        configuration.newQueuePause = .zero
        configuration.heartbeat = .seconds(1)
        try await Self.control(node, ["add_vhost", this.name])
        try await Self.control(node, ["set_permissions", "-p", this.name, configuration.user, ".*", ".*", ".*"])
        let setUp = configuration
        let result: Result<Void, any Error>
        do {
            try await TestHub.with(limits: Self.limits) { hub in
                let fault = FaultHub(hub: hub, this: this, configuration: setUp)
                try await fault.withBroker { broker in
                    var topology = HubTopology.topology(targets: ["unikum": Entity.allCases.map(\.rawValue)])
                    topology.queues.append(.init(name: Self.tap, deliveryLimit: 100))
                    topology.bindings.append(.init(exchange: RecordChange.exchange, queue: Self.tap, routingKey: "record.#"))
                    try await broker.declare(topology)
                }
                try await body(fault)
            }
            result = .success(())
        } catch { result = .failure(error) }
        try await Self.control(node, ["delete_vhost", this.name])
        try result.get()
    }

    private static func control(_ node: PrivateNode, _ arguments: [String]) async throws {
        let (program, environment) = node.control
        let status = try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<CInt, any Error>) in
            let process = Process()
            process.executableURL = URL(fileURLWithPath: program)
            process.arguments = ["-q"] + arguments
            process.environment = environment
            process.terminationHandler = { continuation.resume(returning: $0.terminationStatus) }
            do { try process.run() } catch {
                process.terminationHandler = nil
                continuation.resume(throwing: error)
            }
        }
        try #require(status == 0, "rabbitmqctl \(arguments)")
    }

    func withBroker<Result: Sendable>(port: Int? = nil, _ body: (RabbitMQBroker) async throws -> Result) async throws -> Result {
        var configuration = self.configuration
        if let port { configuration.port = port }
        let broker = RabbitMQBroker(configuration: configuration, logger: self.log.logger)
        let result: Swift.Result<Result, any Error>
        do { result = .success(try await body(broker)) } catch { result = .failure(error) }
        await broker.close()
        return try result.get()
    }

    func withProxy<Result: Sendable>(_ body: (RabbitMQBroker, TCPProxy) async throws -> Result) async throws -> Result {
        let proxy = try TCPProxy(to: self.configuration.port)
        defer { proxy.close() }
        return try await self.withBroker(port: proxy.port) { try await body($0, proxy) }
    }

    /// Takes persons in, and enters what then stands in the outbox in the books.
    @discardableResult
    func fill(_ source: ScriptedSource, persons: Int, name: String = "Prov") async throws -> Int {
        source.put(.organisation, Documents.school(1))
        source.put(.organisation, Documents.unit(2, of: 1))
        let modified = RFC3339.text(Date())
        for number in 100..<100 + persons {
            source.put(.person, Documents.person(number, name: name, unit: 2, modified: modified))
        }
        source.state.withLock { $0.pageSize = 100 }
        var limits = ChangeLimits()
        limits.updateFloor = 100_000
        _ = try await self.hub.intake(source, limits: limits).run(.full)
        let entries = try await self.hub.store.next(limit: 100_000)
        for entry in entries { self.this.ledger.enter(entry.change.message) }
        return entries.count
    }

    /// Faults come amid changes of everything there is: nobody is to be asked.
    private static let limits: JSONValue = [
        "updates": ["percent": 100, "at_least": 1_000_000], "deletes": ["percent": 100, "at_least": 1_000_000],
    ]

    func relay(_ broker: RabbitMQBroker, store: (any HubStore)? = nil, window: Int = 500) -> OutboxRelay {
        OutboxRelay(store: store ?? self.hub.store, broker: broker, window: window, logger: self.log.logger)
    }

    func delivery(
        _ target: any TargetConnector, _ broker: RabbitMQBroker, store: (any HubStore)? = nil, clock: HubClock = .system
    ) -> DeliveryService {
        DeliveryService(
            target: target, broker: broker, store: store ?? self.hub.store, key: self.hub.key, mappings: self.hub.mappings,
            clock: clock, linger: .milliseconds(5), logger: self.log.logger)
    }

    /// Runs services until `condition` holds; the store's own changes wake it.
    func run(_ services: [any Service], until condition: @escaping @Sendable () async throws -> Bool) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for service in services { group.addTask { try await service.run() } }
            for await _ in self.hub.store.changes(every: .milliseconds(20)) where try await condition() { break }
            try Task.checkCancellation()
            group.cancelAll()
        }
    }

    /// Everything has been given to the system, and its queue is empty.
    func isAtRest(_ broker: RabbitMQBroker) async throws -> Bool {
        guard try await self.hub.store.backlog() == 0,
            try await self.hub.store.lag(of: "unikum", entities: Set(Entity.allCases)) == 0,
            try await self.hub.store.waitingCounts().isEmpty
        else { return false }
        return try await broker.depth(of: Self.queue) == 0
    }

    /// Applies what the tap queue holds, up to a mark behind it.
    func readTap(_ broker: RabbitMQBroker) async throws {
        let mark = Message(id: "end", contentType: "text/plain", body: Data())
        _ = try await broker.publish([Publication(mark, exchange: "", routingKey: Self.tap)])
        try await broker.withSubscription(to: Self.tap, prefetch: 200) { subscription in
            while let delivery = try await subscription.next() {
                let incoming = delivery.incoming
                delivery.acknowledge()
                if incoming.message.id == mark.id { return }
                self.this.ledger.apply(incoming)
            }
        }
    }
}
