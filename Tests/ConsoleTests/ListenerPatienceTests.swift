import Foundation
import HTTPServing
import Hub
import Logging
import ServiceLifecycle
import Testing

@testable import Console

@Suite("Each listener cuts off who is too slow, while others are served", .timeLimit(.minutes(2)))
struct ListenerPatienceTests {
    enum Listener: String, CaseIterable, Sendable {
        case console, operations, notices

        /// What somebody else asks meanwhile.
        var path: String {
            switch self {
            case .console: "/assets/console.css"
            case .operations: "/healthz"
            case .notices: "/notices/nobody"
            }
        }
    }

    private static let quiet = Logger(label: "slow") { _ in SwiftLogNoOpLogHandler() }

    private static func with(_ listener: Listener, _ body: @Sendable (Int) async throws -> Void) async throws {
        let patience = Patience(
            head: .milliseconds(300), body: .milliseconds(300), pace: 1 << 20, unread: .milliseconds(300))
        let (ports, port) = AsyncStream.makeStream(of: Int.self)
        try await ConsoleWorld.with { world in
            let service: any Service =
                switch listener {
                case .console:
                    ConsoleListener(
                        host: "127.0.0.1", port: 0, site: world.site, patience: patience, onListening: { port.yield($0) },
                        logger: Self.quiet)
                case .operations:
                    OperationsListener(
                        host: "127.0.0.1", port: 0, unready: { [] }, metrics: { "" }, patience: patience,
                        onListening: { port.yield($0) }, logger: Self.quiet)
                case .notices:
                    HTTPListener(
                        host: "127.0.0.1", port: 0, doors: NoticeDoors([:]) { _, _, _ in }, patience: patience,
                        onListening: { port.yield($0) },
                        logger: Self.quiet)
                }
            let group = ServiceGroup(services: [service], logger: Self.quiet)
            try await withThrowingTaskGroup(of: Void.self) { tasks in
                tasks.addTask { try await group.run() }
                for await number in ports {
                    try await body(number)
                    break
                }
                await group.triggerGracefulShutdown()
                try await tasks.waitForAll()
            }
        }
    }

    private static func isServed(_ listener: Listener, _ port: Int) async throws -> Bool {
        try await SlowPeer.beside {
            let peer = try SlowPeer(port: port)
            defer { peer.close() }
            peer.send("GET \(listener.path) HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n")
            return peer.rest().hasPrefix("HTTP/1.1 ")
        }
    }

    @Test(
        arguments: Listener.allCases,
        [
            "GET / HTTP/1.1\r\nHost: ", "POST /sign-in HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 100000\r\n\r\n",
            "POST /notices/a/b HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 60000\r\n\r\n",
            "POST /api/v1/failed/1/discard HTTP/1.1\r\nHost: 127.0.0.1\r\nCookie: session=ada\r\nX-CSRF-Token: form-of-ada\r\n"
                + "Content-Type: application/json\r\nContent-Length: 60000\r\n\r\n",
        ])
    func `what comes a byte at a time`(listener: Listener, beginning: String) async throws {
        try await Self.with(listener) { port in
            let slow = try SlowPeer(port: port)
            slow.send(beginning)
            while try await SlowPeer.beside({ slow.send("a") }) {
                let isServed = try await Self.isServed(listener, port)
                #expect(isServed)
            }
            slow.close()
        }
    }
}
