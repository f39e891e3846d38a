import Foundation
public import Messaging
public import Testing

/// One promise of the broker port, tried on any implementation of it.
public struct BrokerRequirement: Sendable, CustomTestStringConvertible {
    public let testDescription: String
    private let check: @Sendable (any Broker, BrokerNames) async throws -> Void

    init(_ description: String, _ check: @escaping @Sendable (any Broker, BrokerNames) async throws -> Void) {
        self.testDescription = description
        self.check = check
    }

    /// Tries the promise with queues and exchanges of its own.
    ///
    /// - Throws: what the broker threw where it should not; expectations that fail are recorded as issues.
    public func verify(_ broker: any Broker) async throws {
        try await self.check(broker, BrokerNames())
    }

    public static let all: [BrokerRequirement] =
        Self.publishing + Self.routing + Self.consuming + Self.settling + Self.lanes + Self.partitions + Self.topology
}

/// Names that no other test uses: deleting and declaring a quorum queue under the same name at once is unsafe.
struct BrokerNames: Sendable {
    let prefix = "test.\(UUID().uuidString.lowercased())"
    var queue: String { self.prefix + ".queue" }
    var exchange: String { self.prefix + ".exchange" }

    func queue(_ name: String) -> String { "\(self.prefix).\(name)" }

    func message(_ number: Int, headers: [String: HeaderValue] = [:]) -> Message {
        Message(
            id: "\(self.prefix)-\(number)", contentType: "application/json", headers: headers,
            body: Data("{\"n\":\(number)}".utf8))
    }

    func publication(_ number: Int, to queue: String? = nil) -> Publication {
        Publication(self.message(number), exchange: "", routingKey: queue ?? self.queue)
    }
}

extension Broker {
    func declareQueue(_ name: String, deliveryLimit: Int = 20, deadLetterQueue: String? = nil) async throws {
        try await self.declare(
            Topology(queues: [Topology.Queue(name: name, deliveryLimit: deliveryLimit, deadLetterQueue: deadLetterQueue)]))
    }

    /// Takes and acknowledges so many messages.
    func drain(_ queue: String, _ count: Int, prefetch: Int = 100) async throws -> [IncomingMessage] {
        try await self.withSubscription(to: queue, prefetch: prefetch) { subscription in
            var messages: [IncomingMessage] = []
            while messages.count < count {
                guard let batch = try await subscription.nextBatch(limit: count - messages.count, linger: .milliseconds(5))
                else { break }
                messages += batch.messages
                batch.acknowledge()
            }
            return messages
        }
    }
}

extension PublishOutcome {
    /// Why it failed, or `nil` when the broker has it.
    var failureCode: BrokerError.Code? {
        if case .failed(let error) = self { error.code } else { nil }
    }
}
