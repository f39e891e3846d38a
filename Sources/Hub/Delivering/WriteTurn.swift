import Synchronization

/// Whose turn it is to write to a system: one batch at a time, whichever queue it comes from.
final class WriteTurn: Sendable {
    private struct State {
        var isTaken = false
        var number = 0
        /// Who waits, in the order in which they came.
        var waiters: [(number: Int, resume: CheckedContinuation<Bool, Never>)] = []
    }

    private let state = Mutex(State())

    /// Waits for the turn, and takes it.
    ///
    /// - Parameter limit: waits no longer than this; `nil` = for as long as it takes.
    /// - Returns: whether it was taken.
    /// - Throws: `CancellationError`; it isn't taken then.
    func take(atMost limit: Duration? = nil, clock: HubClock) async throws -> Bool {
        let number = self.state.withLock { state in
            state.number += 1
            return state.number
        }
        let clockTask = limit.map { limit in
            Task {
                try? await clock.sleep(limit)
                self.giveUp(number)
            }
        }
        defer { clockTask?.cancel() }
        let isTaken = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let answer: Bool? = self.state.withLock { state in
                    guard !Task.isCancelled else { return false }
                    guard state.isTaken else {
                        state.isTaken = true
                        return true
                    }
                    state.waiters.append((number, continuation))
                    return nil
                }
                if let answer { continuation.resume(returning: answer) }
            }
        } onCancel: {
            self.giveUp(number)
        }
        if !isTaken { try Task.checkCancellation() }
        return isTaken
    }

    /// The turn goes to the next who waits.
    func giveBack() {
        let next = self.state.withLock { state -> CheckedContinuation<Bool, Never>? in
            guard state.waiters.isEmpty else { return state.waiters.removeFirst().resume }
            state.isTaken = false
            return nil
        }
        next?.resume(returning: true)
    }

    private func giveUp(_ number: Int) {
        let waiter = self.state.withLock { state -> CheckedContinuation<Bool, Never>? in
            guard let index = state.waiters.firstIndex(where: { $0.number == number }) else { return nil }
            return state.waiters.remove(at: index).resume
        }
        waiter?.resume(returning: false)
    }
}
