import Synchronization

/// Wakes those who wait for the outbox.
final class Bell: Sendable {
    private let listeners = Mutex<[Int: AsyncStream<Void>.Continuation]>([:])
    private let numbers = Atomic<Int>(0)

    func ring() {
        for listener in self.listeners.withLock({ Array($0.values) }) { listener.yield() }
    }

    func add(_ continuation: AsyncStream<Void>.Continuation) -> Int {
        let number = self.numbers.add(1, ordering: .relaxed).newValue
        self.listeners.withLock { $0[number] = continuation }
        return number
    }

    func remove(_ number: Int) { self.listeners.withLock { $0[number] = nil } }
}
