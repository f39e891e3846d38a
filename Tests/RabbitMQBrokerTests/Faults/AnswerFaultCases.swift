import Foundation
import Messaging
import MessagingTesting
import Testing

@testable import RabbitMQBroker

extension BrokerTests {
    /// The broker answers, and not as one wishes.
    @Suite(.serialized) struct AnswerFaultCases {
        @Test(.timeLimit(.minutes(5))) func `P8 unroutable in the middle of a batch: exactly those fail`() async throws {
            let node = try await TestNode.shared.value
            try await FaultCase.run { this in
                try await this.withProxiedBroker(on: node) { broker, proxy in
                    try await broker.declare(this.topology)
                    var publications = this.publications(this.random.number(300...1500), to: this.queue)
                    let culprits = Set(this.random.shuffled(Array(publications.indices)).prefix(this.random.number(1...40)))
                    for index in culprits {
                        publications[index].routingKey = this.name + "-none"
                        this.ledger.withdraw(publications[index].message.id)
                    }
                    let codes = try await broker.publish(publications).map(\.failureCode)
                    #expect(codes == publications.indices.map { culprits.contains($0) ? .unroutable : nil })
                    let returns = proxy.seen.value.returns
                    if returns == culprits.count { this.ledger.faultHappened("\(returns) returned by the broker") }
                    try await this.consumeAll(through: broker)
                    try await this.drain(through: broker)
                    #expect(this.ledger.now.repeats == 0)
                }
            }
        }

        @Test(.timeLimit(.minutes(5))) func `P9 confirms out of order, single and multiple mixed`() async throws {
            let node = try await TestNode.shared.value
            try await FaultCase.run { this in
                try await this.withProxiedBroker(on: node) { broker, proxy in
                    try await broker.declare(this.topology)
                    func isMixed() -> Bool {
                        let seen = proxy.seen.value
                        return seen.lateConfirms > 0 && seen.confirms.contains(where: \.multiple)
                            && seen.confirms.contains { !$0.multiple }
                    }
                    // What no queue takes is confirmed at once, before what was sent earlier and must be stored first.
                    for _ in 0..<50 where !isMixed() {
                        var publications = this.publications(400, to: this.queue)
                        let culprits = Set((0..<30).map { _ in this.random.number(100...399) })
                        for index in culprits {
                            publications[index].routingKey = this.name + "-none"
                            this.ledger.withdraw(publications[index].message.id)
                        }
                        let codes = try await broker.publish(publications).map(\.failureCode)
                        #expect(codes == publications.indices.map { culprits.contains($0) ? .unroutable : nil })
                    }
                    if isMixed() { this.ledger.faultHappened("\(proxy.seen.value.lateConfirms) confirms came late") }
                    try await this.consumeAll(through: broker)
                    try await this.drain(through: broker)
                    #expect(this.ledger.now.repeats == 0)
                }
            }
        }

        @Test(.timeLimit(.minutes(5))) func `P10 nack of a full queue: told as such, sent again, nothing lost`() async throws {
            let node = try await TestNode.shared.value
            // Told to send again, the caller sends single messages after later ones.
            try await FaultCase.run(ordered: false) { this in
                let log = LogListener()
                try await this.withProxiedBroker(on: node, log: log) { broker, proxy in
                    try await broker.declare(this.topology)
                    try await TestNode.limit(this.queue, to: this.random.number(5...50), node)
                    let publications = this.publications(1200, to: this.queue)
                    var outcomes: [PublishOutcome] = []
                    // The limit takes effect a moment after the policy; and it is soft.
                    var refused: [Publication] = []
                    for start in stride(from: 0, to: publications.count, by: 200) {
                        let part = Array(publications[start..<start + 200])
                        outcomes = try await broker.publish(part)
                        refused += zip(part, outcomes).compactMap { $1.failureCode == nil ? nil : $0 }
                        #expect(outcomes.allSatisfy { $0.failureCode == nil || $0.failureCode == .refused })
                    }
                    if !refused.isEmpty { this.ledger.faultHappened("\(refused.count) refused by the full queue") }
                    let toBeSentAgain = refused
                    async let relayed: Int = this.relay(toBeSentAgain, through: broker)
                    try await this.consumeAll(through: broker)
                    _ = try await relayed
                    #expect(log.count("no connection with the broker") == 0, "a refusal is no fault of the network")
                    #expect(proxy.seen.value.channelsClosedByBroker <= 1, "only the look for the new queue")
                }
                try await TestNode.lift(this.queue, node)
            }
        }

        @Test(.timeLimit(.minutes(5))) func `P12 headers larger than a frame: refused before the first byte`() async throws {
            let node = try await TestNode.shared.value
            try await FaultCase.run { this in
                try await this.withProxiedBroker(on: node) { broker, proxy in
                    try await broker.declare(this.topology)
                    try await this.publish(this.publications(1, to: this.queue), through: broker)
                    let before = proxy.seen.value
                    var publications = this.publications(6, to: this.queue)
                    publications[1].message.headers["big"] = .string(String(repeating: "x", count: 140_000))
                    publications[2].routingKey = String(repeating: "k", count: 256)
                    publications[3].message.headers[String(repeating: "h", count: 129)] = .bool(true)
                    publications[4].message.id = String(repeating: "i", count: 256)
                    for index in 1...4 { this.ledger.withdraw("\(this.name)-\(index + 2)") }
                    let codes = try await broker.publish(publications).map(\.failureCode)
                    #expect(codes == [nil, .messageTooLarge, .messageTooLarge, .messageTooLarge, .messageTooLarge, nil])
                    let seen = proxy.seen.value
                    #expect(seen.opened == before.opened && seen.connectionsClosedByBroker == 0)
                    if seen.bytesToBroker - before.bytesToBroker < 10_000, codes[1] != nil {
                        this.ledger.faultHappened("140,000 bytes of headers were given and not sent")
                    }
                    try await this.consumeAll(through: broker)
                }
            }
        }

        @Test(.timeLimit(.minutes(5))) func `P13 bodies at the border of a frame, empty, ten megabytes; odd headers`()
            async throws
        {
            let node = try await TestNode.shared.value
            try await FaultCase.run { this in
                try await this.withProxiedBroker(on: node) { broker, proxy in
                    try await broker.declare(this.topology)
                    let frame = 131_072 - 8
                    var frames = 0
                    var publications: [Publication] = []
                    let borders = (1...3).flatMap { [$0 * frame - 1, $0 * frame, $0 * frame + 1] }
                    for size in this.random.shuffled([0, 1, 10 << 20, this.random.number(2...400_000)] + borders) {
                        var publication = this.publications(1, to: this.queue)[0]
                        publication.message.body = Data((0..<size).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ size) })
                        publication.message.headers["text"] = .string("Åsa läser på Örnäsets skola ✓ 𝄞")
                        publication.message.headers["nul"] = .string("a\0b")
                        publication.message.headers["empty"] = .string("")
                        publication.message.headers["wide"] = .string(
                            String(repeating: "å", count: this.random.number(0...16_000)))
                        publication.message.headers["number"] = .integer(.min)
                        this.ledger.enter(publication.message)
                        publications.append(publication)
                        frames += (size + frame - 1) / frame
                    }
                    try await this.publish(publications, through: broker)
                    let seen = proxy.seen.value.bodyFramesToBroker
                    if seen == frames { this.ledger.faultHappened("\(frames) body frames, as the sizes demand") }
                    try await this.consumeAll(through: broker)
                }
            }
        }

        @Test(.timeLimit(.minutes(5))) func `P14 publish to a missing exchange: only that message fails`() async throws {
            let node = try await TestNode.shared.value
            try await FaultCase.run { this in
                try await this.withProxiedBroker(on: node) { broker, proxy in
                    try await broker.declare(this.topology)
                    try await this.publish(this.publications(1, to: this.queue), through: broker)
                    let before = proxy.seen.value
                    var publications = this.publications(this.random.number(2...400), to: this.queue)
                    let culprit = this.random.number(0...publications.count - 1)
                    publications[culprit].exchange = this.name
                    this.ledger.withdraw(publications[culprit].message.id)
                    let outcomes = try await broker.publish(publications)
                    #expect(outcomes.map(\.failureCode) == publications.indices.map { $0 == culprit ? .unroutable : nil })
                    if case .failed(let error) = outcomes[culprit] { #expect(error.message.contains(this.name)) }
                    let seen = proxy.seen.value
                    if seen.channelsClosedByBroker > before.channelsClosedByBroker {
                        this.ledger.faultHappened("the broker closed the channel")
                    }
                    // Once it is there it takes messages: nothing remembers that it was missing.
                    try await broker.declare(
                        Topology(
                            exchanges: [.init(name: this.name, kind: .fanout)],
                            bindings: [.init(exchange: this.name, queue: this.queue, routingKey: "")]))
                    var late = this.publications(1, to: "")
                    late[0].exchange = this.name
                    try await this.publish(late, through: broker)
                    try await this.consumeAll(through: broker)
                }
            }
        }
    }
}
