public import Foundation
public import Logging
public import SchoolRecords
public import ServiceLifecycle

/// A stand-in for Edlevo: an HTTP server that serves a synthetic municipality over SS 12000:2020 as Edlevo documents
/// it (documentation 1.4.0), with OAuth 2 client credentials, paging, filters and deleted entities.
///
/// It listens on 127.0.0.1 at a free port. Its own clock stamps every change with a `meta.modified` above all
/// before. With another ``ServerDialect`` it is another SS 12000 server. What it can't do (`expand`, names in
/// references, `relationship.*`, subscriptions) it refuses with 400 or 404 rather than answer wrongly.
public actor EdlevoStandIn: Service {
    public nonisolated let dialect: ServerDialect
    public nonisolated let clientID: String
    public nonisolated let clientSecret: String
    nonisolated let logger: Logger
    nonisolated let clock: @Sendable () -> Date
    /// The entities that it serves.
    public nonisolated let entities: [Entity]
    nonisolated let server: StandInServer
    /// Rings when something was asked or changed.
    nonisolated let bell = Bell()
    let today: CalendarDay
    let seed: UInt64

    var tables: [Entity: RecordTable]
    /// Deleted records in the order of their deletion.
    var tombstones: [(key: RecordKey, at: Timestamp)] = []
    /// Earlier states of records that were changed or deleted, oldest first; `nil` for a time of being deleted.
    var earlier: [RecordKey: [SyntheticRecord?]] = [:]
    var lastStamp: Timestamp
    var tokens = TokenDesk()
    var currentFaults = EdlevoFaults.none
    /// Lists and API requests since the faults were set.
    var pagesServed = 0
    var requestsServed = 0
    var writesServed = 0
    /// Records whose last write was done without an answer.
    var lostReplies: Set<RecordKey> = []
    /// How many writes each record has taken.
    var writeCounts: [RecordKey: Int] = [:]
    var writeTimes: [RecordKey: Date] = [:]
    /// Roles that were given and taken over the interface.
    var roleLog: [RoleWrite] = []
    /// Questions about the distance to school, each with its application.
    var cases: [String: String] = [:]
    var subscriptions = SubscriptionDesk()
    var log = RequestLog()
    /// How many steps of the story there were, and the temporary numbers given out in them.
    var draws = 0
    var laterNumbers: Set<String> = []

    /// Makes a stand-in that holds a municipality; ``run()`` starts it.
    ///
    /// - Parameters:
    ///   - clientID: what the token endpoint expects.
    ///   - clientSecret: what the token endpoint expects.
    ///   - clock: stamps changes and tokens; a stamp is never below the one before, whatever the clock says.
    public init(
        municipality: SyntheticMunicipality,
        dialect: ServerDialect = .edlevo,
        clientID: String = "knutpunkt",
        clientSecret: String = "stand-in-secret",
        clock: @escaping @Sendable () -> Date = { Date() },
        logger: Logger = Logger(label: "standin.edlevo", factory: { _ in SwiftLogNoOpLogHandler() })
    ) {
        self.init(
            records: Dictionary(uniqueKeysWithValues: Entity.roster.map { ($0, municipality.records(of: $0)) }),
            of: municipality, dialect: dialect, clientID: clientID, clientSecret: clientSecret, clock: clock, logger: logger)
    }

    /// Makes a stand-in that serves the entities of `records` and holds these.
    init(
        records: [Entity: [SyntheticRecord]], of municipality: SyntheticMunicipality, dialect: ServerDialect, clientID: String,
        clientSecret: String, clock: @escaping @Sendable () -> Date, logger: Logger
    ) {
        self.dialect = dialect
        self.clientID = clientID
        self.clientSecret = clientSecret
        self.clock = clock
        self.logger = logger
        self.server = StandInServer(name: "Edlevo", logger: logger)
        self.entities = records.keys.sorted()
        self.seed = municipality.seed
        self.today = CalendarDay(municipality.today) ?? CalendarDay(number: 0)
        var tables: [Entity: RecordTable] = [:]
        var last = Timestamp(microseconds: 0)
        for (entity, records) in records {
            for record in records { last = max(last, record.stamps.modified) }
            tables[entity] = RecordTable(records)
        }
        self.tables = tables
        self.lastStamp = last
    }

    // MARK: Running

    /// Serves until it is cancelled or shut down.
    ///
    /// - Throws: ``StandInError`` when the port can't be bound.
    public func run() async throws {
        try await self.server.run { request, context in await self.respond(to: request, in: context) }
    }

    /// Returns when a condition on this actor holds; looks again after each event.
    func wait(until condition: @Sendable (isolated EdlevoStandIn) -> Bool) async throws {
        while true {
            let seen = self.bell.rings
            if condition(self) { return }
            try await self.bell.wait(past: seen)
        }
    }

    /// Returns the port once the stand-in listens.
    ///
    /// - Throws: ``StandInError`` when it has ended; `CancellationError`.
    @discardableResult
    public func waitUntilStarted() async throws -> Int {
        try await self.server.waitUntilStarted()
    }

    /// The port it listens at; it stays the same through outages.
    ///
    /// - Throws: ``StandInError`` before it has started.
    public var port: Int {
        get throws(StandInError) { try self.server.port }
    }

    /// `http://127.0.0.1:<port>`
    public var serverURL: String {
        get throws(StandInError) { try self.server.url }
    }

    /// Where the entities are, without a trailing slash.
    public var apiURL: String {
        get throws(StandInError) { try self.serverURL + self.dialect.apiPath }
    }

    /// Where tokens are had.
    public var tokenURL: String {
        get throws(StandInError) { try self.serverURL + self.dialect.tokenPath }
    }

    // MARK: Faults and what was asked

    /// The time by its own clock.
    func now() -> Date { self.clock() + self.currentFaults.clockSkew }

    /// How it misbehaves now.
    public var faults: EdlevoFaults { self.currentFaults }

    /// Sets how it misbehaves, and returns when it does: a refusing stand-in has closed its port, one that is back
    /// listens again at the same port.
    public func setFaults(_ faults: EdlevoFaults) async throws {
        self.currentFaults = faults
        self.pagesServed = 0
        self.requestsServed = 0
        self.writesServed = 0
        try await self.server.refuse(faults.outage == .refusing)
    }

    /// Makes every token that was given out worthless.
    public func revokeTokens() { self.tokens.revokeAll() }

    /// What was asked so far.
    public var requests: RequestLog { self.log }

    /// Forgets what was asked.
    public func clearRequests() { self.log = RequestLog() }

    /// Returns once what was asked fulfils a condition.
    public func waitForRequests(until condition: @escaping @Sendable (RequestLog) -> Bool) async throws {
        try await self.wait { condition($0.log) }
    }
}
