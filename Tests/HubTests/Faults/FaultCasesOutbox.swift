import ConnectorKit
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

/// The outbox and its relay, on a real store and a real broker.
@Suite(.serialized) struct OutboxFaultCases {
    @Test(.timeLimit(.minutes(5))) func `P17 relay gone between confirm and mark: repeats only`() async throws {
        try await FaultCase.run { this in
            try await FaultHub.with(this) { fault in
                let count = try await fault.fill(ScriptedSource(), persons: this.random.number(100...400))
                try await fault.withProxy { broker, proxy in
                    // The first message is confirmed on its own; then the broker's word doesn't reach the relay any more.
                    let relaying = Task { try await fault.relay(broker).run() }
                    try await proxy.seen.wait(for: "first confirm") { $0.confirms.count >= 1 }
                    proxy.swallowConfirms()
                    try await proxy.seen.wait(for: "swallowed confirms") { seen in
                        seen.swallowedConfirms > 0
                    }
                    relaying.cancel()
                    try await relaying.value
                    let left = try await fault.hub.store.backlog()
                    if left == count { this.ledger.faultHappened("confirmed by the broker, nothing marked") }
                }
                try await fault.withBroker { broker in
                    let store = fault.hub.store
                    try await fault.run([fault.relay(broker)]) { try await store.backlog() == 0 }
                    try await fault.readTap(broker)
                }
                if this.ledger.now.repeats > 0 { this.ledger.faultHappened("stored twice, under the same ids") }
                #expect(this.ledger.now.evidence.count == 2)
            }
        }
    }

    @Test(.timeLimit(.minutes(5))) func `P18 two relays on one outbox: no loss, no state goes back`() async throws {
        // Two relays send in no common order: the sequence keeps the order at the receiver, which is looked at here.
        try await FaultCase.run(ordered: false) { this in
            try await FaultHub.with(this) { fault in
                let source = ScriptedSource()
                let persons = this.random.number(100...250)
                try await fault.fill(source, persons: persons)
                let target = RecordingTarget()
                // Another process has the same file open.
                let second = try await SQLStore.open(
                    database: SQLiteDatabase.open(path: fault.hub.directory + "/store.sqlite"), key: fault.hub.key)
                try await fault.withBroker { one in
                    try await fault.withBroker { other in
                        let services: [any Service] = [
                            fault.relay(one, window: this.random.number(10...100)),
                            fault.relay(other, store: second, window: this.random.number(10...100)), fault.delivery(target, one),
                        ]
                        try await fault.run(services) { try await fault.isAtRest(one) }
                        try await fault.fill(source, persons: persons, name: "Ny")
                        try await fault.run(services) { try await fault.isAtRest(one) }
                        try await fault.readTap(one)
                    }
                }
                var sequences: [RecordKey: [Int64]] = [:]
                for write in target.state.withLock({ $0.batches.flatMap(\.writes) }) {
                    sequences[write.record, default: []].append(write.sequence)
                }
                for (record, sequences) in sequences { #expect(sequences == sequences.sorted(), "\(record)") }
                let repeats = this.ledger.now.repeats
                if repeats > 0 { this.ledger.faultHappened("\(repeats) sent by both relays") }
            }
        }
    }

    @Test(.timeLimit(.minutes(5))) func `P19 shutdown with a half-full window: sent or left, never half-marked`() async throws {
        try await FaultCase.run { this in
            try await FaultHub.with(this) { fault in
                let count = try await fault.fill(ScriptedSource(), persons: 500)
                try await fault.withProxy { broker, proxy in
                    proxy.stall(afterBytes: this.random.number(20_000...120_000))
                    let relaying = Task { try await fault.relay(broker, window: 200).run() }
                    try await proxy.seen.wait(for: "stalled connection") { $0.stalledByBytes == 1 }
                    relaying.cancel()
                    try await relaying.value
                    await broker.close()
                }
                let left = try await fault.hub.store.backlog()
                try await fault.withBroker { broker in
                    let stored = try await broker.depth(of: FaultHub.tap) ?? 0
                    #expect(count - left <= stored, "what is marked is with the broker")
                    if left > 0 { this.ledger.faultHappened("stopped with \(left) of \(count) left, \(stored) stored") }
                    let store = fault.hub.store
                    try await fault.run([fault.relay(broker)]) { try await store.backlog() == 0 }
                    try await fault.readTap(broker)
                }
            }
        }
    }
}
