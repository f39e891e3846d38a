import Foundation
import Messaging
import Testing

extension BrokerRequirement {
    static let publishing: [BrokerRequirement] = [
        .init("a confirmed message is in the queue") { broker, names in
            try await broker.declareQueue(names.queue)
            let outcomes = try await broker.publish([names.publication(1)])
            #expect(outcomes.map(\.failureCode) == [nil])
            try await #expect(broker.drain(names.queue, 1).first?.message == names.message(1))
        },
        .init("publishing nothing gives no outcomes") { broker, _ in
            try await #expect(broker.publish([]).isEmpty)
        },
        .init("messages keep their order within a queue") { broker, names in
            try await broker.declareQueue(names.queue)
            for start in [0, 100] {
                _ = try await broker.publish((start..<start + 100).map { names.publication($0) })
            }
            let ids = try await broker.drain(names.queue, 200).map(\.message.id)
            #expect(ids == (0..<200).map { names.message($0).id })
        },
        .init("an unroutable message fails and the others don't") { broker, names in
            try await broker.declareQueue(names.queue)
            let publications = (0..<50).map { number in
                names.publication(number, to: number % 20 == 7 ? names.queue("nowhere") : names.queue)
            }
            let codes = try await broker.publish(publications).map(\.failureCode)
            #expect(codes == (0..<50).map { $0 % 20 == 7 ? .unroutable : nil })
            let ids = try await broker.drain(names.queue, 47).map(\.message.id)
            #expect(ids == (0..<50).filter { $0 % 20 != 7 }.map { names.message($0).id })
        },
        .init("a message to an exchange that is not there fails and the others don't") { broker, names in
            try await broker.declareQueue(names.queue)
            var publications = (0..<9).map { names.publication($0) }
            publications[4].exchange = names.exchange
            let codes = try await broker.publish(publications).map(\.failureCode)
            #expect(codes == (0..<9).map { $0 == 4 ? .unroutable : nil })
            let after = try await broker.publish([names.publication(10)])
            #expect(after.map(\.failureCode) == [nil])
            // What was under way beside the wrong one may come twice, under the same id.
            let messages = try await broker.withSubscription(to: names.queue, prefetch: 100) { subscription in
                var ids: [String] = []
                while ids.last != names.message(10).id {
                    ids.append(try await subscription.take().message.id)
                }
                return ids
            }
            #expect(Set(messages) == Set(([0, 1, 2, 3, 5, 6, 7, 8, 10]).map { names.message($0).id }))
        },
        .init("headers, content type and body arrive byte for byte") { broker, names in
            try await broker.declareQueue(names.queue)
            let headers: [String: HeaderValue] = [
                "text": .string("Åsa läser på Örnäsets skola ✓ 𝄞"), "empty": .string(""), "yes": .bool(true), "no": .bool(false),
                "number": .integer(.max), "negative": .integer(.min), "cloudEvents_id": .string("a"),
            ]
            // Around one and two frames of 131,072 bytes, and everything a byte can be.
            let sizes = [0, 1, 131_063, 131_064, 131_065, 262_128, 262_129]
            let messages = sizes.map { size in
                Message(
                    id: "\(names.prefix)-\(size)", contentType: "application/octet-stream", headers: headers,
                    body: Data((0..<size).map { UInt8(truncatingIfNeeded: $0 &* 31) }))
            }
            let outcomes = try await broker.publish(messages.map { Publication($0, exchange: "", routingKey: names.queue) })
            #expect(outcomes.allSatisfy { $0.failureCode == nil })
            let received = try await broker.drain(names.queue, sizes.count).map(\.message)
            #expect(received == messages)
        },
        .init("correlation id and reply-to arrive, and are missing where they were") { broker, names in
            try await broker.declareQueue(names.queue)
            let messages = [
                Message(id: "q", contentType: "application/json", correlationID: "fråga-1", replyTo: "answers.å", body: Data()),
                Message(id: "a", contentType: "application/json", correlationID: "fråga-1", body: Data()),
                Message(id: "n", contentType: "application/json", body: Data()),
            ]
            let outcomes = try await broker.publish(messages.map { Publication($0, exchange: "", routingKey: names.queue) })
            #expect(outcomes.allSatisfy { $0.failureCode == nil })
            try await #expect(broker.drain(names.queue, 3).map(\.message) == messages)
        },
        .init("a message without id, content type and headers arrives") { broker, names in
            try await broker.declareQueue(names.queue)
            let message = Message(id: "", contentType: "", body: Data([0, 255, 0]))
            let outcomes = try await broker.publish([Publication(message, exchange: "", routingKey: names.queue)])
            #expect(outcomes.map(\.failureCode) == [nil])
            try await #expect(broker.drain(names.queue, 1).map(\.message) == [message])
        },
        .init("five thousand messages in one call are confirmed and arrive in order") { broker, names in
            try await broker.declareQueue(names.queue)
            let outcomes = try await broker.publish((0..<5000).map { names.publication($0) })
            #expect(outcomes.count == 5000)
            #expect(outcomes.allSatisfy { $0.failureCode == nil })
            let ids = try await broker.drain(names.queue, 5000, prefetch: 500).map(\.message.id)
            #expect(ids == (0..<5000).map { names.message($0).id })
        },
        .init("concurrent publishers all get their own outcomes") { broker, names in
            try await broker.declareQueue(names.queue)
            try await withThrowingTaskGroup { group in
                for publisher in 0..<8 {
                    group.addTask {
                        for round in 0..<5 {
                            let numbers = (0..<20).map { publisher * 1000 + round * 20 + $0 }
                            var publications = numbers.map { names.publication($0) }
                            publications[publisher].routingKey = names.queue("nowhere")
                            let codes = try await broker.publish(publications).map(\.failureCode)
                            #expect(codes == (0..<20).map { $0 == publisher ? .unroutable : nil })
                        }
                    }
                }
                try await group.waitForAll()
            }
            let messages = try await broker.drain(names.queue, 8 * 5 * 19)
            #expect(Set(messages.map(\.message.id)).count == 8 * 5 * 19)
            for publisher in 0..<8 {
                let own = messages.compactMap { Int($0.message.id.split(separator: "-").last ?? "") }.filter {
                    $0 / 1000 == publisher
                }
                #expect(own == own.sorted(), "one publisher's messages keep their order")
            }
        },
    ]
}
