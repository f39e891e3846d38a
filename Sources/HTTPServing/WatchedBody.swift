import HummingbirdCore
import NIOCore

/// A request's body whose connection is closed when it comes too slowly: whoever sends it a byte at a time holds nothing up for long.
struct WatchedBody: AsyncSequence, Sendable {
    typealias Element = ByteBuffer

    private let base: RequestBody
    private let channel: any Channel
    private let patience: Patience

    init(_ base: RequestBody, channel: any Channel, _ patience: Patience) {
        self.base = base
        self.channel = channel
        self.patience = patience
    }

    func makeAsyncIterator() -> Iterator {
        Iterator(base: self.base.makeAsyncIterator(), channel: self.channel, patience: self.patience)
    }

    struct Iterator: AsyncIteratorProtocol {
        private var base: RequestBody.AsyncIterator
        private let channel: any Channel
        private let patience: Patience
        private var waited = Duration.zero
        private var received = 0

        init(base: RequestBody.AsyncIterator, channel: any Channel, patience: Patience) {
            self.base = base
            self.channel = channel
            self.patience = patience
        }

        @concurrent
        mutating func next() async throws -> ByteBuffer? {
            // Only time that is waited here counts: what is done with the bytes meanwhile isn't the sender's fault.
            let due = self.patience.body + .seconds(Double(self.received) / Double(Swift.max(1, self.patience.pace)))
            let left = Swift.max(.zero, due - self.waited)
            let began = ContinuousClock.now
            let channel = self.channel
            let watch = channel.eventLoop.scheduleTask(in: .init(left)) { channel.close(promise: nil) }
            defer { watch.cancel() }
            let part = try await self.base.next()
            self.waited += ContinuousClock.now - began
            self.received += part?.readableBytes ?? 0
            return part
        }
    }
}
