import Connectors
import Foundation
import Synchronization

/// A clock that stands still until somebody sleeps; it then moves on at once. Waits are kept for a test to look at.
final class TestClock: Sendable {
    private struct State {
        var now: Date
        var uptime = Duration.zero
        var waits: [Duration] = []
    }

    private let state: Mutex<State>

    init(now: Date = Date(timeIntervalSince1970: 1_795_000_000)) {
        self.state = Mutex(State(now: now))
    }

    var waits: [Duration] { self.state.withLock { $0.waits } }

    func advance(by duration: Duration) {
        self.state.withLock { state in
            state.uptime += duration
            state.now += Double(duration.components.seconds) + Double(duration.components.attoseconds) / 1e18
        }
    }

    var clock: ConnectorClock {
        ConnectorClock(
            now: { self.state.withLock { $0.now } },
            uptime: { self.state.withLock { $0.uptime } },
            sleep: { duration in
                try Task.checkCancellation()
                self.state.withLock { $0.waits.append(duration) }
                self.advance(by: duration)
            })
    }
}
