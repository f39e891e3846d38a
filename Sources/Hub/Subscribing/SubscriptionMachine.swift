public import ConnectorKit
public import Foundation

/// When a subscription is looked for, made, renewed and ended. Pure: it is told what happened and says what to do next.
///
/// ```
/// unknown ──listed──► none ──made──► held ──two thirds of its life──► renewed: held
///    ▲                  ▲              │ an hour since the last look: looked for again
///    └── failed ────────┴── gone ──────┘ more than one of ours: the others are ended
/// ```
public struct SubscriptionMachine: Sendable {
    /// What to do next.
    public enum Step: Sendable, Hashable {
        case list
        case make
        case renew(String)
        case end(String)
        case wait(Duration)
    }

    /// What came of it.
    public enum Event: Sendable {
        case listed([SourceSubscription])
        case made(SourceSubscription)
        /// `nil`: the source no longer has it.
        case renewed(SourceSubscription?)
        case ended(String)
        case failed(ConnectorFailure)
    }

    private struct Held {
        let id: String
        /// By our clock.
        let since: Date
        let expires: Date
    }

    private let wanted: WantedSubscription
    private let lookEvery: TimeInterval
    private var held: Held?
    private var superfluous: [String] = []
    private var lookedAt: Date?
    private var notBefore: Date?
    private var backoff = Backoff(first: .seconds(5), most: .seconds(900))

    /// - Parameter lookEvery: seconds after which the source is asked whether it still has the subscription.
    public init(_ wanted: WantedSubscription, lookEvery: TimeInterval = 3600) {
        self.wanted = wanted
        self.lookEvery = lookEvery
    }

    /// Whether the source is known to tell us of changes now.
    public func isSubscribed(at now: Date) -> Bool { self.held.map { $0.expires > now } ?? false }

    /// What to do now; the same until it is told what came of it.
    public func next(at now: Date) -> Step {
        if let notBefore, notBefore > now { return .wait(.seconds(notBefore.timeIntervalSince(now))) }
        guard let lookedAt, now.timeIntervalSince(lookedAt) < self.lookEvery, lookedAt <= now else { return .list }
        if let id = self.superfluous.first { return .end(id) }
        guard let held else { return .make }
        let due = Self.renewal(of: held)
        if due <= now { return held.expires > now ? .renew(held.id) : .list }
        let look = lookedAt + self.lookEvery
        return .wait(.seconds(min(due, look).timeIntervalSince(now)))
    }

    /// After two thirds of its life, but not every few seconds where that is short.
    private static func renewal(of held: Held) -> Date {
        held.since + max(30, held.expires.timeIntervalSince(held.since) * 2 / 3)
    }

    /// Takes in what came of a step.
    public mutating func take(_ event: Event, at now: Date) {
        if case .failed(let failure) = event {
            let wait = max(self.backoff.next().seconds, min(failure.retryAfter ?? 0, 3600))
            // What needs a person isn't asked for every few seconds.
            self.notBefore = now + (failure.kind == .misconfigured ? max(wait, 900) : wait)
            return
        }
        self.backoff.reset()
        self.notBefore = nil
        switch event {
        case .listed(let subscriptions): self.take(subscriptions, at: now)
        case .made(let subscription): self.keep(subscription, at: now)
        case .renewed(let subscription?) where subscription.expires > (self.held?.expires ?? .distantPast):
            self.keep(subscription, at: now)
        case .renewed(let subscription):
            // It is gone, or its end doesn't move: a new one takes its place.
            if subscription != nil, let id = self.held?.id { self.superfluous.append(id) }
            self.held = nil
        case .ended(let id): self.superfluous.removeAll { $0 == id }
        case .failed: break
        }
    }

    private mutating func take(_ subscriptions: [SourceSubscription], at now: Date) {
        self.lookedAt = now
        let ours = subscriptions.filter { $0.wanted.name == self.wanted.name && $0.wanted.target == self.wanted.target }
        let fitting = ours.filter { $0.wanted.entities == self.wanted.entities && $0.expires > now }
        let best = fitting.max { ($0.expires, $0.id) < ($1.expires, $1.id) }
        self.superfluous = ours.filter { $0.id != best?.id }.map(\.id)
        guard let best else {
            self.held = nil
            return
        }
        // One that was there before has an unknown life; what is left of it counts.
        if best.id != self.held?.id || best.expires != self.held?.expires { self.keep(best, at: now) }
    }

    private mutating func keep(_ subscription: SourceSubscription, at now: Date) {
        self.held = Held(id: subscription.id, since: now, expires: subscription.expires)
    }
}

extension Duration {
    fileprivate var seconds: Double {
        Double(self.components.seconds) + Double(self.components.attoseconds) / 1e18
    }
}
