public import ConnectorKit
public import Logging
import SchoolRecords
public import ServiceLifecycle

/// Sees to it that a source tells us of its changes: subscribes, renews in time, looks now and then whether the source still
/// knows, and ends what is superfluous. The source is read by its schedule all the same.
///
/// At a stop the subscription stays, for the next start to take up; a source drops it by itself when nobody does.
public struct SubscriptionKeeper: Service {
    private let source: any SubscribableSource
    private let wanted: WantedSubscription
    private let clock: HubClock
    private let logger: Logger

    /// A keeper, or `nil` when the source's settings ask for no subscription.
    public init?(source: any SubscribableSource, clock: HubClock = .system, logger: Logger) {
        guard let wanted = source.wantedSubscription else { return nil }
        self.source = source
        self.wanted = wanted
        self.clock = clock
        var logger = logger
        logger[metadataKey: "source"] = "\(source.system)"
        self.logger = logger
    }

    public func run() async throws {
        try await restarting("subscription", logger: self.logger, clock: self.clock) {
            var machine = SubscriptionMachine(self.wanted)
            while !Task.isCancelled {
                let step = machine.next(at: self.clock.now())
                if case .wait(let time) = step {
                    try await self.clock.sleep(time)
                    continue
                }
                machine.take(try await self.perform(step), at: self.clock.now())
            }
        }
    }

    private func perform(_ step: SubscriptionMachine.Step) async throws -> SubscriptionMachine.Event {
        do {
            switch step {
            case .list, .wait: return .listed(try await self.source.subscriptions())
            case .make:
                let made = try await self.source.subscribe(self.wanted)
                self.logger.notice("The source tells of its changes from now on", metadata: ["until": "\(made.expires)"])
                return .made(made)
            case .renew(let id): return .renewed(try await self.source.renew(id))
            case .end(let id):
                try await self.source.unsubscribe(id)
                return .ended(id)
            }
        } catch let failure as ConnectorFailure {
            self.logger.warning(
                "The source's subscription can't be seen to now; it is read by its schedule",
                metadata: ["code": "\(failure.code)", "reason": "\(failure.message)", "remedy": "\(failure.runbook)"])
            return .failed(failure)
        }
    }
}
