import Dispatch
import Synchronization

/// A value that tests wait on: whoever changes it wakes those whose condition holds then.
package final class Observed<Value: Sendable>: Sendable {
    private struct Waiter {
        let id: UInt64
        let holds: @Sendable (Value) -> Bool
        let continuation: CheckedContinuation<Value, any Error>
    }

    private struct State {
        var value: Value
        var waiters: [Waiter] = []
        var cancelled: Set<UInt64> = []
        var nextID: UInt64 = 0
    }

    private let state: Mutex<State>

    package init(_ value: Value) {
        self.state = Mutex(State(value: value))
    }

    package var value: Value { self.state.withLock { $0.value } }

    /// Changes the value.
    @discardableResult
    package func update<Result: Sendable>(_ change: (inout Value) -> Result) -> Result {
        let (result, value, served) = self.state.withLock { state -> (Result, Value, [Waiter]) in
            let result = change(&state.value)
            let value = state.value
            let served = state.waiters.filter { $0.holds(value) }
            state.waiters.removeAll { waiter in served.contains { $0.id == waiter.id } }
            return (result, value, served)
        }
        for waiter in served { waiter.continuation.resume(returning: value) }
        return result
    }

    /// Waits until the condition holds.
    ///
    /// - Throws: ``Overdue`` naming what was waited for, `CancellationError` when cancelled.
    @discardableResult
    package func wait(
        for what: String, within limit: Duration = .seconds(40), until holds: @escaping @Sendable (Value) -> Bool
    ) async throws -> Value {
        let id = self.state.withLock { state in
            state.nextID += 1
            return state.nextID
        }
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                let answer = self.state.withLock { state -> Result<Value, any Error>? in
                    if state.cancelled.remove(id) != nil { return .failure(CancellationError()) }
                    if holds(state.value) { return .success(state.value) }
                    state.waiters.append(Waiter(id: id, holds: holds, continuation: continuation))
                    return nil
                }
                if let answer { return continuation.resume(with: answer) }
                let (seconds, attoseconds) = limit.components
                let deadline = DispatchTime.now() + .milliseconds(Int(seconds * 1000 + attoseconds / 1_000_000_000_000_000))
                DispatchQueue.global().asyncAfter(deadline: deadline) { [weak self] in
                    self?.fail(id, Overdue(what: what, limit: limit), mayBeToCome: false)
                }
            }
        } onCancel: {
            self.fail(id, CancellationError(), mayBeToCome: true)
        }
    }

    private func fail(_ id: UInt64, _ error: any Error, mayBeToCome: Bool) {
        let waiter = self.state.withLock { state -> Waiter? in
            guard let index = state.waiters.firstIndex(where: { $0.id == id }) else {
                if mayBeToCome { state.cancelled.insert(id) }
                return nil
            }
            return state.waiters.remove(at: index)
        }
        waiter?.continuation.resume(throwing: error)
    }
}

/// Something that a test waited for did not happen in time.
package struct Overdue: Error, CustomStringConvertible {
    let what: String
    let limit: Duration
    package var description: String { "within \(self.limit) there was no \(self.what)" }
}
