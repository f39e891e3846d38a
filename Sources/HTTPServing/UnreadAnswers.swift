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
            let channel = context.channel
            self.watch = context.eventLoop.scheduleTask(in: .init(self.most)) { channel.close(mode: .all, promise: nil) }
        }
        context.fireChannelWritabilityChanged()
    }

    func channelInactive(context: ChannelHandlerContext) {
        self.watch?.cancel()
        self.watch = nil
        context.fireChannelInactive()
    }
}
