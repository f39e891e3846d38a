import NIOCore
import Synchronization

/// Closes connections on which no request follows an answer in time: whether nothing comes, the next head comes too slowly, or what is left
/// of a body that nobody wanted.
final class NextRequests: Sendable {
    private let most: Duration
    private let watches = Mutex<[ObjectIdentifier: Scheduled<Void>]>([:])

    init(within most: Duration) { self.most = most }

    /// A request's head is there.
    func began(on channel: any Channel) {
        self.watches.withLock { $0.removeValue(forKey: ObjectIdentifier(channel)) }?.cancel()
    }

    /// A request has been answered.
    func answered(on channel: any Channel) {
        // The task holds the channel, and so its identity, until it has run or is cancelled.
        let watch = channel.eventLoop.scheduleTask(in: .init(self.most)) {
            _ = self.watches.withLock { $0.removeValue(forKey: ObjectIdentifier(channel)) }
            channel.close(promise: nil)
        }
        self.watches.withLock { $0.updateValue(watch, forKey: ObjectIdentifier(channel)) }?.cancel()
    }
}
