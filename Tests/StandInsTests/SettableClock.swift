import Foundation
import Synchronization

/// A clock that stands still until it is told to go on.
final class SettableClock: Sendable {
    private let instant = Mutex(Date())

    var now: Date { self.instant.withLock { $0 } }

    func advance(_ seconds: Double) { self.instant.withLock { $0 += seconds } }
}
