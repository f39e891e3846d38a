import Foundation
import HTTPServing
import Hummingbird
import HummingbirdCore
import Logging
import Testing

/// A connection of somebody who isn't in a hurry.
private struct Peer {
    private let descriptor: Int32

    init(port: Int, receives: Int32? = nil) throws {
        self.descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        if var receives {
            setsockopt(self.descriptor, SOL_SOCKET, SO_RCVBUF, &receives, socklen_t(MemoryLayout<Int32>.size))
        }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(port).bigEndian
        address.sin_addr.s_addr = in_addr_t(0x7F00_0001).bigEndian
        let descriptor = self.descriptor
        let result = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        try #require(result == 0)
    }

    /// - Returns: whether the other end still takes it.
    @discardableResult
    func send(_ text: String) -> Bool {
        let bytes = Array(text.utf8)
        return Glibc.send(self.descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL)) == bytes.count
    }

    /// Everything until the other end closes.
    func rest() -> String {
        var text: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 4096)
        while true {
            let count = recv(self.descriptor, &buffer, buffer.count, 0)
            guard count > 0 else { return String(decoding: text, as: UTF8.self) }
            text += buffer.prefix(count)
        }
    }

    func close() { _ = Glibc.close(self.descriptor) }
}

@Suite("Who sends or reads too slowly is cut off, and holds nobody up", .timeLimit(.minutes(2)))
struct SlowPeerTests {
    private static let short = Patience(
        head: .milliseconds(300), body: .milliseconds(300), pace: 1 << 20, unread: .milliseconds(300))

    private static func with(
        _ patience: Patience, _ body: @escaping @Sendable (Int) async throws -> Void
    ) async throws {
        let ports = AsyncStream.makeStream(of: Int.self)
        let router = Router()
        router.get("ok") { _, _ in "ok" }
        router.post("echo") { request, _ in
            for try await _ in request.body {}
            return "all of it"
        }
        let much = String(repeating: "x", count: 64 << 20)
        router.get("much") { _, _ in much }
        let server = Application(
            router: router, server: .wholeHTTP1(patience: patience),
            configuration: ApplicationConfiguration(address: .hostname("127.0.0.1", port: 0)),
            onServerRunning: { ports.continuation.yield($0.localAddress?.port ?? 0) },
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        let running = Task { try await server.run() }
        let port = try #require(await ports.stream.first { _ in true })
        try await body(port)
        running.cancel()
        _ = await running.result
    }

    /// Blocking calls beside the tasks.
    private static func beside<Result: Sendable>(_ work: @escaping @Sendable () throws -> Result) async throws -> Result {
        try await withCheckedThrowingContinuation { continuation in
            Thread.detachNewThread { continuation.resume(with: Swift.Result { try work() }) }
        }
    }

    private static func isServed(_ port: Int) async throws -> Bool {
        try await Self.beside {
            let peer = try Peer(port: port)
            defer { peer.close() }
            peer.send("GET /ok HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
            return peer.rest().hasSuffix("ok")
        }
    }

    /// Goes on with `act` while others are served between one time and the next, until the other end takes no more.
    private static func drip(_ port: Int, _ act: @escaping @Sendable () -> Bool) async throws {
        while try await Self.beside(act) {
            let isServed = try await Self.isServed(port)
            #expect(isServed)
        }
    }

    @Test func `a head that comes a byte at a time`() async throws {
        try await Self.with(Self.short) { port in
            let slow = try Peer(port: port)
            slow.send("GET /ok HTTP/1.1\r\nHost: ")
            try await Self.drip(port) { slow.send("a") }
            slow.close()
        }
    }

    @Test func `a body that comes a byte at a time`() async throws {
        try await Self.with(Self.short) { port in
            let slow = try Peer(port: port)
            slow.send("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000\r\n\r\n")
            try await Self.drip(port) { slow.send("x") }
            slow.close()
        }
    }

    @Test func `a body that nobody wants, and that comes a byte at a time`() async throws {
        try await Self.with(Self.short) { port in
            let slow = try Peer(port: port)
            slow.send("POST /nothing HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000\r\n\r\n")
            try await Self.drip(port) { slow.send("x") }
            slow.close()
        }
    }

    @Test func `an answer that nobody reads`() async throws {
        try await Self.with(Self.short) { port in
            let deaf = try Peer(port: port, receives: 4096)
            deaf.send("GET /much HTTP/1.1\r\nHost: a\r\n\r\n")
            try await Self.drip(port) { deaf.send("GET /ok HTTP/1.1\r\nHost: a\r\n\r\n") }
            deaf.close()
        }
    }

    @Test func `who is only unhurried is served`() async throws {
        try await Self.with(Patience(head: .seconds(60), body: .seconds(60), pace: 1, unread: .seconds(60))) { port in
            let answer = try await Self.beside {
                let peer = try Peer(port: port)
                defer { peer.close() }
                for character in "POST /echo HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: 5\r\n\r\nhello" {
                    peer.send(String(character))
                }
                return peer.rest()
            }
            #expect(answer.contains("200 OK") && answer.hasSuffix("all of it"))
        }
    }
}
