import Foundation
import Messaging

/// Queue and message names that no other test uses.
struct Names {
    let queue = "test.\(UUID().uuidString.lowercased())"

    var topology: Topology { Topology(queues: [.init(name: self.queue, deliveryLimit: 100)]) }

    func publication(_ number: Int, bytes: Int = 200) -> Publication {
        Publication(
            Message(
                id: "\(self.queue)-\(number)", contentType: "text/plain", headers: ["n": .integer(Int64(number))],
                body: Data(count: bytes)),
            exchange: "", routingKey: self.queue)
    }
}

extension PublishOutcome {
    var failureCode: BrokerError.Code? {
        if case .failed(let error) = self { error.code } else { nil }
    }
}

extension Broker {
    /// Takes messages until all these are there; a repeat under the same id counts once.
    func collect(_ queue: String, _ count: Int, onCount: (Int) async throws -> Void = { _ in }) async throws -> [IncomingMessage]
    {
        try await self.withSubscription(to: queue, prefetch: 200) { subscription in
            var ids: Set<String> = []
            var messages: [IncomingMessage] = []
            while ids.count < count {
                guard let batch = try await subscription.nextBatch(limit: 50, linger: .zero) else { break }
                messages += batch.messages.filter { ids.insert($0.message.id).inserted }
                batch.acknowledge()
                try await onCount(ids.count)
            }
            return messages
        }
    }
}
