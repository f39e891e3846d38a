public import ConnectorKit
public import Foundation
public import Logging
public import SchoolRecords

/// Reads records from Edlevo's classic services: Organization v12, and where they are asked for Personnel v8, Person v6, Absence v2
/// and Calendar v2. Which server, licences and school types is settings alone; see ``make(system:settings:logger:)``.
///
/// The documents of all school types are read to their end before a record is given. Between full readings changes are asked for
/// and taken into what is in memory; nothing is kept on disk. A record's document is the source's own element with what other
/// elements say of it joined to it. Values of persons and licence keys stand in no message and no log line.
public final class EdlevoClassicConnector: SourceConnector {
    public let system: String
    public let entities: [Entity]
    let settings: ClassicSourceSettings
    let client: ClassicClient
    let clock: ConnectorClock
    private let transport: any HTTPTransport
    private let memory: ClassicMemory
    private let logger: Logger

    init(
        system: String, settings: ClassicSourceSettings, transport: any HTTPTransport, policy: RetryPolicy, clock: ConnectorClock,
        logger: Logger
    ) {
        var logger = logger
        logger[metadataKey: "system"] = "\(system)"
        self.system = system
        self.entities = settings.entities
        self.settings = settings
        self.transport = transport
        self.clock = clock
        self.logger = logger
        self.client = ClassicClient(
            server: settings.server, transport: transport, policy: policy, clock: clock, logger: logger)
        self.memory = ClassicMemory(
            ClassicReader(system: system, settings: settings, client: self.client, clock: clock))
    }

    /// Makes a connector from a system's settings; nothing is opened and no key is looked up yet.
    ///
    /// - Throws: ``SettingsError`` with every problem at once.
    public static func make(
        system: String, settings: JSONValue, logger: Logger
    ) throws(SettingsError) -> EdlevoClassicConnector {
        try self.make(system: system, settings: settings, clock: .system, policy: RetryPolicy(), logger: logger)
    }

    /// Makes a connector with a clock and patience of its own.
    package static func make(
        system: String, settings: JSONValue, clock: ConnectorClock, policy: RetryPolicy, logger: Logger
    ) throws(SettingsError) -> EdlevoClassicConnector {
        let settings = try ClassicSourceSettings(system: system, settings: settings)
        return EdlevoClassicConnector(
            system: system, settings: settings, transport: AsyncHTTPTransport(settings.server), policy: policy, clock: clock,
            logger: logger)
    }

    // MARK: Reading

    public func read(
        _ entity: Entity, scope: ReadScope, handle: @Sendable (SourcePage) async throws -> Void
    ) async throws {
        try self.check(entity)
        if let events = try await self.events(entity, scope) {
            return try await self.give(events.records, broken: events.broken, handle)
        }
        let state: ClassicState
        var ids: [String]
        var broken: [IMSOrganization.Broken]
        switch scope {
        case .full:
            state = try await self.memory.everything(for: entity)
            ids = state.records.keys[entity] ?? []
            broken = state.broken.map(\.broken)
        case .modifiedAfter(let instant):
            state = try await self.memory.changes(since: instant)
            let after = WallClock(instant)
            ids = state.changed.filter { $0.key.entity == entity && $0.value > after }.map(\.key.id).sorted()
            broken = state.broken.filter { $0.at > after }.map(\.broken)
        }
        broken = broken.filter { $0.entity == entity }
        self.logger.debug(
            "Read records", metadata: ["entity": "\(entity)", "records": "\(ids.count)", "broken": "\(broken.count)"])
        let records = state.records
        try await self.give(
            ids.lazy.compactMap { id in
                records.document(RecordKey(entity, id)).map { SourceRecord(key: RecordKey(entity, id), document: $0) }
            }, broken: broken.map(Self.record), handle)
    }

    /// Hands over records page by page, each made when it is its turn.
    private func give(
        _ records: some Sequence<SourceRecord>, broken: [BrokenRecord], _ handle: @Sendable (SourcePage) async throws -> Void
    ) async throws {
        var page = SourcePage(broken: broken)
        for record in records {
            page.records.append(record)
            guard page.records.count == self.settings.pageLimit else { continue }
            try Task.checkCancellation()
            try await handle(page)
            page = SourcePage()
        }
        try Task.checkCancellation()
        if !page.records.isEmpty || !page.broken.isEmpty { try await handle(page) }
        try Task.checkCancellation()
    }

    private static func record(_ broken: IMSOrganization.Broken) -> BrokenRecord {
        BrokenRecord(key: nil, failure: ConnectorFailure(.malformedReply, code: broken.code, message: broken.words))
    }

    public func read(_ key: RecordKey) async throws -> SourceRecord? {
        try self.check(key.entity)
        let key = RecordKey(key.entity, RecordKey.normalID(key.id))
        if let events = try await self.events(key.entity, .full) { return events.records.first { $0.key == key } }
        return try await self.memory.present().records.document(key).map { SourceRecord(key: key, document: $0) }
    }

    public func deletions(after instant: Date) async throws -> [RecordKey] {
        let state = try await self.memory.changes(since: instant)
        let after = WallClock(instant)
        return state.gone.filter { $0.value > after }.map(\.key).sorted()
    }

    /// Asks for the units of the first school type.
    public func probe() async throws {
        guard let type = self.settings.schoolTypes.first else { return }
        _ = try await self.client.read(ClassicService(.organization, "Get\(type.fragment)Units", type), []) {
            data throws(XMLProblem) in
            try IMSDocument(data, type: "CompleteOrganization", schoolType: type.rawValue).properties
        }
    }

    /// Closes every connection; the connector is not used afterwards.
    public func shutdown() async { await self.transport.shutdown() }

    private func check(_ entity: Entity) throws(ConnectorFailure) {
        guard self.entities.contains(entity) else {
            throw ConnectorFailure(
                .misconfigured, code: .entityNotSet,
                message: "\(self.system) is not set up to give records of kind \(entity.rawValue)")
        }
    }
}

extension EdlevoClassicConnector {
    /// The records that complete documents come to, by key: what any reading has to come to.
    ///
    /// - Parameters:
    ///   - organizations: documents by the school type's code.
    ///   - personnel: documents of the Personnel interface; `nil` where duties come from the organisation.
    package static func records(
        system: String, organizations: [String: [Data]], personnel: [Data]?
    ) throws -> [RecordKey: JSONValue] {
        var models: [ClassicSchoolType: IMSOrganization] = [:]
        var made = WallClock(Date(timeIntervalSince1970: 0))
        for (code, documents) in organizations {
            guard let type = ClassicSchoolType(rawValue: code) else { continue }
            var model = IMSOrganization()
            for document in documents { made = try model.takeComplete(document, schoolType: code).made ?? made }
            models[type] = model
        }
        var employments = personnel == nil ? nil : ClassicEmployments()
        for document in personnel ?? [] { _ = try employments?.take(document, system: system) }
        let records = ClassicRecords(
            system: system, models, employments: employments, duties: personnel == nil ? .organization : .personnel, made: made)
        var result: [RecordKey: JSONValue] = [:]
        for (entity, ids) in records.keys {
            for id in ids { result[RecordKey(entity, id)] = records.document(RecordKey(entity, id)) }
        }
        return result
    }
}
