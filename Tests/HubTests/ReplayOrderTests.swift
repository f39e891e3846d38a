import ConnectorKit
import Foundation
import Messaging
import SchoolRecords
import Synchronization
import Testing

@testable import Hub

/// Three states of one record reach the system in every order, each taken, refused, or refused and replayed.
@Suite("No replay overwrites what is newer")
struct ReplayOrderTests {
    enum Fate: CaseIterable {
        /// The system takes it.
        case taken
        /// The system refuses it when it arrives.
        case refused
        /// The system refused it, and the replay of that state arrives in its place.
        case replayed
    }

    private static let orders = [[1, 2, 3], [1, 3, 2], [2, 1, 3], [2, 3, 1], [3, 1, 2], [3, 2, 1]]

    @Test func `all orders of three states, each taken, refused or replayed: the newest stands, and older ones are superseded`()
        async throws
    {
        try await TestHub.with { hub in
            let target = RecordingTarget()
            var number = 100
            for order in Self.orders {
                for first in Fate.allCases {
                    for second in Fate.allCases {
                        for third in Fate.allCases {
                            number += 1
                            let story = Story(hub: hub, target: target, number: number)
                            try await story.run(order: order, fates: [first, second, third])
                        }
                    }
                }
            }
            #expect(number == 262)
            let counts: [FailedMessage.State: Int] = try await hub.store.counts()
            #expect(Set(counts.keys) == [.replayed, .superseded], "\(counts)")
        }
    }
}

/// One record's three states on their way.
private struct Story {
    let hub: TestHub
    let target: RecordingTarget
    let number: Int

    private var key: RecordKey { RecordKey(.person, Documents.id(self.number)) }

    func run(order: [Int], fates: [ReplayOrderTests.Fate]) async throws {
        let name: Comment = "\(order) \(fates)"
        var messages: [Int: RecordChange] = [:]
        for version in 1...3 {
            try await self.take(version)
            let message = try #require(try await self.sent().first { $0.redelivery == nil })
            messages[version] = message
            guard fates[version - 1] == .replayed else { continue }
            try await self.deliver(message, refused: true)
            let batch = try await self.replay()
            let replayed = try #require(try await self.sent().first { $0.redelivery == "replay" }, name)
            #expect(replayed.sequence == Int64(version), name)
            #expect(batch.tally[.sent] == 1, name)
            messages[version] = replayed
        }
        var newest: Int?
        for version in order {
            let isRefused = fates[version - 1] == .refused
            try await self.deliver(try #require(messages[version]), refused: isRefused)
            if !isRefused { newest = max(newest ?? 0, version) }
            #expect(self.held == newest.map { "V\($0)" }, name)
        }
        // What is open is replayed: the register's state, which is the newest. Where that one has been taken, the rest is
        // superseded already.
        var open = FailureFilter()
        open.record = self.key.id
        if try await self.hub.store.list(open).isEmpty {
            #expect(newest == 3, name)
        } else {
            #expect(newest != 3, name)
            let batch = try await self.replay()
            for message in try await self.sent() { try await self.deliver(message, refused: false) }
            let ended = try await self.hub.store.advance(batch.id, now: .now).batch
            #expect(ended.state == .done && ended.tally[.replayed] == 1, name)
        }
        #expect(self.held == "V3", name)
        open.states = [.failed, .replaying]
        try await #expect(self.hub.store.list(open).isEmpty, name)
    }

    private func take(_ version: Int) async throws {
        let body = try SchoolRecord.validate(.person, Documents.person(self.number, name: "V\(version)"))
        _ = try await self.hub.store.take(
            [RecordState(key: self.key, owner: self.key.id, body: body.canonicalData)], withheld: [], failures: [],
            source: "edlevo", time: HubClock.system.timestamp)
    }

    /// What stands in the outbox, which the broker takes.
    private func sent() async throws -> [RecordChange] {
        let entries = try await self.hub.store.next(limit: 100)
        try await self.hub.store.published(entries.map(\.position))
        return entries.map(\.change)
    }

    private func replay() async throws -> ReplayBatch {
        var filter = FailureFilter()
        filter.record = self.key.id
        let time = HubClock.system.timestamp
        // As the service does all the time: a replay that is over lets go of its messages.
        for id in try await self.hub.store.openBatches() { try await self.hub.store.advance(id, now: .now) }
        let batch = try await self.hub.store.select(filter, plan: ReplayPlan(), by: "operator", time: time)
        try await self.hub.store.change(batch.id, .start, by: "operator", time: time)
        return try await self.hub.store.advance(batch.id, now: .now).batch
    }

    /// What the delivery service does with one message.
    private func deliver(_ change: RecordChange, refused: Bool) async throws {
        let planner = DeliveryPlanner(
            system: "unikum", mappings: self.hub.mappings.set, today: HubClock.system.calendarDate, store: self.hub.store)
        let plan = try await planner.plan([change])
        self.target.state.withLock { state in
            state.refused =
                refused ? [self.key: ConnectorFailure(.rejected, code: .rowRefused, message: "the system refuses it")] : [:]
        }
        var refusals: [RecordKey: ConnectorFailure] = [:]
        if !plan.writes.isEmpty { refusals = try await self.target.write(TargetBatch(id: change.id, writes: plan.writes)) }
        let settlements = plan.settlements.map { settlement in
            guard let failure = refusals[settlement.key], case .applied = settlement.outcome else { return settlement }
            return Settlement(
                key: settlement.key, sequence: settlement.sequence,
                outcome: .failed(
                    NewFailure(
                        stage: .delivery, system: "unikum", key: settlement.key, sequence: settlement.sequence, kind: "rejected",
                        code: failure.code, field: nil, place: nil, message: failure.message, body: nil)))
        }
        try await self.hub.store.settle(settlements, in: "unikum", time: HubClock.system.timestamp)
    }

    /// The state that the system holds.
    private var held: String? {
        self.target.state.withLock { state in
            state.rows.values.first { $0.fields["efternamn"] == "Testsson\(self.number)" }?.fields["fornamn"]
        }
    }
}
