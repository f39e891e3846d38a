import Foundation
@testable import Hub
import Messaging
import SchoolRecords
import Testing

@Suite("Relay: from the outbox to the broker")
struct RelayTests {
    @Test func `entries that no queue takes stop nobody, stay, and go when there is a queue`() async throws {
        try await TestHub.with { hub in
            let source = ScriptedSource()
            Documents.fill(source)
            _ = try await hub.intake(source).run(.full)
            // More than the relay has under way at a time, and first in the outbox.
            let keys = try await hub.store.next(limit: 100).map(\.change.key)
            let before = try await hub.store.backlog()
            try await hub.store.redeliver(keys, to: "gone", reason: "replay")
            source.put(.person, Documents.person(10, name: "Ny", unit: 2, guardians: [20], modified: "2026-08-02T00:00:00Z"))
            _ = try await hub.intake(source).run(.changes)
            try await hub.declare()
            let now = Date(timeIntervalSince1970: 1_800_000_000)
            let relay = OutboxRelay(
                store: hub.store, broker: hub.broker, clock: HubClock(now: { now }, sleep: { _ in }), window: 3,
                logger: hub.logger)
            var round = RelayRound()
            try await relay.relayAll(&round)
            #expect(try await hub.store.backlog() == keys.count)
            #expect(try await hub.store.counts().published == before)
            #expect(try await hub.broker.depth(of: "deliver.unikum") == before)

            try await hub.broker.declare(Topology(queues: [.init(name: "deliver.gone", deliveryLimit: 5)]))
            try await relay.relayAll(&round)
            #expect(try await hub.store.backlog() == keys.count, "not at once")
            let later = OutboxRelay(
                store: hub.store, broker: hub.broker,
                clock: HubClock(now: { now.addingTimeInterval(120) }, sleep: { _ in }), window: 3, logger: hub.logger)
            try await later.relayAll(&round)
            #expect(try await hub.store.backlog() == 0)
            #expect(try await hub.broker.depth(of: "deliver.gone") == keys.count)
        }
    }

    @Test func `a kind of record that nobody takes is published, one that a queue of the hub's should have isn't`() async throws {
        try await TestHub.with { hub in
            let source = ScriptedSource()
            Documents.fill(source)
            _ = try await hub.intake(source).run(.full)
            let before = try await hub.store.backlog()
            let topology = HubTopology.topology(targets: ["unikum": ["person"]])
            try await hub.broker.declare(
                Topology(exchanges: topology.exchanges, queues: topology.queues, bindings: []))
            let persons = try #require(try await hub.store.liveCounts()[.person])
            let relay = OutboxRelay(store: hub.store, broker: hub.broker, topology: topology, logger: hub.logger)
            var round = RelayRound()
            try await relay.relayAll(&round)
            #expect(try await hub.store.backlog() == persons)
            #expect(try await hub.store.counts().published == before - persons)
            // Without a topology nobody says what is wanted: everything is.
            let strict = OutboxRelay(store: hub.store, broker: hub.broker, logger: hub.logger)
            try await strict.relayAll(&round)
            #expect(try await hub.store.backlog() == persons)
        }
    }

    @Test func `what was lost on the way is found and sent again, and nothing else`() async throws {
        try await TestHub.with { hub in
            let source = ScriptedSource()
            Documents.fill(source)
            _ = try await hub.intake(source).run(.full)
            let target = RecordingTarget()
            try await hub.run(target) { try await hub.isAtRest() }
            func resendable(everything: Bool) async throws -> Set<RecordKey> {
                var keys: Set<RecordKey> = []
                for entity in Entity.roster {
                    keys.formUnion(
                        try await hub.store.resendable(entity, to: "unikum", everything: everything, after: nil, limit: 100))
                }
                return keys
            }
            #expect(try await resendable(everything: false).isEmpty)
            let all = try await resendable(everything: true)
            #expect(all.count == (try await hub.store.liveCounts().values.reduce(0, +)))
            // A change, a new record and a deletion whose messages were lost with their queue.
            source.put(.person, Documents.person(10, name: "Ny", unit: 2, guardians: [20], modified: "2026-08-02T00:00:00Z"))
            source.put(.person, Documents.person(99, name: "Till", unit: 2, guardians: [], modified: "2026-08-02T00:00:00Z"))
            source.remove(.person, Documents.id(21))
            _ = try await hub.intake(source).run(.full)
            let lost = try await hub.store.next(limit: 100)
            try await hub.store.published(lost.map(\.position))
            let behind = try await resendable(everything: false)
            #expect(behind == Set(lost.map(\.change.key)) && behind.count == 3)
            for key in behind { try await hub.store.redeliver([key], to: "unikum", reason: "replay") }
            try await hub.run(target) { try await hub.isAtRest() }
            #expect(try await resendable(everything: false).isEmpty)
        }
    }

    @Test func `a published record has the standard's meta, the same whenever it is sent`() async throws {
        try await TestHub.with { hub in
            let source = ScriptedSource()
            Documents.fill(source)
            _ = try await hub.intake(source).run(.full)
            let first = try await hub.store.next(limit: 100)
            for entry in first {
                let body = try JSONValue(parsing: entry.change.body)
                let meta = try #require(body["meta"])
                #expect(meta["created"]?.stringValue == entry.change.time && meta["modified"]?.stringValue == entry.change.time)
                _ = try SchoolRecord.validate(entry.change.key.entity, body)
            }
            #expect(try await hub.store.next(limit: 100) == first)
        }
    }
}
