import Messaging
import Synchronization

/// Between a subscription's thread, which puts messages in, and the tasks that take them out.
///
/// States: open → ended (stopped or failed); an ended one stays so.
final class DeliveryBuffer: Sendable {
    enum End { case stopped, failed(BrokerError) }

    private struct Waiter {
        let id: UInt64
        let limit: Int
        let linger: Duration
        /// Set when the first message is there: from then on the rest is waited for so long.
        var deadline: ContinuousClock.Instant?
        let continuation: CheckedContinuation<[IncomingMessage], any Error>
    }

    private struct State {
        var messages: ArraySlice<IncomingMessage> = []
        var waiters: [Waiter] = []
        var cancelled: Set<UInt64> = []
        var nextID: UInt64 = 0
        var end: End?

        mutating func take(_ limit: Int) -> [IncomingMessage] {
            let taken = Array(self.messages.prefix(limit))
            self.messages = self.messages.dropFirst(limit)
            if self.messages.isEmpty { self.messages = [] }
            return taken
        }
    }

    private enum Step { case give([IncomingMessage]), end(End), wait }
    private typealias Answer = (CheckedContinuation<[IncomingMessage], any Error>, [IncomingMessage])

    private let state = Mutex(State())

    /// At least one message, or none when stopped.
    ///
    /// - Parameter wake: called when somebody has to look after a linger time.
    func next(limit: Int, linger: Duration, wake: @Sendable () -> Void) async throws -> [IncomingMessage] {
        try Task.checkCancellation()
        let id = self.state.withLock { state in
            state.nextID += 1
            return state.nextID
        }
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                let (isLingering, resume) = self.state.withLock { state -> (Bool, (@Sendable () -> Void)?) in
                    if state.cancelled.remove(id) != nil {
                        return (false, { continuation.resume(throwing: CancellationError()) })
                    }
                    switch state.end {
                    case .stopped: return (false, { continuation.resume(returning: []) })
                    case .failed(let error): return (false, { continuation.resume(throwing: error) })
                    case nil: break
                    }
                    let isFirst = state.waiters.isEmpty
                    if isFirst, state.messages.count >= limit || (linger <= .zero && !state.messages.isEmpty) {
                        let taken = state.take(limit)
                        return (false, { continuation.resume(returning: taken) })
                    }
                    let deadline = state.messages.isEmpty ? nil : ContinuousClock.now + linger
                    state.waiters.append(
                        Waiter(id: id, limit: limit, linger: linger, deadline: deadline, continuation: continuation))
                    return (deadline != nil, nil)
                }
                resume?()
                if isLingering { wake() }
            }
        } onCancel: {
            let waiter = self.state.withLock { state -> Waiter? in
                guard let index = state.waiters.firstIndex(where: { $0.id == id }) else {
                    state.cancelled.insert(id)
                    return nil
                }
                return state.waiters.remove(at: index)
            }
            waiter?.continuation.resume(throwing: CancellationError())
        }
    }

    /// Puts messages in and hands out what is due.
    ///
    /// - Parameter isFull: no more messages will come before some are settled, so nobody lingers for them.
    /// - Returns: when somebody's linger time is over, if anybody lingers.
    func handOut(_ more: [IncomingMessage], isFull: Bool) -> ContinuousClock.Instant? {
        let (answers, due) = self.state.withLock { state -> ([Answer], ContinuousClock.Instant?) in
            state.messages.append(contentsOf: more)
            var answers: [Answer] = []
            let now = ContinuousClock.now
            while let waiter = state.waiters.first, !state.messages.isEmpty {
                let deadline = waiter.deadline ?? now + waiter.linger
                guard state.messages.count >= waiter.limit || isFull || deadline <= now else {
                    state.waiters[0].deadline = deadline
                    return (answers, deadline)
                }
                state.waiters.removeFirst()
                answers.append((waiter.continuation, state.take(waiter.limit)))
            }
            return (answers, nil)
        }
        for (continuation, messages) in answers { continuation.resume(returning: messages) }
        return due
    }

    /// Takes back what was not handed out; it is worth nothing (the connection is gone) or goes back to the queue.
    @discardableResult
    func clear() -> [IncomingMessage] {
        self.state.withLock { state in
            for index in state.waiters.indices { state.waiters[index].deadline = nil }
            return state.take(.max)
        }
    }

    /// Nothing more is handed out; who waits hears it now.
    func end(_ end: End) {
        let waiters = self.state.withLock { state -> [Waiter] in
            guard state.end == nil else { return [] }
            state.end = end
            defer { state.waiters = [] }
            return state.waiters
        }
        for waiter in waiters {
            switch end {
            case .stopped: waiter.continuation.resume(returning: [])
            case .failed(let error): waiter.continuation.resume(throwing: error)
            }
        }
    }
}
