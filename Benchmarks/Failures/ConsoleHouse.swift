import AsyncHTTPClient
import Console
import Foundation
import Hub
import Logging
import Mapping
import NIOCore
import NIOHTTP1
import ServiceLifecycle

/// A console over a store, and the browsers of people who look at it.
struct ConsoleHouse: Sendable {
    let url: String

    private static let key = HubKey(material: Data(repeating: 7, count: 32))
    /// One connection for each of very many viewers.
    private static let client: HTTPClient = {
        var configuration = HTTPClient.Configuration()
        configuration.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit = 2048
        return HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
    }()
    private static let logger = Logger(label: "benchmark") { _ in SwiftLogNoOpLogHandler() }

    static func with<Result>(
        _ store: any HubStore, mappings: MappingSet, targets: [String], board: HealthBoard = HealthBoard(),
        _ body: (ConsoleHouse) async throws -> Result
    ) async throws -> Result {
        let book = MappingBook(mappings)
        let reader = HealthReader(
            board: board, store: store, depth: { _ in 0 }, targets: targets, sources: ["edlevo"], queues: ["failed"],
            diskFree: { 100_000 })
        let desk = ConsoleDesk(
            store: store, mappings: book, key: Self.key,
            actions: ConsoleActions(
                compare: { _, _ in }, repairer: Repairer(store: store, mappings: book, key: Self.key, logger: Self.logger),
                roles: { _, _, _ in }, planRoles: { _, _ in nil }, explainRoles: { _, _, _ in .protected },
                held: { _, _, _, _ in throw CancellationError() }, handIn: { _ in throw CancellationError() },
                tools: ConsoleTools(
                    files: { [] }, load: { MappingSet.load($0) },
                    fields: { FieldPicture(lines: [], findings: [], probe: nil, interrupted: nil) },
                    setUp: {
                        HubSetUp(
                            version: "", process: nil, dataDirectory: "", mappingsDirectory: "", storeBytes: nil,
                            hasPrivateBroker: true, settings: [])
                    }, examine: { [] })),
            reading: { await reader.read(AlarmRules()) }, alarms: { [] }, require: { _, _, _ in })
        let site = try ConsoleSite(desk: desk, gate: OneVisitor())
        let (ports, continuation) = AsyncStream.makeStream(of: Int.self)
        let listener = ConsoleListener(
            host: "127.0.0.1", port: 0, site: site, onListening: { continuation.yield($0) }, logger: Self.logger)
        let group = ServiceGroup(services: [listener], logger: Self.logger)
        return try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask { try await group.run() }
            for await port in ports {
                let result = try await body(ConsoleHouse(url: "http://127.0.0.1:\(port)"))
                await group.triggerGracefulShutdown()
                tasks.cancelAll()
                return result
            }
            throw CancellationError()
        }
    }

    /// How long a page takes from request to last byte, in milliseconds: the median of so many, and the slowest.
    func time(_ path: String, rounds: Int = 21) async throws -> (median: Double, worst: Double, bytes: Int) {
        var times: [Double] = []
        var bytes = 0
        for _ in 0..<rounds {
            let began = ContinuousClock.now
            let response = try await Self.client.execute(HTTPClientRequest(url: self.url + path), timeout: .seconds(30))
            bytes = try await response.body.collect(upTo: 16 << 20).readableBytes
            times.append((ContinuousClock.now - began) / .milliseconds(1))
            guard response.status == .ok else { throw Unexpected(path: path, status: Int(response.status.code)) }
        }
        times.sort()
        return (times[rounds / 2], times[rounds - 1], bytes)
    }

    struct Unexpected: Error {
        let path: String
        let status: Int
    }

    /// So many people have the overview open while something is done.
    ///
    /// - Returns: the result, and how many events they were sent in all.
    func watched<Result: Sendable>(
        by viewers: Int, _ body: () async throws -> Result
    ) async throws -> (result: Result, events: Int) {
        try await withThrowingTaskGroup(of: Int.self) { group in
            let (ready, continuation) = AsyncStream.makeStream(of: Void.self)
            for _ in 0..<viewers {
                group.addTask {
                    let request = HTTPClientRequest(url: self.url + "/live/overview")
                    let response = try await Self.client.execute(request, timeout: .seconds(3600))
                    continuation.yield()
                    var events = 0
                    do { for try await part in response.body where part.readableBytes > 0 { events += 1 } } catch {}
                    return events
                }
            }
            var waiting = viewers
            for await _ in ready {
                waiting -= 1
                if waiting == 0 { break }
            }
            let result = try await body()
            group.cancelAll()
            var events = 0
            while let count = try await group.next() { events += count }
            return (result, events)
        }
    }
}

/// Lets everybody in: getting in is no part of what is measured.
private struct OneVisitor: ConsoleGate {
    var hasAccounts: Bool { true }
    var openIDName: String? { nil }

    func guest(cookies: String?) async throws -> ConsoleGuest? {
        ConsoleGuest(
            user: ConsoleUser(
                name: "benchmark", displayName: "Benchmark", roles: Set(ConsoleRole.allCases), units: .all,
                signIn: .account(revision: 1)), csrf: "benchmark")
    }

    func signIn(name: String, password: String, cookies: String?, address: String) async throws -> [String] { [] }
    func signOut(cookies: String?) async throws -> String { "" }
    func startOpenID(to path: String) async throws -> (location: String, cookie: String) { ("/", "") }
    func finishOpenID(query: String, cookies: String?, address: String) async throws -> (path: String, cookies: [String]) {
        ("/", [])
    }
}
