import Foundation
import NIOCore
import NIOHTTP1
import NIOPosix
import SchoolRecords
import Synchronization

/// A subscriber's own little server: answers as it is told, and keeps what was posted.
final class Receiver: Sendable {
    private let state = Mutex<(status: UInt, bodies: [JSONValue])>((200, []))

    var bodies: [JSONValue] { self.state.withLock { $0.bodies } }

    func answer(_ status: UInt) { self.state.withLock { $0.status = status } }

    fileprivate func take(_ body: Data) -> UInt {
        self.state.withLock { state in
            state.bodies.append((try? JSONValue(parsing: body)) ?? .null)
            return state.status
        }
    }

    /// Listens at loopback while `body` runs.
    func listening<Result: Sendable>(_ body: (_ address: String) async throws -> Result) async throws -> Result {
        let channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelInitializer { channel in
                channel.pipeline.configureHTTPServerPipeline().flatMapThrowing {
                    try channel.pipeline.syncOperations.addHandler(Handler(self))
                }
            }.bind(host: "127.0.0.1", port: 0).get()
        do {
            let result = try await body("http://127.0.0.1:\(channel.localAddress?.port ?? 0)")
            try await channel.close()
            return result
        } catch {
            try? await channel.close()
            throw error
        }
    }

    private final class Handler: ChannelInboundHandler {
        typealias InboundIn = HTTPServerRequestPart
        typealias OutboundOut = HTTPServerResponsePart

        private let receiver: Receiver
        private var body = Data()

        init(_ receiver: Receiver) { self.receiver = receiver }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            switch self.unwrapInboundIn(data) {
            case .head: self.body = Data()
            case .body(let part): self.body.append(contentsOf: part.readableBytesView)
            case .end:
                let status = self.receiver.take(self.body)
                let head = HTTPResponseHead(
                    version: .http1_1, status: .init(statusCode: Int(status)), headers: ["content-length": "0"])
                context.write(self.wrapOutboundOut(.head(head)), promise: nil)
                context.writeAndFlush(self.wrapOutboundOut(.end(nil)), promise: nil)
            }
        }
    }
}
