import AsyncHTTPClient
import Console
import Foundation
import Hub
import Logging
import NIOCore
import NIOHTTP1
import ServiceLifecycle
import Synchronization
import Testing

@Suite("Notices are let in at the door of their source")
struct HTTPListenerTests {
    /// The sources that were woken, in order.
    private final class Woken: Sendable {
        private let names = Mutex<[String]>([])
        func add(_ name: String) { self.names.withLock { $0.append(name) } }
        var all: [String] { self.names.withLock { $0 } }

        private let contexts = Mutex<[String]>([])
        func add(trace: String) { self.contexts.withLock { $0.append(trace) } }
        var traces: [String] { self.contexts.withLock { $0 } }

        private let kinds = Mutex<[NoticeScope]>([])
        func add(scope: NoticeScope) { self.kinds.withLock { $0.append(scope) } }
        var scopes: [NoticeScope] { self.kinds.withLock { $0 } }
    }

    private static let token = HubKey(material: Data(repeating: 7, count: 32)).noticeToken(for: "tempus")

    private struct House {
        let url: String
        let woken: Woken

        func post(
            _ path: String, _ bytes: Int = 20, body: String? = nil, headers: [(String, String)] = [], method: String = "POST"
        ) async throws -> UInt {
            var request = HTTPClientRequest(url: self.url + path)
            request.method = .RAW(value: method)
            for (name, value) in headers { request.headers.add(name: name, value: value) }
            if let body {
                request.body = .bytes(ByteBuffer(string: body))
            } else if bytes > 0 {
                request.body = .bytes(ByteBuffer(repeating: 0x20, count: bytes))
            }
            let response = try await HTTPClient.shared.execute(request, timeout: .seconds(10))
            _ = try? await response.body.collect(upTo: 1 << 20)
            return response.status.code
        }
    }

    private static func with(_ body: (House) async throws -> Void) async throws {
        let woken = Woken()
        let doors = NoticeDoors(
            ["tempus": NoticeDoor(token: Self.token), "vega": NoticeDoor(header: "X-Secret", secret: "open sesame")]
        ) { source, trace, scope in
            woken.add(source)
            woken.add(scope: scope)
            woken.add(trace: trace.map { "\($0)" } ?? "none")
        }
        let (ports, port) = AsyncStream.makeStream(of: Int.self)
        let listener = HTTPListener(
            host: "127.0.0.1", port: 0, doors: doors, onListening: { port.yield($0) },
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await listener.run() }
            defer { group.cancelAll() }
            for await port in ports {
                try await body(House(url: "http://127.0.0.1:\(port)", woken: woken))
                break
            }
        }
    }

    @Test func `a notice with its source's token is taken, and wakes that source`() async throws {
        try await Self.with { house in
            try await #expect(house.post("/notices/tempus/\(Self.token)") == 204)
            try await #expect(house.post("/notices/tempus/\(Self.token)", 0) == 204)
            #expect(house.woken.all == ["tempus", "tempus"])
        }
    }

    @Test func `what a notice says has changed goes to the source it wakes, and everything when it says nothing`() async throws {
        try await Self.with { house in
            let bodies = [
                #"{"modifiedEntites":["Placement"],"deletedEntities":true}"#, "", "not JSON",
                #"{"modifiedEntites":["Absence","AttendanceEvent"]}"#,
            ]
            for body in bodies { try await #expect(house.post("/notices/tempus/\(Self.token)", body: body) == 204) }
            try await #expect(house.post("/notices/tempus/other", body: bodies[0]) == 404)
            #expect(house.woken.scopes == bodies.map { NoticeScope(body: Data($0.utf8)) })
            #expect(house.woken.scopes.map { $0 == .everything } == [false, true, true, false])
        }
    }

    @Test func `a notice's trace goes to the source it wakes; what isn't one, or comes twice, counts as none`() async throws {
        let header = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
        let other = "00-5bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
        try await Self.with { house in
            for headers in [
                [("traceparent", header)], [("Traceparent", header), ("tracestate", "a=b")],
                [("traceparent", header.uppercased())],
                [("traceparent", header), ("traceparent", other)], [("traceparent", "")], [],
            ] {
                try await #expect(house.post("/notices/tempus/\(Self.token)", headers: headers) == 204)
            }
            #expect(
                house.woken.traces.map { $0.contains("4bf92f3577b34da6a3ce929d0e0e4736") } == [true, true]
                    + Array(repeating: false, count: 4))
            #expect(house.woken.traces.dropFirst(2).allSatisfy { $0 == "none" })
        }
    }

    @Test(
        arguments: [
            "/", "/notices", "/notices/tempus", "/notices/tempus/", "/notices/tempus/wrong", "/notices/edlevo/\(Self.token)",
            "/notices/tempus/\(Self.token)/more", "/notices/Tempus/\(Self.token)", "/notices/vega/\(Self.token)",
            "/notices/tempus/\(Self.token.uppercased())", "/notices/../tempus", "/notices/%00/%00",
        ])
    func `what has no door or a wrong token is nowhere`(_ path: String) async throws {
        try await Self.with { house in
            try await #expect(house.post(path) == 404)
            #expect(house.woken.all.isEmpty)
        }
    }

    @Test func `a secret in a header opens, a wrong or missing one doesn't`() async throws {
        try await Self.with { house in
            try await #expect(house.post("/notices/vega", headers: [("x-secret", "open sesame")]) == 204)
            try await #expect(house.post("/notices/vega", headers: [("X-Secret", "open")]) == 401)
            try await #expect(house.post("/notices/vega") == 401)
            #expect(house.woken.all == ["vega"])
        }
    }

    @Test func `a body beyond the limit is refused, and wakes nobody`() async throws {
        try await Self.with { house in
            try await #expect(house.post("/notices/tempus/\(Self.token)", HTTPListener.mostBytes) == 204)
            try await #expect(house.post("/notices/tempus/\(Self.token)", HTTPListener.mostBytes + 1) == 413)
            #expect(house.woken.all == ["tempus"])
        }
    }

    @Test(arguments: ["GET", "PUT", "DELETE", "PATCH"])
    func `only posts are notices`(_ method: String) async throws {
        try await Self.with { house in
            let status = try await house.post("/notices/tempus/\(Self.token)", 0, method: method)
            #expect(status == 404 || status == 405)
            #expect(house.woken.all.isEmpty)
        }
    }

    @Test func `tokens differ from source to source and from hub to hub, and stay the same`() {
        let (one, other) = (HubKey(material: Data(repeating: 7, count: 32)), HubKey(material: Data(repeating: 8, count: 32)))
        #expect(one.noticeToken(for: "tempus") == Self.token && Self.token.count == 32)
        #expect(one.noticeToken(for: "vega") != Self.token && other.noticeToken(for: "tempus") != Self.token)
    }
}
