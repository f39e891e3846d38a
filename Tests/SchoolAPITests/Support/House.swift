import AsyncHTTPClient
import Foundation
import HTTPServing
import Hub
import Logging
import Mapping
import NIOCore
import NIOHTTP1
import SQLStores
import SQLiteDatabase
import SchoolAPI
import SchoolRecords
import Synchronization

/// A time that a test moves.
final class TestTime: Sendable {
    private let seconds = Mutex(1_790_000_000.0)

    var clock: HubClock {
        HubClock(
            now: { Date(timeIntervalSince1970: self.seconds.withLock { $0 }) },
            sleep: { _ in
                try Task.checkCancellation()
                await Task.yield()
            })
    }

    func pass(_ seconds: Double) { self.seconds.withLock { $0 += seconds } }
}

/// What was answered.
struct Answer: Sendable {
    let status: Int
    let json: JSONValue?
    let headers: HTTPHeaders
    let bytes: Int

    var data: [JSONValue] { self.json?["data"]?.arrayValue ?? [] }
    var elements: [JSONValue] { self.json?.arrayValue ?? [] }
    var pageToken: String? { self.json?["pageToken"]?.stringValue }
    var code: String? { self.json?["code"]?.stringValue }
    var ids: [String] { self.data.compactMap { $0["id"]?.stringValue } }
}

/// A provider over a SQLite store of its own, listening on loopback.
struct House: Sendable {
    static let key = HubKey(material: Data(repeating: 7, count: 32))
    static let secret = "a-secret-of-more-than-24-characters"

    let url: String
    let store: SQLStore
    let provider: Provider
    let clients: [APIClient]
    let mappings: MappingBook
    let time: TestTime
    let directory: String

    /// - Parameters:
    ///   - provide: the text of `provide.yaml` by client.
    ///   - secret: of every client, unless `signIn` says otherwise.
    static func with<Result: Sendable>(
        _ provide: [String: String] = ["all": Self.everything], time: TestTime = TestTime(), notify: String? = nil,
        in directory: String? = nil, isBehindProxy: Bool = false, patience: Patience = Patience(),
        secret: @escaping @Sendable () -> String? = { Self.secret },
        signIn: (@Sendable (_ client: String) -> APIClient.SignIn)? = nil,
        logger: Logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }, _ body: @Sendable (House) async throws -> Result
    ) async throws -> Result {
        let place = directory ?? FileManager.default.temporaryDirectory.path + "/knutpunkt-api-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: place, withIntermediateDirectories: true)
        defer { if directory == nil { try? FileManager.default.removeItem(atPath: place) } }
        let store = try await SQLStore.open(database: SQLiteDatabase.open(path: place + "/store.sqlite"), key: Self.key)
        let set = try Self.mappings(provide)
        let mappings = MappingBook(set)
        let clients = provide.keys.sorted().map { name in
            APIClient(name: name, system: name, notify: notify, signIn: signIn?(name) ?? .secret(secret))
        }
        let silent = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        let provider = Provider(
            clients: clients, store: store, key: Self.key, mappings: mappings, subscriptionHours: 24, clock: time.clock,
            logger: logger)
        let (ports, port) = AsyncStream.makeStream(of: Int.self)
        let listener = ProviderListener(
            host: "127.0.0.1", port: 0, provider: provider, isBehindProxy: isBehindProxy, patience: patience,
            onListening: { port.yield($0) },
            logger: silent)
        return try await withThrowingTaskGroup(of: Result?.self) { group in
            group.addTask {
                try await listener.run()
                return nil
            }
            defer { group.cancelAll() }
            for await port in ports {
                return try await body(
                    House(
                        url: "http://127.0.0.1:\(port)", store: store, provider: provider, clients: clients, mappings: mappings,
                        time: time, directory: place))
            }
            throw CancellationError()
        }
    }

    static func mappings(_ provide: [String: String]) throws -> MappingSet {
        let load = MappingSet.load(provide.map { MappingFile(path: "\($0.key)/provide.yaml", text: $0.value) })
        guard let set = load.set else { throw BadMappings(text: load.diagnostics.map(\.description).joined(separator: "\n")) }
        return set
    }

    struct BadMappings: Error { let text: String }

    /// Everything of every entity.
    static let everything: String = {
        let entities = Entity.allCases.filter { $0.standardPath != nil }.map { entity in
            let fields = entity.shape.fields.keys.filter { !["id", "meta"].contains($0) }.sorted()
            return "  \(entity.rawValue):\n    fields: [\(fields.joined(separator: ", "))]"
        }
        return "purpose: test\nentities:\n" + entities.joined(separator: "\n") + "\n"
    }()

    // MARK: Records

    /// Takes documents as a source gives them, at the house's time.
    func take(_ entity: Entity, _ documents: [JSONValue], source: String = "edlevo") async throws {
        let states = documents.map { document in
            RecordState(
                key: RecordKey(entity, document["id"]?.stringValue ?? ""),
                owner: SchoolRecord.subject(entity, document)?.id, body: document.canonicalData)
        }
        try await self.store.take(states, withheld: [], failures: [], source: source, time: self.time.clock.timestamp)
    }

    func delete(_ entity: Entity, _ ids: [String]) async throws {
        try await self.store.take(
            ids.map { RecordState(key: RecordKey(entity, $0), owner: nil, body: nil) }, withheld: [], failures: [],
            source: "edlevo", time: self.time.clock.timestamp)
    }

    /// Puts a person into the vault, as intake does.
    func withhold(_ id: String) async throws {
        let key = RecordKey(.person, id)
        try await self.store.take(
            [RecordState(key: key, owner: nil, body: nil)],
            withheld: [
                WithheldRecord(
                    opaqueKey: Self.key.opaqueKey(for: key), key: key, body: Data("{\"id\":\"\(id)\"}".utf8))
            ], failures: [], source: "edlevo", time: self.time.clock.timestamp)
    }

    // MARK: Requests

    func request(
        _ method: String, _ path: String, query: [(String, String)] = [], headers: [(String, String)] = [],
        body: [UInt8]? = nil
    ) async throws -> Answer {
        let pairs = query.map { name, value in "\(Self.encoded(name))=\(Self.encoded(value))" }
        var request = HTTPClientRequest(url: self.url + path + (pairs.isEmpty ? "" : "?" + pairs.joined(separator: "&")))
        request.method = .RAW(value: method)
        for (name, value) in headers { request.headers.add(name: name, value: value) }
        if let body { request.body = .bytes(ByteBuffer(bytes: body)) }
        let response = try await HTTPClient.shared.execute(request, timeout: .seconds(60))
        let bytes = try await response.body.collect(upTo: 256 << 20)
        return Answer(
            status: Int(response.status.code), json: try? JSONValue(parsing: Data(bytes.readableBytesView)),
            headers: response.headers, bytes: bytes.readableBytes)
    }

    private static func encoded(_ text: String) -> String {
        text.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? ""
    }

    func token(_ client: String = "all") async throws -> String {
        let form = "grant_type=client_credentials&client_id=\(client)&client_secret=\(Self.secret)"
        let answer = try await self.request(
            "POST", "/token", headers: [("content-type", "application/x-www-form-urlencoded")], body: Array(form.utf8))
        return answer.json?["access_token"]?.stringValue ?? ""
    }

    func get(_ path: String, _ query: [(String, String)] = [], as client: String = "all") async throws -> Answer {
        try await self.request(
            "GET", "/v2.0/" + path, query: query, headers: [("authorization", "Bearer \(try await self.token(client))")])
    }

    func post(
        _ path: String, _ body: JSONValue, _ query: [(String, String)] = [], as client: String = "all", method: String = "POST"
    ) async throws -> Answer {
        try await self.request(
            method, "/v2.0/" + path, query: query, headers: [("authorization", "Bearer \(try await self.token(client))")],
            body: Array(body.canonicalData))
    }

    /// All of a list, page by page.
    func walk(
        _ path: String, _ query: [(String, String)] = [], limit: Int, as client: String = "all",
        between: (() async throws -> Void)? = nil
    ) async throws -> [JSONValue] {
        var all: [JSONValue] = []
        var asked = query + [("limit", String(limit))]
        while true {
            let answer = try await self.get(path, asked, as: client)
            guard answer.status == 200 else { throw Refused(answer: answer) }
            all += answer.data
            guard let token = answer.pageToken else { return all }
            asked = [("pageToken", token)]
            try await between?()
        }
    }

    struct Refused: Error { let answer: Answer }
}
