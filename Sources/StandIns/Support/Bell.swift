import Synchronization

/// Wakes those who wait for the next event of a stand-in: no polling, no sleeping.
///
/// Read ``rings`` first, look at the state, then wait past that count: a ring in between is never missed.
final class Bell: Sendable {
    private struct State {
        var rings = 0
        var nextWaiter = 0
        var waiters: [Int: CheckedContinuation<Void, any Error>] = [:]
    }

    private let state = Mutex(State())

    /// How often it has rung.
    var rings: Int { self.state.withLock { $0.rings } }

    /// Wakes everybody who waits.
    func ring() {
        let waiters = self.state.withLock { state in
            state.rings += 1
            defer { state.waiters = [:] }
            return state.waiters.values
        }
        for waiter in waiters { waiter.resume() }
    }

    /// Returns once it has rung more often than `seen`.
    ///
    /// - Throws: `CancellationError` when the waiting task is cancelled.
    func wait(past seen: Int) async throws {
        let number = self.state.withLock { state in
            state.nextWaiter += 1
            return state.nextWaiter
        }
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Void, any Error>) in
                let answer: Result<Void, any Error>? = self.state.withLock { state in
                    if Task.isCancelled { return .failure(CancellationError()) }
                    if state.rings > seen { return .success(()) }
                    state.waiters[number] = continuation
                    return nil
                }
                if let answer { continuation.resume(with: answer) }
            }
        } onCancel: {
            self.state.withLock { $0.waiters.removeValue(forKey: number) }?.resume(throwing: CancellationError())
        }
    }
}
