public import Foundation
public import Logging
public import SchoolRecords
public import ServiceLifecycle

/// A stand-in for Skolverket's test service: its Provisioning API (1.3.1) with bulk calls and jobs, its limits (5 and 10 calls a second,
/// 200 kB a call), its checks, and the token desk in front of it. Also the webhook that its SS 12000 client is told of changes by;
/// ``DNPFetcher`` is that client.
///
/// It listens on 127.0.0.1 at a free port. What a bulk call brings is checked against what is there when it comes, and is there once its
/// job is done: who doesn't wait for persons before sending their duties is told so. Deleting a person deletes the duties and
/// memberships too, which Skolverket doesn't describe.
public actor DNPStandIn: Service {
    /// A bulk call that was taken.
    struct Job {
        let id: String
        let kind: DNPKind
        let isDeletion: Bool
        /// What is to be written, or ids alone, in order.
        let objects: [(id: String, object: JSONValue)]
        let responses: [JSONValue]
        let due: Date
        var isDone = false
    }

    public static let organizationID = "SE2120000000"
    static let apiPath = "/provisioning/v1"
    static let tokenPath = "/transaction"
    static let mostBytes = 200 * 1024

    /// What a client shows: this entity id.
    public nonisolated let entityID: String
    nonisolated let clock: @Sendable () -> Date
    nonisolated let server: StandInServer
    nonisolated let bell = Bell()
    /// How long a job takes.
    nonisolated let lag: Double

    var held: [DNPKind: [String: JSONValue]] = [:]
    var units: Set<String>?
    var tests: Set<String>?
    var jobs: [Job] = []
    /// By id, where in ``jobs``.
    var jobPlaces: [String: Int] = [:]
    var firstOpenJob = 0
    var tokens: DNPTokenDesk
    /// Taken by the webhook, and by nobody yet.
    var notices: [Notice] = []
    var currentFaults = DNPFaults()
    var writes = DNPQuota(limit: 5)
    var reads = DNPQuota(limit: 10)
    var seen = DNPStatistics()
    /// Since the faults were set.
    var callsServed = 0
    var readingsServed = 0
    var rowsServed = 0

    /// - Parameters:
    ///   - fingerprints: of client certificates that are let in, besides the entity id.
    ///   - lag: seconds until a job is done.
    ///   - clock: what seconds are counted by.
    public init(
        entityID: String = "https://kommun.example", fingerprints: Set<String> = [], lag: Double = 0.2,
        clock: @escaping @Sendable () -> Date = { Date() },
        logger: Logger = Logger(label: "standin.dnp", factory: { _ in SwiftLogNoOpLogHandler() })
    ) {
        self.entityID = entityID
        self.lag = lag
        self.clock = clock
        self.server = StandInServer(name: "Skolverket", logger: logger)
        self.tokens = DNPTokenDesk(
            clients: fingerprints.union([entityID]), organizationID: Self.organizationID)
    }

    /// Serves until it is cancelled or shut down.
    ///
    /// - Throws: ``StandInError`` when the port can't be bound.
    public func run() async throws {
        try await self.server.run { request, context in await self.respond(to: request, in: context) }
    }

    /// Returns once it listens.
    @discardableResult
    public func waitUntilStarted() async throws -> Int { try await self.server.waitUntilStarted() }

    /// The interface's address, without a slash at its end.
    public var baseURL: String {
        get throws(StandInError) { try self.server.url + Self.apiPath }
    }

    /// Where tokens are had.
    public var tokenURL: String {
        get throws(StandInError) { try self.server.url + Self.tokenPath }
    }

    // MARK: What a test asks and does

    /// What it holds of a kind, by id, with every job done.
    public func objects(_ kind: DNPKind) -> [String: JSONValue] {
        self.work(until: .distantFuture)
        return self.held[kind] ?? [:]
    }

    /// Puts an object there as if it had been sent.
    public func put(_ kind: DNPKind, _ object: JSONValue) {
        guard let id = object["id"]?.stringValue else { return }
        self.held[kind, default: [:]][id] = object
    }

    /// Takes an object away in Skolverket's own way.
    public func remove(_ kind: DNPKind, _ id: String) { self.delete(kind, id) }

    /// Skolverket's ids of school units and tests; `nil` takes every one.
    public func allow(units: Set<String>?, tests: Set<String>?) {
        self.units = units
        self.tests = tests
    }

    /// What it has seen.
    public var statistics: DNPStatistics {
        var seen = self.seen
        seen.mostWritesPerSecond = self.writes.most
        seen.mostReadsPerSecond = self.reads.most
        return seen
    }

    /// Sets how it misbehaves, and returns when it does.
    public func setFaults(_ faults: DNPFaults) async throws {
        if self.currentFaults.isStuck, !faults.isStuck {
            // What was stuck is forgotten.
            for place in self.jobs.indices where !self.jobs[place].isDone { self.jobPlaces[self.jobs[place].id] = nil }
            self.firstOpenJob = self.jobs.count
        }
        self.currentFaults = faults
        self.callsServed = 0
        self.readingsServed = 0
        self.rowsServed = 0
        try await self.server.refuse(faults.outage == .refusing)
    }

    /// Makes every token that was given out worthless.
    public func revokeTokens() { self.tokens.revokeAll() }

    /// Returns once a condition on what it holds and has seen is true; looked at after each call.
    public func wait(until condition: @Sendable (isolated DNPStandIn) -> Bool) async throws {
        while true {
            let rings = self.bell.rings
            if condition(self) { return }
            try await self.bell.wait(past: rings)
        }
    }

    func now() -> Date { self.clock().addingTimeInterval(self.currentFaults.clockSkew) }
}

/// Runs a stand-in for as long as `body` runs; it listens when `body` begins.
public func withDNPStandIn<Result: Sendable>(
    _ standIn: DNPStandIn, _ body: (DNPStandIn) async throws -> Result
) async throws -> Result {
    try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask { try await standIn.run() }
        defer { group.cancelAll() }
        try await standIn.waitUntilStarted()
        return try await body(standIn)
    }
}
