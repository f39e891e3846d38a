import ConnectorKit
import Dispatch
import Foundation
import Messaging
import MessagingTesting
import RabbitMQBroker
import SQLStores
import SQLiteDatabase
import SchoolRecords
import ServiceLifecycle
import Synchronization
import Testing

@testable import Hub

/// Delivery into a receiving system, on a real store and a real broker.
@Suite(.serialized) struct DeliveryFaultCases {
    @Test(.timeLimit(.minutes(5))) func `C8 committed, and gone before the acknowledgement: one effect`() async throws {
        try await FaultCase.run { this in
            try await FaultHub.with(this) { fault in
                let target = RecordingTarget()
                try await fault.withProxy { broker, proxy in
                    let delivering = Task { try await fault.delivery(target, broker).run() }
                    try await proxy.seen.wait(for: "consumer") { $0.consumersStarted == 1 }
                    proxy.swallowSettling()
                    try await fault.fill(ScriptedSource(), persons: this.random.number(10...80))
                    try await fault.withBroker { direct in
                        let store = fault.hub.store
                        try await fault.run([fault.relay(direct)]) {
                            try await store.lag(of: "unikum", entities: Set(Entity.allCases)) == 0
                        }
                        let before = target.batchIDs
                        #expect(!before.isEmpty)
                        let superseded = try await store.counts().superseded
                        let swallowed = proxy.seen.value.swallowedSettlements
                        proxy.cut(.reset)
                        try await fault.run([]) { try await store.counts().superseded > superseded }
                        try await fault.run([]) { try await direct.depth(of: FaultHub.queue) == 0 }
                        delivering.cancel()
                        try await delivering.value
                        #expect(target.batchIDs == before, "what came again was not written again")
                        if swallowed > 0 { this.ledger.faultHappened("\(swallowed) acknowledgements lost, messages came again") }
                        try await fault.readTap(direct)
                    }
                }
            }
        }
    }

    @Test(.timeLimit(.minutes(5)), arguments: [true, false])
    func `C9 inbox database down, for a moment or for long: nothing is stranded`(_ isLong: Bool) async throws {
        try await FaultCase.run(isLong ? "long" : "a moment") { this in
            try await FaultHub.with(this) { fault in
                try await fault.fill(ScriptedSource(), persons: this.random.number(20...120))
                let path = fault.hub.directory + "/store.sqlite"
                let impatient = try await SQLStore.open(
                    database: SQLiteDatabase.open(path: path, patience: isLong ? 0.1 : 30), key: fault.hub.key)
                let target = RecordingTarget()
                try await fault.withProxy { broker, proxy in
                    let store = fault.hub.store
                    try await fault.run([fault.relay(broker)]) { try await store.backlog() == 0 }
                    let before = proxy.seen.value.deliveries
                    // Somebody else's transaction holds the file.
                    let (isHeld, release) = (Observed(false), DispatchSemaphore(value: 0))
                    let holder = try SQLiteDatabase.open(path: path)
                    let holding = Task {
                        try await holder.write { _ in
                            isHeld.update { $0 = true }
                            release.wait()
                        }
                    }
                    try await isHeld.wait(for: "lock of the database") { $0 }
                    let delivering = Task {
                        try await fault.delivery(target, broker, store: impatient, clock: FaultClock.hasty).run()
                    }
                    if isLong {
                        try await fault.log.hears("Service stopped on an error", times: 2)
                        this.ledger.faultHappened("the store refused twice")
                    } else {
                        try await proxy.seen.wait(for: "messages handed out") { $0.deliveries > before }
                        this.ledger.faultHappened("messages were handed out while the store was held")
                    }
                    #expect(target.batchIDs.isEmpty)
                    release.signal()
                    try await holding.value
                    // Persons that came again before their school wait for it and go round once more.
                    try await fault.run([fault.relay(broker)]) { try await fault.isAtRest(broker) }
                    delivering.cancel()
                    try await delivering.value
                    #expect(Set(target.batchIDs).count == target.batchIDs.count)
                    try await fault.readTap(broker)
                }
            }
        }
    }

    @Test(.timeLimit(.minutes(5))) func `C10 unreadable, without id, of unknown type: parked raw with its reason`() async throws {
        try await FaultCase.run { this in
            try await FaultHub.with(this) { fault in
                try await fault.withBroker { broker in
                    var good = RecordChange(
                        id: "x", key: RecordKey(.person, Documents.id(7)), operation: .upserted, source: "edlevo", sequence: 1,
                        time: "2026-08-17T06:00:00.000Z", body: Data("?".utf8)
                    ).message
                    var messages = [
                        Message(id: "raw", contentType: "text/plain", body: Data([0, 255, 1])),
                        Message(id: "", contentType: "", body: Data("no id".utf8)),
                    ]
                    good.headers["cloudEvents_type"] = .string("se.knutpunkt.record.pet.upserted.v1")
                    messages.append(good)
                    good.headers["cloudEvents_type"] = .string("se.knutpunkt.record.person.upserted.v2")
                    messages.append(good)
                    _ = try await broker.publish(
                        this.random.shuffled(messages).map { Publication($0, exchange: "", routingKey: FaultHub.queue) })
                    try await fault.fill(ScriptedSource(), persons: 20)
                    let target = RecordingTarget()
                    try await fault.run([fault.relay(broker), fault.delivery(target, broker)]) {
                        try await fault.isAtRest(broker)
                    }
                    let failures = try await fault.hub.store.list(FailureFilter())
                    #expect(failures.map(\.failure.kind) == Array(repeating: "undecodable", count: 4))
                    var bodies: [Data] = []
                    for failure in failures {
                        if let body = try await fault.hub.store.message(failure.id)?.failure.body { bodies.append(body) }
                    }
                    #expect(bodies.map(\.hashValue).sorted() == messages.map(\.body.hashValue).sorted())
                    #expect(failures.allSatisfy { $0.failure.message.contains("cloudEvents_") }, "the reason names the header")
                    if failures.count == 4 { this.ledger.faultHappened("four could not be read") }
                    try await fault.readTap(broker)
                }
            }
        }
    }

    @Test(.timeLimit(.minutes(5))) func `C14 many rounds of retry of one message: none is dropped`() async throws {
        // A retry carries the same state under the same id, for this system alone: the tap has the first round.
        try await FaultCase.run { this in
            try await FaultHub.with(this) { fault in
                try await fault.fill(ScriptedSource(), persons: 5)
                let key = RecordKey(.person, Documents.id(102))
                let target = RecordingTarget()
                let rounds = this.random.number(5...12)
                target.state.withLock {
                    $0.refused[key] = ConnectorFailure(.transient, code: .rowServerError, message: "busy", retryAfter: 0)
                }
                let tries: @Sendable () -> Int = {
                    target.state.withLock { $0.batches.count { $0.writes.contains { $0.record == key } } }
                }
                try await fault.withBroker { broker in
                    let services: [any Service] = [
                        fault.relay(broker), fault.delivery(target, broker),
                        RetryService(store: fault.hub.store, clock: FaultClock.hasty, logger: fault.log.logger),
                    ]
                    try await fault.run(services) { tries() > rounds }
                    target.state.withLock { $0.refused = [:] }
                    try await fault.run(services) { try await fault.isAtRest(broker) }
                    #expect(try await fault.hub.store.list(FailureFilter()).isEmpty)
                    let states = try await fault.hub.store.states(of: [key], in: "unikum")
                    #expect(states[key]?.rows.isEmpty == false)
                    if tries() > rounds { this.ledger.faultHappened("refused \(tries() - 1) times") }
                    try await fault.readTap(broker)
                }
            }
        }
    }

    @Test(.timeLimit(.minutes(5))) func `C15 a long delay ahead of a short one: the short one isn't blocked`() async throws {
        try await FaultCase.run { this in
            try await FaultHub.with(this) { fault in
                try await fault.fill(ScriptedSource(), persons: 5)
                let (long, short) = (RecordKey(.person, Documents.id(101)), RecordKey(.person, Documents.id(102)))
                let target = RecordingTarget()
                target.state.withLock {
                    $0.refused[long] = ConnectorFailure(.transient, code: .rowServerError, message: "busy", retryAfter: 3600)
                    $0.refused[short] = ConnectorFailure(.transient, code: .rowServerError, message: "busy", retryAfter: 0)
                }
                try await fault.withBroker { broker in
                    let services: [any Service] = [fault.relay(broker), fault.delivery(target, broker)]
                    let store = fault.hub.store
                    try await fault.run(services) { try await store.waitingCounts()["unikum"] == 2 }
                    this.ledger.faultHappened("two retries were planned, one an hour ahead")
                    target.state.withLock { $0.refused[short] = nil }
                    let retrying = RetryService(store: store, clock: FaultClock.hasty, logger: fault.log.logger)
                    try await fault.run(services + [retrying]) { try await store.states(of: [short], in: "unikum")[short] != nil }
                    #expect(try await store.states(of: [long], in: "unikum")[long] == nil)
                    #expect(try await store.waitingCounts() == ["unikum": 1])
                    // An hour later.
                    target.state.withLock { $0.refused = [:] }
                    let later = RetryService(store: store, clock: FaultClock.anHourLater, logger: fault.log.logger)
                    try await fault.run(services + [later]) { try await fault.isAtRest(broker) }
                    #expect(try await store.states(of: [long], in: "unikum")[long] != nil)
                    try await fault.readTap(broker)
                }
            }
        }
    }
}
