import Foundation
import Synchronization
import Testing

/// A forwarding TCP listener that can play a dead network: connections stay open and nothing is read from either side.
final class TCPProxy: Sendable {
    private struct State {
        var count = 0
        var frozenUpTo = 0
        var freezeAfterBytes: Int?
        var isClosed = false
    }

    let port: Int
    /// One element each time a client gave a frozen connection up.
    let givenUp: AsyncStream<Void>
    private let target: Int
    private let listener: CInt
    private let report: AsyncStream<Void>.Continuation
    private let state = Mutex(State())

    init(to target: Int) throws {
        self.target = target
        let listener = socket(AF_INET, CInt(SOCK_STREAM.rawValue), 0)
        self.listener = listener
        var address = Self.loopback(port: 0)
        let size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let bound = Self.with(&address) { bind(listener, $0, size) }
        try #require(bound == 0 && listen(listener, 16) == 0)
        var actual = sockaddr_in()
        var length = size
        withUnsafeMutablePointer(to: &actual) { pointer in
            _ = pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(listener, $0, &length) }
        }
        self.port = Int(UInt16(bigEndian: actual.sin_port))
        (self.givenUp, self.report) = AsyncStream.makeStream()
        Thread { [self] in self.accept() }.start()
    }

    /// The connections of now are dead from now on; later ones work.
    func freeze() { self.state.withLock { $0.frozenUpTo = $0.count } }

    /// Freezes by itself when a client has sent so many bytes over one connection.
    func freeze(afterBytes bytes: Int) { self.state.withLock { $0.freezeAfterBytes = bytes } }

    func close() {
        self.state.withLock { $0.isClosed = true }
        shutdown(self.listener, CInt(SHUT_RDWR))
    }

    private func accept() {
        while true {
            let client = Foundation.accept(self.listener, nil, nil)
            guard client >= 0, !self.state.withLock({ $0.isClosed }) else { break }
            let number = self.state.withLock { state in
                state.count += 1
                return state.count
            }
            Thread { [self] in self.forward(client, number) }.start()
        }
        Foundation.close(self.listener)
    }

    private func forward(_ client: CInt, _ number: Int) {
        let server = socket(AF_INET, CInt(SOCK_STREAM.rawValue), 0)
        var address = Self.loopback(port: self.target)
        let connected = Self.with(&address) { connect(server, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) }
        defer {
            Foundation.close(client)
            Foundation.close(server)
        }
        guard connected == 0 else { return }
        var buffer = [UInt8](repeating: 0, count: 65_536)
        var sent = 0
        while !self.state.withLock({ $0.isClosed }) {
            let isFrozen = self.state.withLock { number <= $0.frozenUpTo }
            let events = isFrozen ? Int16(Self.hangUp) : Int16(POLLIN)
            var list = [
                pollfd(fd: client, events: events, revents: 0), pollfd(fd: server, events: isFrozen ? 0 : events, revents: 0),
            ]
            guard poll(&list, 2, 10) > 0 else { continue }
            if isFrozen {
                guard list[0].revents != 0 else { continue }
                self.report.yield()
                return
            }
            for (from, to) in [(0, server), (1, client)] where list[from].revents != 0 {
                let count = read(list[from].fd, &buffer, buffer.count)
                guard count > 0, write(to, buffer, count) == count else { return }
                if from == 0 { sent += count }
            }
            self.state.withLock { state in
                if let limit = state.freezeAfterBytes, sent >= limit {
                    state.freezeAfterBytes = nil
                    state.frozenUpTo = state.count
                }
            }
        }
    }

    /// POLLRDHUP, which is not in Swift's view of the C library: the peer has closed.
    private static let hangUp = 0x2000

    private static func loopback(port: Int) -> sockaddr_in {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(port).bigEndian
        address.sin_addr.s_addr = in_addr_t(0x7F00_0001).bigEndian
        return address
    }

    private static func with(_ address: inout sockaddr_in, _ body: (UnsafePointer<sockaddr>) -> CInt) -> CInt {
        withUnsafePointer(to: &address) { $0.withMemoryRebound(to: sockaddr.self, capacity: 1, body) }
    }
}
