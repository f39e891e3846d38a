public import SchoolRecords
import Synchronization

/// Cuts a pause short: whoever has heard of something new rings, and whoever waits goes on at once.
///
/// Rings while nobody waits are kept, and many count as one: what was rung for during a reading is read after it, once.
public final class Wake: Sendable {
    /// What was rung for.
    public struct Ring: Sendable, Hashable {
        /// The trace that it belongs to, where all rings that were taken as one belong to one.
        public let trace: TraceContext?
        /// What may have changed, by all of them together.
        public let scope: NoticeScope
    }

    private struct State {
        var rung: Ring?
        var waiter: CheckedContinuation<Void, Never>?
    }

    private let state = Mutex(State())

    /// Makes one that nobody has rung.
    public init() {}

    /// Lets the waiter go on, now or when it comes.
    ///
    /// - Parameters:
    ///   - trace: what it belongs to.
    ///   - scope: what may have changed.
    public func ring(trace: TraceContext? = nil, scope: NoticeScope = .everything) {
        let waiter = self.state.withLock { state in
            let isSame = state.rung.map { $0.trace?.traceID == trace?.traceID } ?? true
            state.rung = Ring(trace: isSame ? trace : nil, scope: state.rung.map { $0.scope.union(scope) } ?? scope)
            defer { state.waiter = nil }
            return state.waiter
        }
        waiter?.resume()
    }

    /// Returns when it is rung or the pause is over. One waiter at a time.
    ///
    /// - Returns: what was rung for; `nil` when the pause was over.
    /// - Throws: `CancellationError`.
    public func wait(atMost pause: Duration, clock: HubClock) async throws -> Ring? {
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
            defer { state.rung = nil }
            return state.rung
        }
    }

    private func rung() async {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isOver = self.state.withLock { state in
                    if state.rung != nil || Task.isCancelled { return true }
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
