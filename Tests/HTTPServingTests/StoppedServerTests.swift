import Foundation
import HTTPServing
import Hummingbird
import HummingbirdCore
import Logging
import Testing

@Suite("A server that is stopped while connections come in")
struct StoppedServerTests {
    /// Connects to a port of this machine `times` times, tells of each, and lets the connections go; a refused one is no fault.
    private static func knock(on port: Int, times: Int, told: @escaping @Sendable (Int) -> Void) {
        Thread.detachNewThread {
            var open: [Int32] = []
            for time in 1...times {
                let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
                var address = sockaddr_in()
                address.sin_family = sa_family_t(AF_INET)
                address.sin_port = in_port_t(port).bigEndian
                address.sin_addr.s_addr = in_addr_t(0x7F00_0001).bigEndian
                _ = withUnsafePointer(to: &address) {
                    $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                        connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
                    }
                }
                open.append(descriptor)
                told(time)
            }
            for descriptor in open { close(descriptor) }
            told(.max)
        }
    }

    @Test(.timeLimit(.minutes(2))) func `closes those that it has not begun to serve, and the process lives on`() async throws {
        for _ in 0..<100 {
            let ports = AsyncStream.makeStream(of: Int.self)
            let knocks = AsyncStream.makeStream(of: Int.self)
            let server = Application(
                responder: CallbackResponder<BasicRequestContext> { _, _ in Response(status: .noContent) },
                server: .wholeHTTP1(),
                configuration: ApplicationConfiguration(address: .hostname("127.0.0.1", port: 0)),
                onServerRunning: { ports.continuation.yield($0.localAddress?.port ?? 0) },
                logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
            let running = Task { try await server.run() }
            let port = try #require(await ports.stream.first { _ in true })
            Self.knock(on: port, times: 200) { knocks.continuation.yield($0) }
            // It is cancelled amid what comes in, and what comes in ends later.
            for await count in knocks.stream {
                if count == 20 { running.cancel() }
                if count == .max { break }
            }
            _ = await running.result
        }
    }
}
