import Foundation
import Hub
import KnutpunktApp
import Logging
import Mapping
import Messaging
import RabbitMQBroker
import SchoolRecords
import StandIns

/// What the broker alone needs for the messages of a term-start load: every record published and confirmed once, through the
/// hub's exchange into its queues, and taken from each of them. No source, no mapping, no store, no system.
struct BrokerAlone {
    let url: String
    let scale: SyntheticMunicipality.Scale
    let mappings: String

    func measure() async throws {
        let municipality = try SyntheticMunicipality(scale: self.scale, seed: 1, today: "\(HubClock.system.calendarDate)")
        let (targets, flows) = try await self.readers()
        var configuration = try RabbitMQConfiguration(url: self.url)
        configuration.newQueuePause = .zero
        let broker = RabbitMQBroker(
            configuration: configuration, logger: Logger(label: "benchmark") { _ in SwiftLogNoOpLogHandler() })
        try await broker.declare(HubTopology.topology(targets: targets, flows: flows))
        var messages: [Publication] = []
        var counts: [Entity: Int] = [:]
        for entity in Entity.roster {
            for record in municipality.records(of: entity) {
                let change = RecordChange(
                    id: UUID().uuidString.lowercased(), key: record.key, operation: .upserted, source: "edlevo", sequence: 1,
                    time: "2026-08-17T06:00:00.000Z", body: try record.document().canonicalData)
                messages.append(Publication(change.message, exchange: RecordChange.exchange, routingKey: change.routingKey))
            }
            counts[entity] = municipality.records(of: entity).count
        }
        func expected(_ entities: [String]) -> Int { entities.reduce(0) { $0 + (counts[Entity(rawValue: $1) ?? .person] ?? 0) } }
        let queues =
            targets.map { (HubTopology.deliveryQueue(of: $0), expected($1)) }
            + flows.map { (HubTopology.flowQueue(of: $0), expected($1)) }
        let published = messages
        let time = try await seconds {
            try await withThrowingTaskGroup(of: Void.self) { group in
                for (queue, count) in queues { group.addTask { try await Self.take(count, from: queue, broker) } }
                group.addTask { try await Self.publish(published, broker) }
                try await group.waitForAll()
            }
        }
        await broker.close()
        report(
            "broker",
            [
                "messages": Double(published.count), "deliveries": Double(queues.reduce(0) { $0 + $1.1 }), "seconds": time,
            ])
    }

    /// Who takes which entities: all systems of the hub, switched on, and its flows.
    private func readers() async throws -> (targets: [String: [String]], flows: [String: [String]]) {
        var flags = ["mappings.directory": self.mappings]
        for system in ["eservice", "skola24", "skola24files", "tempus", "vega"] { flags["systems.\(system).enabled"] = "true" }
        let load = try await HubConfiguration.read(file: nil, flags: flags, environment: [:]).loadMappings()
        guard let set = load.set else { throw AppError(.mappings, load.diagnostics.map(\.description).joined(separator: "\n")) }
        let targets = set.systems.values.filter { $0.target != nil }.map { system in
            (system.name, set.deliveredEntities(system: system.name).map(\.rawValue))
        }
        let flows = FlowKind.listed(in: set).map { ($0.name, $0.reads.sorted().map(\.rawValue)) }
        return (Dictionary(uniqueKeysWithValues: targets), Dictionary(uniqueKeysWithValues: flows))
    }

    private static func publish(_ messages: [Publication], _ broker: RabbitMQBroker) async throws {
        // Two calls under way: while one waits for its last confirms the other fills the window.
        try await withThrowingTaskGroup(of: Void.self) { group in
            for (number, start) in stride(from: 0, to: messages.count, by: 500).enumerated() {
                if number > 1 { try await group.next() }
                let part = Array(messages[start..<min(start + 500, messages.count)])
                group.addTask {
                    for case .failed(let error) in try await broker.publish(part) where error.code != .unroutable { throw error }
                }
            }
            try await group.waitForAll()
        }
    }

    private static func take(_ count: Int, from queue: String, _ broker: RabbitMQBroker) async throws {
        guard count > 0 else { return }
        try await broker.withSubscription(to: queue, prefetch: 1000) { subscription in
            var done = 0
            while done < count, let batch = try await subscription.nextBatch(limit: 500, linger: .milliseconds(20)) {
                done += batch.messages.count
                batch.acknowledge()
            }
        }
    }
}
