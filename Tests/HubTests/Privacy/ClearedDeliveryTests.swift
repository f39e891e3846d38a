import ConnectorKit
import Foundation
import Mapping
import Messaging
import SchoolRecords
import Synchronization
import Testing

@testable import Hub

@Suite("The running delivery takes what is cleared from a queue of its own")
struct ClearedDeliveryTests {
    private static let policy = """
        systems:
          unikum: {sekretessmarkering: {give: cleared, legal_basis: "lag och beslut i provet", class_lists: true}}
        """

    private static func mappings() throws -> MappingSet {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("../../../Mappings")
            .standardized.resolvingSymlinksInPath()
        var files = [MappingFile(path: "privacy.yaml", text: Self.policy)]
        for case let path as String in FileManager.default.enumerator(atPath: root.path) ?? .init()
        where (path.hasSuffix(".yaml") || path.hasSuffix(".csv")) && path != "privacy.yaml" && path != "quality.yaml" {
            files.append(
                MappingFile(path: path, text: try String(contentsOf: root.appendingPathComponent(path), encoding: .utf8)))
        }
        let load = MappingSet.load(files)
        guard let set = load.set else { throw TestProblem("the mappings don't load: \(load.diagnostics)") }
        return set
    }

    /// Runs relay and delivery with both queues until `condition` holds.
    private static func run(
        _ hub: TestHub, _ target: RecordingTarget, clock: HubClock = .system,
        until condition: @escaping @Sendable () async throws -> Bool
    ) async throws {
        let topology = HubTopology.topology(targets: ["unikum": Entity.roster.map(\.rawValue)], cleared: ["unikum"])
        try await hub.broker.declare(topology)
        let relay = OutboxRelay(store: hub.store, broker: hub.broker, topology: topology, logger: hub.logger)
        let delivery = DeliveryService(
            target: target, broker: hub.broker, store: hub.store, key: hub.key, mappings: hub.mappings, clock: clock,
            linger: .milliseconds(5), logger: hub.logger)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await relay.run() }
            group.addTask { try await delivery.run() }
            for await _ in hub.store.changes(every: .milliseconds(20)) where try await condition() { break }
            group.cancelAll()
        }
    }

    private static func filled(_ hub: TestHub) async throws {
        let source = ScriptedSource()
        Documents.fill(source)
        source.put(
            .person, Documents.person(11, name: "Hemlig", unit: 2, marking: "Sekretessmarkering", guardians: [20]))
        _ = try await hub.intake(source).run(.full)
    }

    private static func isDone(_ hub: TestHub, _ target: RecordingTarget) -> @Sendable () async throws -> Bool {
        {
            guard try await hub.isAtRest(), try await hub.broker.depth(of: "cleared.unikum") == 0 else { return false }
            return target.rowNames.filter { $0.hasPrefix("person ") }.count == 5
                && target.rowNames.filter { $0.hasPrefix("student_in_class ") }.count == 3
        }
    }

    @Test(.timeLimit(.minutes(2)))
    func `a cleared person comes with the others, and is in the class`() async throws {
        try await TestHub.with(mappings: try Self.mappings()) { hub in
            try await Self.filled(hub)
            let target = RecordingTarget()
            try await Self.run(hub, target, until: Self.isDone(hub, target))
            let rows = target.state.withLock { Array($0.rows.values) }
            #expect(rows.filter { $0.fields["fornamn"] == "Hemlig" }.count == 1)
            #expect(rows.filter { $0.kind == "guardian_for" }.count == 2, "not the protected child's")
        }
    }

    @Test(.timeLimit(.minutes(2)))
    func `an outage holds both queues up and loses nothing`() async throws {
        try await TestHub.with(mappings: try Self.mappings()) { hub in
            try await Self.filled(hub)
            let target = RecordingTarget(batchSize: 2)
            let down = ConnectorFailure(.systemUnavailable, code: .connectionRefused, message: "down")
            target.state.withLock { $0.failures = Array(repeating: down, count: 4) }
            // Pauses after a refusal end at once; nobody's patience with another queue does.
            let clock = HubClock(
                now: HubClock.system.now,
                sleep: { try await HubClock.system.sleep($0 < .seconds(2) ? .zero : $0) })
            try await Self.run(hub, target, clock: clock, until: Self.isDone(hub, target))
            #expect(target.state.withLock { $0.failures.isEmpty })
            #expect(try await hub.store.list(FailureFilter()).isEmpty)
        }
    }

    @Test func `a message for another system is no more than an opaque id in the failed messages`() async throws {
        try await TestHub.with(mappings: try Self.mappings()) { hub in
            try await Self.filled(hub)
            let entry = try #require(try await hub.store.next(limit: 100).first { $0.exchange == RecordChange.clearedExchange })
            var wrong = entry.change
            wrong.body.append(0)
            let topology = HubTopology.topology(targets: ["unikum": Entity.roster.map(\.rawValue)], cleared: ["unikum"])
            try await hub.broker.declare(topology)
            _ = try await hub.broker.publish(
                [Publication(wrong.message, exchange: entry.exchange, routingKey: entry.routingKey)])
            let target = RecordingTarget()
            // The right one closes the failure when it comes.
            var all = FailureFilter()
            all.states = [.failed, .superseded, .replayed]
            let filter = all
            try await Self.run(hub, target) { try await !hub.store.list(filter).isEmpty }
            let failed = try #require(try await hub.store.list(filter).first)
            #expect(failed.failure.key == entry.change.key && failed.failure.code == "undecodable-message")
            #expect(try await hub.store.message(failed.id)?.failure.body == nil)
        }
    }
}
