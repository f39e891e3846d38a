import Foundation
import TestChance
import Testing

@testable import Messaging

struct LanesTests {
    private static func message(_ id: String, count: Int64 = 0, tag: UInt64 = 0) -> IncomingMessage {
        IncomingMessage(
            message: Message(id: id, contentType: "text/plain", body: Data()), exchange: "", routingKey: "q",
            deliveryCount: count, token: DeliveryToken(tag: tag, generation: 1))
    }

    @Test func `one message of a key at a time, others beside it, at most as many as lanes`() {
        var lanes = Lanes(width: 2)
        for (id, key) in [("1", "a"), ("2", "a"), ("3", "b"), ("4", "c")] {
            let isKept = lanes.arrived(Self.message(id), key: key)
            #expect(isKept)
        }
        let (first, second) = (lanes.next(), lanes.next())
        #expect([first?.message.message.id, second?.message.message.id] == ["1", "3"])
        let third = lanes.next()
        #expect(third == nil)
        _ = lanes.finished(Self.message("1"), key: "a", .acknowledge)
        let fourth = lanes.next()
        #expect(fourth?.message.message.id == "4")
        _ = lanes.finished(Self.message("3"), key: "b", .acknowledge)
        let fifth = lanes.next()
        #expect(fifth?.message.message.id == "2")
    }

    @Test func `what is stopped begins nothing`() {
        var lanes = Lanes(width: 2)
        _ = lanes.arrived(Self.message("1"), key: "a")
        lanes.stop()
        let next = lanes.next()
        #expect(next == nil)
    }

    /// A queue with a delivery limit, a link on which hand-outs and settlements cross, and handlers that fail at random:
    /// within a key nothing is ever done before what was published before it, unless that was dead-lettered.
    @Test(arguments: 0..<200) func `order within a key survives any interleaving`(_ seed: UInt64) {
        var random = SeededRandom(seed: seed)
        let limit: Int64 = 3
        var ready = (0..<30).map { (number: $0, count: Int64(0)) }
        var wire: [IncomingMessage] = []
        var running: [(key: String, message: IncomingMessage)] = []
        var returning: [(number: Int, count: Int64)] = []
        var (done, dead): ([Int], Set<Int>) = ([], [])
        var lanes = Lanes(width: 3)
        func key(_ number: Int) -> String { "key \(number % 3)" }
        func number(_ message: IncomingMessage) -> Int { Int(message.message.id) ?? -1 }
        var steps = 0
        while done.count + dead.count < 30 {
            steps += 1
            guard steps < 100_000 else {
                Issue.record("seed \(seed): stuck")
                return
            }
            switch random.next() % 5 {
            case 0:
                // The broker hands out, in order; what was given back has returned to its place.
                if let entry = ready.first, wire.count < 8 {
                    ready.removeFirst()
                    wire.append(Self.message(String(entry.number), count: entry.count))
                }
            case 1:
                if !wire.isEmpty {
                    let message = wire.removeFirst()
                    if !lanes.arrived(message, key: key(number(message))) {
                        returning.append((number(message), message.deliveryCount))
                    }
                }
            case 2:
                if let next = lanes.next() { running.append(next) }
            case 3:
                if !running.isEmpty {
                    let (key, message) = running.remove(at: Int(random.next() % UInt64(running.count)))
                    let verdict: Verdict = random.next() % 3 == 0 ? .giveBack : .acknowledge
                    if verdict == .acknowledge {
                        done.append(number(message))
                    } else {
                        returning.append((number(message), message.deliveryCount))
                    }
                    returning += lanes.finished(message, key: key, verdict).map { (number($0), $0.deliveryCount) }
                }
            default:
                // The broker hears of what was given back.
                if !returning.isEmpty {
                    let (number, count) = returning.removeFirst()
                    if count + 1 > limit {
                        dead.insert(number)
                    } else {
                        ready.insert((number, count + 1), at: ready.firstIndex { $0.number > number } ?? ready.endIndex)
                    }
                }
            }
        }
        for remainder in 0..<3 {
            let order = done.filter { $0 % 3 == remainder }
            #expect(order == order.sorted(), "seed \(seed)")
        }
        #expect(Set(done).union(dead).count == 30)
    }
}
