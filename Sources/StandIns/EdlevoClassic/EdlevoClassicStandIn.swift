public import Foundation
public import Logging
public import ServiceLifecycle

/// A stand-in for Edlevo's classic services: an HTTP server that speaks XML as Tietoevry documents it (Organization v12, Person v6,
/// Personnel v8, Absence v2, Monitoring v1, Calendar v2), over the same municipality as an ``EdlevoStandIn``: what is changed there
/// is changed here.
///
/// It listens on 127.0.0.1 at a free port. Services that it lacks are 404; what it can't do it refuses with 400.
public actor EdlevoClassicStandIn: Service {
    /// Whose records are served.
    public nonisolated let register: EdlevoStandIn
    public nonisolated let licenseKey: String
    nonisolated let logger: Logger
    nonisolated let clock: @Sendable () -> Date
    nonisolated let server: StandInServer
    /// Where the services are; `{api}`, `{version}` and `{service}` are places.
    public nonisolated let path: String

    var currentFaults = EdlevoClassicFaults.none
    var documentsServed = 0
    var requestsServed = 0
    var writesServed = 0
    var lostReplies: Set<String> = []
    /// Services that the licence doesn't open, by name.
    var closedServices: Set<String> = []
    var log = RequestLog()
    var holdings = ClassicHoldings()
    var personnel = PersonnelInbox()

    /// Makes a stand-in over a register; ``run()`` starts it. The register itself need not run.
    public init(
        of register: EdlevoStandIn, licenseKey: String = "stand-in-license",
        path: String = "/WE.Education.Integration.Host.Proxy/LES/{api}/v{version}/{api}/{service}",
        clock: @escaping @Sendable () -> Date = { Date() },
        logger: Logger = Logger(label: "standin.edlevo-classic", factory: { _ in SwiftLogNoOpLogHandler() })
    ) {
        self.register = register
        self.licenseKey = licenseKey
        self.path = path
        self.clock = clock
        self.logger = logger
        self.server = StandInServer(name: "classic Edlevo", logger: logger)
    }

    // MARK: Running

    /// Serves until it is cancelled or shut down.
    ///
    /// - Throws: ``StandInError`` when the port can't be bound.
    public func run() async throws {
        try await self.server.run { request, context in await self.respond(to: request, in: context) }
    }

    /// Returns once the stand-in listens.
    ///
    /// - Throws: ``StandInError`` when it has ended; `CancellationError`.
    public func waitUntilStarted() async throws {
        try await self.server.waitUntilStarted()
    }

    /// `http://127.0.0.1:<port>`; the same through outages.
    ///
    /// - Throws: ``StandInError`` before it has started.
    public var serverURL: String {
        get throws(StandInError) { try self.server.url }
    }

    // MARK: Faults and what was asked

    /// The time by its own clock.
    func now() -> Date { self.clock() + self.currentFaults.clockSkew }

    /// Sets how it misbehaves, and returns when it does.
    public func setFaults(_ faults: EdlevoClassicFaults) async throws {
        self.currentFaults = faults
        self.documentsServed = 0
        self.requestsServed = 0
        self.writesServed = 0
        try await self.register.setFaults(EdlevoFaults { $0.clockSkew = faults.clockSkew })
        try await self.server.refuse(faults.outage == .refusing)
    }

    /// Services that the licence doesn't open from now on, e.g. `GetPersonInfo`.
    public func close(services: Set<String>) { self.closedServices = Set(services.map { $0.lowercased() }) }

    /// What was asked so far, by the services' names.
    public var requests: RequestLog { self.log }

    /// Forgets what was asked.
    public func clearRequests() { self.log = RequestLog() }
}

/// Runs a stand-in for as long as `body` runs; it listens when `body` begins.
public func withEdlevoClassicStandIn<Result: Sendable>(
    _ standIn: EdlevoClassicStandIn, _ body: (EdlevoClassicStandIn) async throws -> Result
) async throws -> Result {
    try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask { try await standIn.run() }
        defer { group.cancelAll() }
        try await standIn.waitUntilStarted()
        return try await body(standIn)
    }
}
