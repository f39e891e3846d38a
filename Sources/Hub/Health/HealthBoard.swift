import ConnectorKit
public import Foundation
import Messaging
import Synchronization

/// Where the hub's services note what goes well and what doesn't: in memory, as it is about the running hub alone.
public final class HealthBoard: Sendable {
    /// A board at one moment.
    public struct Snapshot: Sendable {
        public var targets: [String: SystemActivity] = [:]
        public var sources: [String: SystemActivity] = [:]
        /// Since when the broker hasn't taken what it was given, and why.
        public var brokerDownSince: Date?
        public var brokerReason: String?
        public var published = RateWindow()
    }

    private let state = Mutex(Snapshot())

    public init() {}

    public var snapshot: Snapshot { self.state.withLock { $0 } }

    // MARK: Receiving systems

    /// A batch is on its way to the system.
    ///
    /// - Parameter oldest: when the oldest of its changes was taken by the hub; `nil` when that isn't known any more.
    func isWriting(to system: String, oldest: Date?) {
        self.state.withLock { $0.targets[system, default: SystemActivity()].oldestUnderWay = oldest }
    }

    /// Messages for the system were settled.
    func settled(_ system: String, delivered: Int, failed: Int, at time: Date) {
        self.state.withLock { state in
            var activity = state.targets[system] ?? SystemActivity()
            activity.lastSuccess = time
            if activity.downSince != nil { activity.backSince = time }
            activity.isUp()
            activity.oldestUnderWay = nil
            activity.delivered.add(delivered, at: time)
            activity.failed.add(failed, at: time)
            state.targets[system] = activity
        }
    }

    /// The system took nothing.
    func refused(by system: String, _ failure: ConnectorFailure, at time: Date) {
        self.state.withLock { $0.targets[system, default: SystemActivity()].isDown(failure, at: time) }
    }

    // MARK: Sources

    /// The source was read to its end.
    ///
    /// - Parameter rejected: what has come that couldn't be used as a whole, and lies there still.
    func read(_ source: String, failed: Int, rejected: Int = 0, at time: Date) {
        self.state.withLock { state in
            var activity = state.sources[source] ?? SystemActivity()
            activity.lastSuccess = time
            activity.isUp()
            activity.failed.add(failed, at: time)
            activity.rejected = rejected
            state.sources[source] = activity
        }
    }

    /// The source couldn't be read.
    func unreadable(_ source: String, _ failure: ConnectorFailure, at time: Date) {
        self.state.withLock { $0.sources[source, default: SystemActivity()].isDown(failure, at: time) }
    }

    // MARK: The broker

    func published(_ count: Int, at time: Date) {
        self.state.withLock { state in
            state.published.add(count, at: time)
            state.brokerDownSince = nil
            state.brokerReason = nil
        }
    }

    func brokerRefused(_ error: BrokerError, at time: Date) {
        self.state.withLock { state in
            state.brokerDownSince = state.brokerDownSince ?? time
            state.brokerReason = error.message
        }
    }
}

extension SystemActivity {
    mutating func isDown(_ failure: ConnectorFailure, at time: Date) {
        self.downSince = self.downSince ?? time
        self.downCode = failure.code
        self.downReason = failure.message
    }

    mutating func isUp() {
        self.downSince = nil
        self.downCode = nil
        self.downReason = nil
    }
}
