import NIOCore

/// Closes a connection at whose other end nobody reads: when it can hold no more of an answer, and nothing of it goes out for a while.
final class UnreadAnswers: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = NIOAny

    private let most: Duration
    private var watch: Scheduled<Void>?

    init(atMost most: Duration) { self.most = most }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        if context.channel.isWritable {
            self.watch?.cancel()
            self.watch = nil
        } else if self.watch == nil {
            self.look(at: context.channel, waiting: nil)
        }
        context.fireChannelWritabilityChanged()
    }

    func channelInactive(context: ChannelHandlerContext) {
        self.watch?.cancel()
        self.watch = nil
        context.fireChannelInactive()
    }

    /// - Parameter before: bytes that waited when it was looked at last; as long as they become fewer, somebody reads.
    private func look(at channel: any Channel, waiting before: Int?) {
        let waiting = (try? channel.syncOptions?.getOption(.bufferedWritableBytes)) ?? 0
        if let before, waiting >= before { return channel.close(mode: .all, promise: nil) }
        self.watch = channel.eventLoop.assumeIsolated().scheduleTask(in: .init(self.most)) {
            self.look(at: channel, waiting: waiting)
        }
    }
}
