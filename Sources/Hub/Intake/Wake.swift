import Synchronization

/// Cuts a pause short: whoever has heard of something new rings, and whoever waits goes on at once.
///
/// Rings while nobody waits are kept, and many count as one: what was rung for during a reading is read after it, once.
public final class Wake: Sendable {
    private struct State {
        var isRung = false
        var waiter: CheckedContinuation<Void, Never>?
    }

    private let state = Mutex(State())

    /// Makes one that nobody has rung.
    public init() {}

    /// Lets the waiter go on, now or when it comes.
    public func ring() {
        let waiter = self.state.withLock { state in
            state.isRung = true
            defer { state.waiter = nil }
            return state.waiter
        }
        waiter?.resume()
    }

    /// Returns when it is rung or the pause is over. One waiter at a time.
    ///
    /// - Returns: whether it was rung.
    /// - Throws: `CancellationError`.
    public func wait(atMost pause: Duration, clock: HubClock) async throws -> Bool {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await clock.sleep(pause) }
            group.addTask { await self.rung() }
            defer {
                group.cancelAll()
                self.release()
            }
            try await group.next()
        }
        try Task.checkCancellation()
        return self.state.withLock { state in
            defer { state.isRung = false }
            return state.isRung
        }
    }

    private func rung() async {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isOver = self.state.withLock { state in
                    if state.isRung || Task.isCancelled { return true }
                    state.waiter = continuation
                    return false
                }
                if isOver { continuation.resume() }
            }
        } onCancel: {
            self.release()
        }
    }

    /// Lets the waiter go without a ring.
    private func release() {
        let waiter = self.state.withLock { state in
            defer { state.waiter = nil }
            return state.waiter
        }
        waiter?.resume()
    }
}
