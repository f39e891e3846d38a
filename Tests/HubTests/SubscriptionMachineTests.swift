import ConnectorKit
import Foundation
import Hub
import SchoolRecords
import TestChance
import Testing

@Suite("A subscription is had and kept")
struct SubscriptionMachineTests {
    private static let wanted = WantedSubscription(
        name: "knutpunkt", target: "https://hub.example/notices/edlevo", entities: [.placement, .duty])
    private static let start = Date(timeIntervalSince1970: 1_795_000_000)

    private static func subscription(
        _ id: String, _ seconds: Double, entities: Set<Entity> = Self.wanted.entities, target: String = Self.wanted.target
    ) -> SourceSubscription {
        SourceSubscription(
            id: id, wanted: WantedSubscription(name: "knutpunkt", target: target, entities: entities),
            expires: Self.start + seconds)
    }

    private static func machine(_ events: SubscriptionMachine.Event...) -> SubscriptionMachine {
        var machine = SubscriptionMachine(Self.wanted)
        for event in events { machine.take(event, at: Self.start) }
        return machine
    }

    @Test func `it looks before it makes one`() {
        #expect(Self.machine().next(at: Self.start) == .list)
        #expect(Self.machine(.listed([])).next(at: Self.start) == .make)
    }

    @Test func `one that is there from before is taken up`() {
        let machine = Self.machine(.listed([Self.subscription("a", 900)]))
        #expect(machine.isSubscribed(at: Self.start))
        #expect(machine.next(at: Self.start) == .wait(.seconds(600)))
    }

    @Test func `of several of ours the longest stays, others' are left alone`() {
        let others = Self.subscription("x", 900, target: "https://other.example")
        var machine = Self.machine(
            .listed([
                Self.subscription("a", 900), Self.subscription("b", 1800), others,
                Self.subscription("c", 3600, entities: [.person]),
            ]))
        #expect(machine.next(at: Self.start) == .end("a"))
        machine.take(.ended("a"), at: Self.start)
        #expect(machine.next(at: Self.start) == .end("c"))
        machine.take(.ended("c"), at: Self.start)
        #expect(machine.next(at: Self.start) == .wait(.seconds(1200)))
    }

    @Test func `it is renewed when two thirds of its life have passed`() {
        let machine = Self.machine(.listed([]), .made(Self.subscription("a", 900)))
        #expect(machine.next(at: Self.start + 599) == .wait(.seconds(1)))
        #expect(machine.next(at: Self.start + 600) == .renew("a"))
    }

    @Test func `it looks again every hour, however long it lasts`() {
        let machine = Self.machine(.listed([]), .made(Self.subscription("a", 1_000_000)))
        #expect(machine.next(at: Self.start + 3599) == .wait(.seconds(1)))
        #expect(machine.next(at: Self.start + 3600) == .list)
    }

    @Test func `one that the source dropped is made anew`() {
        #expect(
            Self.machine(.listed([]), .made(Self.subscription("a", 900)), .renewed(nil)).next(at: Self.start) == .make)
    }

    @Test func `one whose end doesn't move is replaced and ended`() {
        let old = Self.subscription("a", 900)
        var machine = Self.machine(.listed([]), .made(old), .renewed(old))
        #expect(machine.next(at: Self.start) == .end("a"))
        machine.take(.ended("a"), at: Self.start)
        #expect(machine.next(at: Self.start) == .make)
    }

    @Test func `after a failure it waits, longer when asked to, and long when a person is needed`() {
        func wait(_ failure: ConnectorFailure) -> Duration {
            guard case .wait(let wait) = Self.machine(.failed(failure)).next(at: Self.start) else { return .zero }
            return wait
        }
        let away = ConnectorFailure(.systemUnavailable, code: .connectionRefused, message: "away")
        #expect((.seconds(2.5)...(.seconds(5))).contains(wait(away)))
        let asked = ConnectorFailure(.systemUnavailable, code: .connectionRefused, message: "away", retryAfter: 77)
        #expect(wait(asked) == .seconds(77))
        let refused = ConnectorFailure(.misconfigured, code: .rowRefused, message: "refused")
        #expect(wait(refused) >= .seconds(900))
    }

    /// A source with whims: lives of any length, lost replies, outages, subscriptions that vanish.
    @Test(arguments: 1...40 as ClosedRange<UInt64>)
    func `whatever the source does, in the end there is one of ours, and it is kept`(_ seed: UInt64) {
        var random = SeededRandom(seed: seed)
        var machine = SubscriptionMachine(Self.wanted)
        var now = Self.start
        var held: [String: SourceSubscription] = [:]
        var made = 0
        var lapsed = 0.0
        let life = Double(Int.random(in: 90...100_000, using: &random))
        let end = Self.start + 200_000
        while now < end {
            held = held.filter { $0.value.expires > now }
            let isWhimsical = now < Self.start + 100_000
            func whim() -> Bool { isWhimsical && Int.random(in: 0..<5, using: &random) == 0 }
            if whim() { held.removeAll() }
            let fails = whim()
            let step = machine.next(at: now)
            if case .wait(let time) = step {
                let seconds = Double(time.components.seconds) + Double(time.components.attoseconds) / 1e18
                if !isWhimsical, held.isEmpty { lapsed += seconds }
                now += max(seconds, 0.001)
                continue
            }
            now += 0.1
            let event: SubscriptionMachine.Event
            switch step {
            case .list, .wait: event = .listed(held.values.sorted { $0.id < $1.id })
            case .make:
                made += 1
                let subscription = SourceSubscription(id: "s\(made)", wanted: Self.wanted, expires: now + life)
                held[subscription.id] = subscription
                event = .made(subscription)
            case .renew(let id):
                if held[id] != nil { held[id] = SourceSubscription(id: id, wanted: Self.wanted, expires: now + life) }
                event = .renewed(held[id])
            case .end(let id):
                held[id] = nil
                event = .ended(id)
            }
            // What was done and not answered looks like a failure.
            let failure = ConnectorFailure(.transient, code: .connectionLost, message: "lost")
            machine.take(fails ? .failed(failure) : event, at: now)
        }
        #expect(held.count == 1, "seed \(seed)")
        #expect(machine.isSubscribed(at: now), "seed \(seed)")
        // Only what was lost in the whimsical time, until the next look.
        #expect(lapsed <= 3700, "seed \(seed)")
    }
}
