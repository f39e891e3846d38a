public import ConnectorKit
public import Foundation
public import Logging
public import SchoolRecords
import Synchronization

/// Reads cases of an Open ePlatform, the platform of e-services that many municipalities run, by its instance API: lists of cases, and each
/// case's XML. Which server, which e-services and statuses is settings alone; see ``make(system:settings:logger:)``.
///
/// A list names cases and says no more of them. Between full readings are read: cases that are new or in another status, and those that were
/// submitted lately and have changed. What is remembered is numbers and statuses; nothing is kept on disk. Values of cases stand in no
/// message and no log line.
public final class OpenEPlatformConnector: SourceConnector {
    public let system: String
    public let entities: [Entity]
    private let settings: OpenEPlatformSettings
    private let client: OpenEPlatformClient
    private let clock: ConnectorClock
    private let transport: any HTTPTransport
    private let logger: Logger
    private let memories = Mutex<[Entity: OpenEPlatformMemory]>([:])

    init(
        system: String, settings: OpenEPlatformSettings, transport: any HTTPTransport, policy: RetryPolicy,
        clock: ConnectorClock, logger: Logger
    ) {
        var logger = logger
        logger[metadataKey: "system"] = "\(system)"
        self.system = system
        self.entities = settings.entities
        self.settings = settings
        self.transport = transport
        self.clock = clock
        self.logger = logger
        self.client = OpenEPlatformClient(
            settings: settings, transport: transport, policy: policy, clock: clock, logger: logger)
    }

    /// Makes a connector from a system's settings; nothing is opened and no secret is looked up yet.
    ///
    /// - Throws: ``SettingsError`` with every problem at once.
    public static func make(
        system: String, settings: JSONValue, logger: Logger
    ) throws(SettingsError) -> OpenEPlatformConnector {
        try self.make(system: system, settings: settings, clock: .system, policy: RetryPolicy(), logger: logger)
    }

    /// Makes a connector with a clock and patience of its own.
    package static func make(
        system: String, settings: JSONValue, clock: ConnectorClock, policy: RetryPolicy, logger: Logger
    ) throws(SettingsError) -> OpenEPlatformConnector {
        let settings = try OpenEPlatformSettings(system: system, settings: settings)
        return OpenEPlatformConnector(
            system: system, settings: settings, transport: AsyncHTTPTransport(settings), policy: policy, clock: clock,
            logger: logger)
    }

    // MARK: Reading

    public func read(
        _ entity: Entity, scope: ReadScope, handle: @Sendable (SourcePage) async throws -> Void
    ) async throws {
        let listing = try await self.listing(entity)
        var numbers = listing.numbers
        var news: Set<String>?
        var after: Date?
        if case .modifiedAfter(let instant) = scope {
            guard let memory = self.memories.withLock({ $0[entity] }) else { throw Self.needsFullRead }
            let new = memory.news(in: listing)
            let recent = try await self.listing(entity, days: self.settings.changesDays, before: instant)
            numbers = numbers.filter { new.contains($0) || recent.places[$0] != nil }
            news = new
            after = instant
        }
        if listing.nameless > 0 { try await handle(SourcePage(broken: Self.nameless(listing.nameless))) }
        var rest = numbers[...]
        while !rest.isEmpty {
            let chunk = rest.prefix(self.settings.pageLimit)
            rest = rest.dropFirst(self.settings.pageLimit)
            let page = try await self.page(chunk, of: entity, listing, news: news, after: after)
            try Task.checkCancellation()
            if !page.records.isEmpty || !page.broken.isEmpty { try await handle(page) }
        }
        try Task.checkCancellation()
        let now = self.clock.now()
        self.memories.withLock { memories in
            if memories[entity] == nil { memories[entity] = OpenEPlatformMemory(listing) }
            memories[entity]?.take(listing, at: now)
        }
        self.logger.debug(
            "Read cases", metadata: ["entity": "\(entity)", "listed": "\(listing.numbers.count)", "read": "\(numbers.count)"])
    }

    /// Some cases, read side by side.
    private func page(
        _ numbers: ArraySlice<String>, of entity: Entity, _ listing: OpenEPlatformListing, news: Set<String>?, after: Date?
    ) async throws -> SourcePage {
        var found: [String: SourceRecord] = [:]
        var page = SourcePage()
        try await CallsAtOnce(most: self.settings.parallelCalls).perform(Array(numbers), where: { _ in true }) { number in
            (number, try await self.record(number, of: entity, at: listing.places[number]))
        } _: { number, result in
            switch result {
            case .success(let record?): found[number] = record
            // It was listed and has gone since.
            case .success(nil): break
            case .failure(let failure): page.broken.append(BrokenRecord(key: self.key(entity, number), failure: failure))
            }
        }
        page.records = numbers.compactMap { number in
            guard let record = found[number] else { return nil }
            let modified = record.document["meta"]?["modified"]?.stringValue.flatMap { Moment($0) }
            guard let after, news?.contains(number) == false else { return record }
            // Of a case that is its number alone nothing else can have changed.
            guard let modified else { return listing.places[number]?.isNumberOnly == true ? nil : record }
            return Double(modified.secondsSinceEpoch) > after.timeIntervalSince1970 ? record : nil
        }
        return page
    }

    /// One case: its record, `nil` when there is none, or why what came can't be used.
    private func record(
        _ number: String, of entity: Entity, at place: OpenEPlatformListing.Place?
    ) async throws -> Result<SourceRecord?, ConnectorFailure> {
        if let place, place.isNumberOnly {
            let key = self.key(entity, number)
            return .success(
                SourceRecord(
                    key: key, document: OpenEPlatformCase.document(id: key.id, number: number, status: place.status)))
        }
        do {
            guard let tree = try await self.client.instance(number) else {
                try await self.confirmGone(number, of: entity)
                return .success(nil)
            }
            let key = self.key(entity, number)
            return .success(
                SourceRecord(
                    key: key, document: try OpenEPlatformCase.document(tree, id: key.id, number: number, family: place?.family)))
        } catch let failure as ConnectorFailure where [.documentUnreadable, .anotherRecord].contains(failure.word) {
            return .failure(failure)
        }
    }

    /// A wrong address answers 404 too, and must not look as if a case were gone.
    private func confirmGone(_ number: String, of entity: Entity) async throws {
        guard try await self.listing(entity).places[number] != nil else { return }
        throw ConnectorFailure(
            .misconfigured, code: .endpointNotFound,
            message: "a case is listed and its XML isn't there (404): check connection.base_url, and that the user of "
                + "connection.user may read the e-service's cases")
    }

    public func read(_ key: RecordKey) async throws -> SourceRecord? {
        let listing = try await self.listing(key.entity)
        let id = RecordKey.normalID(key.id)
        guard let number = listing.numbers.first(where: { self.key(key.entity, $0).id == id }) else { return nil }
        return try await self.record(number, of: key.entity, at: listing.places[number]).get()
    }

    /// The cases that aren't listed any more: deleted, too old, or in a status that doesn't count.
    public func deletions(after instant: Date) async throws -> [RecordKey] {
        var keys: [RecordKey] = []
        for entity in self.entities {
            let listing = try await self.listing(entity)
            let now = self.clock.now()
            let gone = self.memories.withLock { memories in
                memories[entity]?.miss(listing, at: now)
                return memories[entity]?.gone
            }
            guard let gone else { throw Self.needsFullRead }
            keys += gone.filter { $0.value > instant }.keys.sorted().map { self.key(entity, $0) }
        }
        return keys
    }

    /// Asks for the first list of today's cases.
    public func probe() async throws {
        guard let cases = self.settings.cases.first, let status = cases.lists.first else { return }
        _ = try await self.client.list(cases, status: status, since: WallClock(self.clock.now()))
    }

    /// Closes every connection; the connector is not used afterwards.
    public func shutdown() async { await self.transport.shutdown() }

    // MARK: Lists

    /// The cases of an entity that were submitted since so many days before an instant.
    private func listing(_ entity: Entity, days: Int? = nil, before instant: Date? = nil) async throws -> OpenEPlatformListing {
        let kinds = self.settings.cases.filter { $0.entity == entity }
        guard !kinds.isEmpty else {
            throw ConnectorFailure(
                .misconfigured, code: .entityNotSet,
                message: "\(self.system) is not set up to give records of kind \(entity.rawValue): name its e-service in cases")
        }
        let since = WallClock(instant ?? self.clock.now()) - (days ?? self.settings.daysBack) * 86_400
        var listing = OpenEPlatformListing()
        for cases in kinds {
            for status in cases.lists {
                listing.take(
                    try await self.client.list(cases, status: status, since: since),
                    at: .init(family: cases.family, status: status, isNumberOnly: cases.isNumberOnly))
            }
        }
        return listing
    }

    private func key(_ entity: Entity, _ number: String) -> RecordKey {
        RecordKey(entity, RowID.uuid(system: self.system, entity: entity, parts: [number]))
    }

    private static func nameless(_ count: Int) -> [BrokenRecord] {
        (0..<count).map { _ in
            BrokenRecord(
                key: nil,
                failure: ConnectorFailure(
                    .malformedReply, code: .recordWithoutID, message: "an element of a list of cases has no number"))
        }
    }

    private static var needsFullRead: ConnectorFailure {
        ConnectorFailure(
            .transient, code: .fullReadNeeded, message: "what has changed isn't known before all cases have been read once")
    }
}
