import ConnectorKit
import Connectors
import Foundation
import Logging
import SchoolRecords

/// Settings and connectors for servers of a test.
enum ServerUnderTest {
    static let silent = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })

    /// A secret in a file of its own, as settings refer to it; with the line end an editor leaves.
    static func secretFile(_ secret: String) throws -> String {
        let path = NSTemporaryDirectory() + "/secret-\(UUID().uuidString)"
        try Data((secret + "\n").utf8).write(to: URL(fileURLWithPath: path))
        return path
    }

    /// Settings of a server at an address, API at `/api`, token at `/token`.
    static func settings(_ url: String, _ change: (inout JSONValue) -> Void = { _ in }) throws -> JSONValue {
        var settings: JSONValue = [
            "connector": "ss12000",
            "connection": [
                "base_url": .string(url), "token_url": .string(url + "/token"), "api_path": "/api",
                "client_id": "client", "client_secret": ["file": .string(try self.secretFile("s3cr3t-value"))],
            ],
            "page_limit": 2, "request_timeout_seconds": 5,
        ]
        change(&settings)
        return settings
    }

    static func connector(_ settings: JSONValue, clock: TestClock = TestClock(), logger: Logger = silent) throws
        -> SS12000Connector
    {
        try SS12000Connector.make(
            system: "test", settings: settings, clock: clock.clock, policy: RetryPolicy(), logger: logger)
    }

    /// Runs against a scripted server: tokens come by themselves unless `token` says otherwise.
    static func with<Result>(
        token: @escaping @Sendable (ScriptedRequest) -> ScriptedReply = { _ in .token() },
        _ answer: @escaping @Sendable (ScriptedRequest) -> ScriptedReply,
        clock: TestClock = TestClock(),
        settings change: (inout JSONValue) -> Void = { _ in },
        logger: Logger = silent,
        _ body: (SS12000Connector, ScriptedServer) async throws -> Result
    ) async throws -> Result {
        try await ScriptedServer.with({ $0.path == "/token" ? token($0) : answer($0) }) { server in
            let connector = try self.connector(try self.settings(server.url, change), clock: clock, logger: logger)
            do {
                let result = try await body(connector, server)
                await connector.shutdown()
                return result
            } catch {
                await connector.shutdown()
                throw error
            }
        }
    }

    /// The ids of everything that a read gives, and the broken elements.
    static func ids(
        _ connector: SS12000Connector, _ entity: Entity = .person, _ scope: ReadScope = .full
    ) async throws -> (ids: [String], broken: [BrokenRecord]) {
        let pages = Pages()
        try await connector.read(entity, scope: scope) { await pages.take($0) }
        return await (pages.pages.flatMap { $0.records.map(\.key.id) }, pages.pages.flatMap(\.broken))
    }

    private actor Pages {
        var pages: [SourcePage] = []
        func take(_ page: SourcePage) { self.pages.append(page) }
    }
}

/// Log lines in memory.
final class LogLines: LogHandler, @unchecked Sendable {
    private let lock = NSLock()
    private var text = ""
    var metadata: Logger.Metadata = [:]
    var logLevel = Logger.Level.trace

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { self.lock.withLock { self.metadata[key] } }
        set { self.lock.withLock { self.metadata[key] = newValue } }
    }

    func log(event: LogEvent) {
        self.lock.withLock { self.text += "\(event.message) \(event.metadata ?? [:])\n" }
    }

    var all: String { self.lock.withLock { self.text } }
}
