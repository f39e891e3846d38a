import ConnectorKit
import Foundation
import Hub
import Logging
import Mapping
import Messaging
import SchoolRecords
import ServiceLifecycle

/// How fast failed messages are replayed, beside the same messages on their first way: same store, same mapping, a broker in
/// memory and a system that takes everything at once.
struct ReplayRate {
    let store: any HubStore
    let number: Int

    private static let system = "unikum"
    private let logger = Logger(label: "benchmark") { _ in SwiftLogNoOpLogHandler() }

    init(store: any HubStore, number: Int) {
        self.store = store
        self.number = number
    }

    /// - Returns: messages a second of the replay against those of normal delivery.
    func measure(_ set: MappingSet) async throws -> Double {
        var ratios: [Double] = []
        for round in 1...3 {
            try await self.take(round * 2 - 1)
            let normal = try await self.run(set) { try await self.isSettled() }
            try await self.fail(round * 2)
            let batch = try await self.store.select(
                FailureFilter(), plan: ReplayPlan(), by: "benchmark", time: HubClock.system.timestamp)
            let replay = try await self.run(
                set,
                started: {
                    try await self.store.change(batch.id, .start, by: "benchmark", time: HubClock.system.timestamp)
                }
            ) {
                try await self.store.batch(batch.id)?.state == .done
            }
            let (first, again) = (Double(self.number) / normal, Double(self.number) / replay)
            ratios.append(again / first)
            print(
                "round \(round): delivery \(Int(first)) messages/s, replay \(Int(again)) messages/s, ratio "
                    + String(format: "%.2f", again / first))
        }
        ratios.sort()
        return ratios[1]
    }

    /// How much slower normal delivery is while so many people have the console's overview open, over rounds with and without them by
    /// turns.
    ///
    /// - Returns: the share that it loses; below zero when it doesn't.
    func slowdown(viewers: Int, in set: MappingSet) async throws -> Double {
        try await ConsoleHouse.with(self.store, mappings: set, targets: [Self.system]) { house in
            var losses: [Double] = []
            for round in 1...5 {
                try await self.take(1000 + round * 2)
                let alone = try await self.run(set) { try await self.isSettled() }
                try await self.take(1001 + round * 2)
                let (watched, events) = try await house.watched(by: viewers) {
                    try await self.run(set) { try await self.isSettled() }
                }
                losses.append(1 - alone / watched)
                print(
                    "round \(round): delivery \(Int(Double(self.number) / alone)) messages/s, with \(viewers) viewers "
                        + "\(Int(Double(self.number) / watched)) messages/s, \(events) events sent")
            }
            losses.sort()
            return losses[2]
        }
    }

    private func key(_ index: Int) -> RecordKey { RecordKey(.person, "person-\(index)") }

    private func take(_ version: Int) async throws {
        for first in stride(from: 0, to: self.number, by: 1000) {
            let states = (first..<min(first + 1000, self.number)).map { index in
                let day = 1 + index % 28
                let suffix = "TF" + (index / 336 % 100 < 10 ? "0" : "") + "\(index / 336 % 100)"
                let month = 1 + index / 28 % 12
                let date = "2013" + (month < 10 ? "0" : "") + "\(month)" + (day < 10 ? "0" : "") + "\(day)"
                return RecordState(
                    key: self.key(index), owner: "person-\(index)",
                    body: JSONValue.object([
                        "id": .string("person-\(index)"), "givenName": .string("Prov \(version)"), "familyName": "Provsson",
                        "civicNo": ["value": .string(date + suffix), "nationality": "SE"],
                    ]).canonicalData)
            }
            _ = try await self.store.take(
                states, withheld: [], failures: [], source: "edlevo", counting: .seen, time: HubClock.system.timestamp)
        }
    }

    /// New states that have all been sent, and refused.
    private func fail(_ version: Int) async throws {
        try await self.take(version)
        while case let entries = try await self.store.next(limit: 1000), !entries.isEmpty {
            try await self.store.published(entries.map(\.position))
            try await self.store.settle(
                entries.map { entry in
                    Settlement(
                        key: entry.change.key, sequence: entry.change.sequence,
                        outcome: .failed(
                            NewFailure(
                                stage: .delivery, system: Self.system, key: entry.change.key, sequence: entry.change.sequence,
                                kind: "rejected", code: "refused", field: nil, place: nil, message: "refused", body: nil)))
                }, in: Self.system, time: HubClock.system.timestamp)
        }
    }

    private func isSettled() async throws -> Bool {
        guard try await self.store.backlog() == 0 else { return false }
        return try await self.store.lag(of: Self.system, entities: [.person]) == 0
    }

    /// Runs the hub's services until `condition` holds.
    ///
    /// - Returns: how many seconds that took.
    private func run(
        _ set: MappingSet, started: @Sendable () async throws -> Void = {},
        until condition: @escaping @Sendable () async throws -> Bool
    ) async throws -> Double {
        let broker = InMemoryBroker()
        try await broker.declare(HubTopology.topology(targets: [Self.system: [Entity.person.rawValue]]))
        let services: [any Service] = [
            OutboxRelay(store: self.store, broker: broker, logger: self.logger),
            ReplayService(store: self.store, logger: self.logger),
            DeliveryService(
                target: TakesEverything(system: Self.system), broker: broker, store: self.store,
                key: HubKey(material: Data(repeating: 7, count: 32)), mappings: MappingBook(set), logger: self.logger),
        ]
        let began = ContinuousClock.now
        try await started()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for service in services { group.addTask { try await service.run() } }
            for await _ in self.store.changes(every: .milliseconds(50)) where try await condition() { break }
            group.cancelAll()
        }
        return (ContinuousClock.now - began) / .seconds(1)
    }
}

/// A system that takes everything at once.
private struct TakesEverything: TargetConnector {
    let system: String
    let batchSize = 500
    let removableKinds: Set<String> = []

    func write(_ batch: TargetBatch) async throws -> [RecordKey: ConnectorFailure] { [:] }
    func probe() async throws {}
}
