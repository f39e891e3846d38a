import ConnectorKit
import Foundation
import NIOCore
import NIOPosix
import NIOSSL

/// Carries an ``SMTPExchange`` over a connection of its own.
enum SMTPConnection {
    private static let patience = TimeAmount.seconds(30)

    /// - Throws: ``ConnectorFailure`` when the server can't be reached or doesn't take the message; `CancellationError`.
    static func run(_ exchange: SMTPExchange, host: String, port: Int) async throws {
        let context: NIOSSLContext
        do {
            context = try NIOSSLContext(configuration: .makeClientConfiguration())
        } catch {
            throw Self.failure(host, .tlsFailed, "can't be talked to with TLS here", error)
        }
        let promise = MultiThreadedEventLoopGroup.singleton.any().makePromise(of: Void.self)
        let channel: any Channel
        do {
            channel = try await ClientBootstrap(group: promise.futureResult.eventLoop)
                .connectTimeout(.seconds(10))
                .channelInitializer { channel in
                    channel.eventLoop.makeCompletedFuture {
                        if exchange.isSecure {
                            try channel.pipeline.syncOperations.addHandler(Self.tls(context, host))
                        }
                        try channel.pipeline.syncOperations.addHandlers(
                            IdleStateHandler(readTimeout: Self.patience),
                            SMTPHandler(exchange, host: host, context: context, done: promise))
                    }
                }
                .connect(host: host, port: port).get()
        } catch {
            promise.fail(error)
            try Task.checkCancellation()
            throw Self.failure(host, .connectionRefused, "can't be reached: check alarms.email.server", error)
        }
        try await withTaskCancellationHandler {
            try await promise.futureResult.get()
        } onCancel: {
            channel.close(promise: nil)
        }
    }

    static func tls(_ context: NIOSSLContext, _ host: String) throws -> NIOSSLClientHandler {
        do {
            return try NIOSSLClientHandler(context: context, serverHostname: host)
        } catch let error as NIOSSLExtraError where error == .cannotUseIPAddressInSNI {
            return try NIOSSLClientHandler(context: context, serverHostname: nil)
        }
    }

    static func failure(_ host: String, _ code: ConnectorFailure.Code, _ text: String, _ cause: (any Error)?) -> ConnectorFailure
    {
        ConnectorFailure(.systemUnavailable, code: code, message: "the mail server at \(host) \(text)", cause: cause)
    }
}

/// Feeds the exchange with replies and sends what it says.
private final class SMTPHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private var exchange: SMTPExchange
    private var reader = SMTPReplyReader()
    private let host: String
    private let tls: NIOSSLContext
    private let done: EventLoopPromise<Void>
    private var isDone = false

    init(_ exchange: SMTPExchange, host: String, context: NIOSSLContext, done: EventLoopPromise<Void>) {
        self.exchange = exchange
        self.host = host
        self.tls = context
        self.done = done
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        do {
            for reply in try self.reader.take(self.unwrapInboundIn(data).readableBytesView) {
                try self.follow(self.exchange.take(reply), context)
            }
        } catch let failure as ConnectorFailure {
            self.end(.failure(failure), context)
        } catch {
            self.end(
                .failure(
                    SMTPConnection.failure(self.host, .wrongShape, "speaks no SMTP: check alarms.email.server", error)), context
            )
        }
    }

    private func follow(_ step: SMTPExchange.Step, _ context: ChannelHandlerContext) throws {
        switch step {
        case .say(let line): context.writeAndFlush(self.wrapOutboundOut(ByteBuffer(string: line + "\r\n")), promise: nil)
        case .beginTLS:
            try context.pipeline.syncOperations.addHandler(SMTPConnection.tls(self.tls, self.host), position: .first)
            try self.follow(self.exchange.secured(), context)
        case .done: self.end(.success(()), context)
        }
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        guard event is IdleStateHandler.IdleStateEvent else { return context.fireUserInboundEventTriggered(event) }
        self.end(.failure(SMTPConnection.failure(self.host, .timedOut, "did not answer in time", nil)), context)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        self.end(
            .failure(
                SMTPConnection.failure(
                    self.host, .tlsFailed,
                    "and this machine agree on no connection: check alarms.email.server and its certificate",
                    error)), context)
    }

    func channelInactive(context: ChannelHandlerContext) {
        self.end(.failure(SMTPConnection.failure(self.host, .connectionLost, "closed the connection", nil)), context)
    }

    private func end(_ result: Result<Void, any Error>, _ context: ChannelHandlerContext) {
        guard !self.isDone else { return }
        self.isDone = true
        // Once the message is taken, a connection that is lost afterwards loses nothing.
        if self.exchange.isAccepted { self.done.succeed() } else { self.done.completeWith(result) }
        context.close(promise: nil)
    }
}
