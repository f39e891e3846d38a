public import ConnectorKit
public import Foundation
public import Logging
public import SchoolRecords
import Synchronization

/// Reads records from an SS 12000:2020 server. Which server is settings alone; see ``make(system:settings:logger:)``.
///
/// Lists are read to their end or fail: no page is ever left out. Elements without a usable id are handed on as broken
/// records. Names, ids and query values of persons stand in no message and no log line.
public final class SS12000Connector: SourceConnector {
    public let system: String
    public let entities: [Entity]
    let settings: SS12000Settings
    let client: SS12000Client
    private let transport: any HTTPTransport
    private let logger: Logger
    /// Entities whose list has answered: from then on a 404 for an id is about that id.
    private let answered = Mutex<Set<Entity>>([])

    init(
        system: String, settings: SS12000Settings, transport: any HTTPTransport, policy: RetryPolicy, clock: ConnectorClock,
        logger: Logger
    ) {
        var logger = logger
        logger[metadataKey: "system"] = "\(system)"
        self.system = system
        self.entities = settings.entities
        self.settings = settings
        self.transport = transport
        self.logger = logger
        self.client = SS12000Client(settings: settings, transport: transport, policy: policy, clock: clock, logger: logger)
    }

    /// Makes a connector from a system's settings; nothing is opened and no secret is looked up yet.
    ///
    /// The settings are `subscriptions`, `connection` (`base_url`, `token_url`, `api_path`, `client_id`, `client_secret`,
    /// `client_certificate`, `client_key`, `ca`, `deleted_entities_path`), `endpoints`, `profile`, `page_limit`,
    /// `request_timeout_seconds` and `maximum_reply_mebibytes`.
    ///
    /// - Throws: ``SettingsError`` with every problem at once.
    public static func make(
        system: String, settings: JSONValue, logger: Logger
    ) throws(SettingsError) -> SS12000Connector {
        try self.make(system: system, settings: settings, clock: .system, policy: RetryPolicy(), logger: logger)
    }

    /// Makes a connector with a clock and patience of its own.
    package static func make(
        system: String, settings: JSONValue, clock: ConnectorClock, policy: RetryPolicy, logger: Logger
    ) throws(SettingsError) -> SS12000Connector {
        let settings = try SS12000Settings(system: system, settings: settings)
        return SS12000Connector(
            system: system, settings: settings, transport: AsyncHTTPTransport(settings), policy: policy, clock: clock,
            logger: logger)
    }

    // MARK: Reading

    public func read(
        _ entity: Entity, scope: ReadScope, handle: @Sendable (SourcePage) async throws -> Void
    ) async throws {
        var query: [(name: String, value: String)] = []
        if case .modifiedAfter(let instant) = scope { query.append(("meta.modified.after", Instant.text(instant))) }
        let list = try self.list(entity, query: query, limit: self.settings.pageLimit)
        try await list.forEachPage { page in
            let page = try ElementReading.page(page, of: entity, path: list.path)
            self.answered.withLock { _ = $0.insert(entity) }
            self.logger.debug(
                "Read a page",
                metadata: [
                    "endpoint": "\(list.path)", "records": "\(page.records.count)", "broken": "\(page.broken.count)",
                ])
            try await handle(page)
        }
    }

    public func read(_ key: RecordKey) async throws -> SourceRecord? {
        let path = try self.path(key.entity)
        let name = "\(path)/{id}"
        var reply: HTTPReply
        do {
            reply = try await self.client.get("\(path)/\(Percent.encode(key.id))", name: name)
        } catch is CutShort {
            reply = HTTPReply(status: 200, contentType: "", retryAfter: nil, location: nil, body: Data())
        }
        switch reply.status {
        case 200: break
        case 404:
            // A wrong path answers 404 too, and must not look as if the record were gone.
            if !self.answered.withLock({ $0.contains(key.entity) }) { try await self.askList(key.entity) }
            return nil
        case 400:
            throw ConnectorFailure(
                .rejected, code: .idRefused, message: "\(name) was refused (400): the server does not take this form of id")
        default:
            throw ConnectorFailure(
                .malformedReply, code: .unexpectedStatus, message: "\(name) was answered with \(reply.status)")
        }
        guard let document = try? JSONValue(parsing: reply.body), let id = ElementReading.id(document) else {
            throw ConnectorFailure(
                .malformedReply, code: .recordUnreadable,
                message: "\(name) came cut short or without an id; the next reading tries again")
        }
        guard id == RecordKey.normalID(key.id) else {
            throw ConnectorFailure(
                .malformedReply, code: .anotherRecord, message: "\(name) was answered with another record than was asked for")
        }
        return SourceRecord(key: RecordKey(key.entity, id), document: document)
    }

    public func deletions(after instant: Date) async throws -> [RecordKey] {
        guard let path = self.settings.deletedEntitiesPath else { return [] }
        var query = [("after", Instant.text(instant))]
        for entity in self.entities { query.append(("entities", DeletedEntities.parameter(entity))) }
        let list = ListReader(
            client: self.client, path: path, setting: "connection.deleted_entities_path", query: query,
            limit: self.settings.pageLimit)
        var keys: [RecordKey] = []
        var known: Set<RecordKey> = []
        var unusable = 0
        try await list.forEachPage { page in
            let found = DeletedEntities.keys(in: page.data, of: self.entities)
            unusable += found.unusable
            for key in found.keys where known.insert(key).inserted { keys.append(key) }
        }
        if unusable > 0 { self.logger.warning("Deleted entities without a usable id", metadata: ["count": "\(unusable)"]) }
        return keys
    }

    public func probe() async throws {
        guard let first = self.entities.first else { return }
        try await self.askList(first)
    }

    public func shutdown() async { await self.transport.shutdown() }

    // MARK: Paths

    private func askList(_ entity: Entity) async throws {
        let list = try self.list(entity, query: [], limit: 1)
        _ = try ElementReading.page(try await list.firstPage(), of: entity, path: list.path)
        self.answered.withLock { _ = $0.insert(entity) }
    }

    private func list(
        _ entity: Entity, query: [(name: String, value: String)], limit: Int
    ) throws(ConnectorFailure) -> ListReader {
        ListReader(
            client: self.client, path: try self.path(entity), setting: "endpoints.\(entity.rawValue)", query: query,
            limit: limit)
    }

    private func path(_ entity: Entity) throws(ConnectorFailure) -> String {
        guard let path = self.settings.endpoints[entity] else {
            throw ConnectorFailure(
                .misconfigured, code: .endpointNotSet,
                message:
                    "\(self.system) is not set up to give records of kind \(entity.rawValue): set endpoints.\(entity.rawValue)")
        }
        return path
    }
}
