import HummingbirdCore
import Logging
import NIOCore
import Synchronization

/// A connection that a server has accepted. One that is dropped before it is served is closed, and kept until it is.
final class AcceptedConnection<Value: ServerChildChannelValue>: ServerChildChannelValue {
    private let value: Value
    private let isServed = Atomic(false)

    init(_ value: Value) {
        self.value = value
    }

    deinit {
        guard !self.isServed.load(ordering: .relaxed) else { return }
        let value = self.value
        value.channel.closeFuture.whenComplete { _ in withExtendedLifetime(value) {} }
        value.channel.close(promise: nil)
    }

    var channel: any Channel { self.value.channel }

    /// The connection for the one who serves it to its end.
    func take() -> Value {
        self.isServed.store(true, ordering: .relaxed)
        return self.value
    }
}

/// Serves connections as `base` does and closes those that it never gets.
struct ClosingUnserved<Base: ServerChildChannel>: ServerChildChannel {
    let base: Base
    let patience: Patience

    func setup(channel: any Channel, logger: Logger) -> EventLoopFuture<AcceptedConnection<Base.Value>> {
        let unread = self.patience.unread
        do {
            try channel.pipeline.syncOperations.addHandler(UnreadAnswers(atMost: unread))
        } catch { return channel.eventLoop.makeFailedFuture(error) }
        return self.base.setup(channel: channel, logger: logger).map(AcceptedConnection.init)
    }

    func handle(value: AcceptedConnection<Base.Value>, logger: Logger) async {
        await self.base.handle(value: value.take(), logger: logger)
    }
}
