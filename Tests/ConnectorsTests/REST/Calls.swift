import Synchronization

/// Counts calls, for servers that answer each in its turn.
final class Calls: Sendable {
    private let count = Mutex(0)

    /// The first is 1.
    func next() -> Int {
        self.count.withLock {
            $0 += 1
            return $0
        }
    }
}
