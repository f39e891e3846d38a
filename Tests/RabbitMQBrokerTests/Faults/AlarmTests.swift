import Foundation
import Messaging
import Testing

@testable import RabbitMQBroker

extension BrokerTests {
    /// The broker is short of memory and takes nothing.
    @Suite(.serialized) struct Alarm {
        private func withAlarm(on node: PrivateNode, _ body: () async throws -> Void) async throws {
            try await TestNode.control(node, "set_vm_memory_high_watermark", "0.000001")
            let result: Result<Void, any Error>
            do { result = .success(try await body()) } catch { result = .failure(error) }
            try await TestNode.control(node, "set_vm_memory_high_watermark", "0.4")
            try result.get()
        }

        @Test(.timeLimit(.minutes(1))) func `publishing waits for the end of a memory alarm and then succeeds`() async throws {
            let node = try await TestNode.disturbed.value
            let names = Names()
            let log = LogListener()
            try await TestNode.withBroker(on: node, logger: log.logger) {
                $0.heartbeat = .seconds(1)
                $0.confirmTimeout = .seconds(2)
            } _: { broker in
                try await broker.declare(names.topology)
                _ = try await broker.publish([names.publication(0)])
                var publishing: Task<[PublishOutcome], any Error>?
                try await self.withAlarm(on: node) {
                    publishing = Task { try await broker.publish((1..<300).map { names.publication($0, bytes: 5000) }) }
                    await log.hears("the broker takes no messages for now")
                    // Other connections are as before: the alarm holds publishers only.
                    try await broker.probe()
                }
                let outcomes = try await publishing?.value ?? []
                #expect(outcomes.count == 299 && outcomes.allSatisfy { $0.failureCode == nil })
                #expect(!log.lines.contains { $0.contains("no connection with the broker") }, "a healthy connection was kept")
                let messages = try await broker.collect(names.queue, 300)
                #expect(messages.map(\.message.id) == (0..<300).map { names.publication($0).message.id })
            }
        }

        @Test(.timeLimit(.minutes(1))) func `an alarm longer than the deadline fails the call and says why`() async throws {
            let node = try await TestNode.disturbed.value
            let names = Names()
            try await TestNode.withBroker(on: node) {
                $0.publishDeadline = .seconds(1)
            } _: { broker in
                try await broker.declare(names.topology)
                try await self.withAlarm(on: node) {
                    let error = await #expect(throws: BrokerError.self) { try await broker.publish([names.publication(1)]) }
                    #expect(error?.code == .timedOut)
                    #expect(error?.message.contains("memory") == true)
                }
                let outcomes = try await broker.publish([names.publication(2)])
                #expect(outcomes.map(\.failureCode) == [nil])
            }
        }
    }
}
