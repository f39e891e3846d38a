import Foundation
import Hummingbird
public import Logging
public import SchoolRecords
public import ServiceLifecycle

/// A stand-in for a system that is provisioned with EGIL: a SCIM 2.0 server (RFC 7643, 7644) with the schemas `sis:school:1.0`, which
/// demands what a known server demands (attributes, ids, school unit codes) and answers errors as the RFC has them.
///
/// It listens on 127.0.0.1 at a free port. It knows filters by one attribute with `eq`, paging, PUT, PATCH, and versions (`If-Match`).
public actor SCIMStandIn: Service {
    /// How one server differs from another.
    public struct Dialect: Sendable, Hashable {
        /// Whether ids are the server's own instead of the `externalId`.
        public var givesOwnIDs = false
        /// Whether PATCH and filters are there.
        public var hasPatch = true
        public var hasFilters = true
        /// Whether a change must say which version it is of (428 otherwise).
        public var demandsVersions = false
        /// The most objects on a page.
        public var mostOnPage = 100
        /// Whether errors have the RFC's body; otherwise a line of text, as a known server has them.
        public var hasErrorBodies = true

        public init() {}

        public init(_ set: (inout Dialect) -> Void) {
            self.init()
            set(&self)
        }
    }

    struct Held {
        let id: String
        var object: JSONValue
        var version = 1
    }

    public nonisolated let key: String
    let dialect: Dialect
    nonisolated let server: StandInServer
    /// In the order of their making.
    var held: [EGILType: [Held]] = [:]
    var faults = SCIMFaults()
    var log = RequestLog()
    var requestsServed = 0
    var writesServed = 0
    var pagesServed = 0
    var lostReplies: Set<String> = []
    private var idsGiven = 0
    private var dangling = 0
    private var rewritten = 0

    /// - Parameter key: what `X-API-Key` must be.
    public init(
        dialect: Dialect = Dialect(), key: String = "stand-in-key",
        logger: Logger = Logger(label: "standin.scim", factory: { _ in SwiftLogNoOpLogHandler() })
    ) {
        self.dialect = dialect
        self.key = key
        self.server = StandInServer(name: "EGIL", logger: logger)
    }

    /// Serves until it is cancelled or shut down.
    public func run() async throws {
        try await self.server.run { request, context in await self.respond(to: request, in: context) }
    }

    /// The base address, once it listens.
    public func baseURL() async throws -> String { "http://127.0.0.1:\(try await self.server.waitUntilStarted())/scim/v2" }

    /// Misbehaves from now on.
    public func setFaults(_ faults: SCIMFaults) async throws {
        self.faults = faults
        self.requestsServed = 0
        self.writesServed = 0
        self.pagesServed = 0
        self.lostReplies = []
        try await self.server.refuse(faults.isAway)
    }

    // MARK: Looking

    /// What it holds of a type, by `externalId`, without the server's own attributes.
    public func truth(_ type: EGILType) -> [String: JSONValue] {
        Dictionary(
            (self.held[type] ?? []).map { held in
                var object = held.object
                object["id"] = nil
                object["meta"] = nil
                return (held.object["externalId"]?.stringValue ?? "", object)
            }
        ) { first, _ in first }
    }

    /// How many objects of a type there are, those with one `externalId` counted each.
    public func count(_ type: EGILType) -> Int { self.held[type]?.count ?? 0 }

    /// What was asked.
    public var requests: RequestLog { self.log }

    /// References to what wasn't there when the object was written, so far.
    public var danglingReferences: Int { self.dangling }

    /// Writes that changed nothing, so far.
    public var needlessWrites: Int { self.rewritten }

    /// An object made there by hand.
    public func make(_ type: EGILType, _ object: JSONValue) { _ = self.add(type, object) }

    // MARK: Holding

    func add(_ type: EGILType, _ object: JSONValue) -> Held {
        self.idsGiven += 1
        let external = object["externalId"]?.stringValue ?? ""
        var generator = SeededGenerator(seed: 0x5C1, index: self.idsGiven)
        let held = Held(id: self.dialect.givesOwnIDs ? generator.uuid() : external, object: object)
        self.held[type, default: []].append(held)
        self.note(type, object)
        return held
    }

    func change(_ type: EGILType, at place: Int, to object: JSONValue) -> Held? {
        guard var held = self.held[type]?[place] else { return nil }
        if held.object == object { self.rewritten += 1 } else { held.version += 1 }
        held.object = object
        self.held[type]?[place] = held
        self.note(type, object)
        return held
    }

    private func note(_ type: EGILType, _ object: JSONValue) {
        for (type, id) in type.referred(by: object)
        where !(self.held[type] ?? []).contains(where: { $0.object["externalId"]?.stringValue == id }) {
            self.dangling += 1
        }
    }

    /// As it is sent.
    func shown(_ held: Held, of type: EGILType) -> JSONValue {
        var object = held.object
        object["id"] = .string(held.id)
        object["meta"] = [
            "resourceType": .string(String(type.rawValue.dropLast())), "version": .string(Self.version(held)),
            "lastModified": .string(Date().addingTimeInterval(self.faults.clockSkew).formatted(.iso8601)),
        ]
        if self.faults.addsUnknownFields { object["nyttFält"] = ["kod": "A1", "delar": [1, nil, true]] }
        return object
    }

    static func version(_ held: Held) -> String { "W/\"\(held.version)\"" }
}

/// Runs a stand-in for as long as `body` runs; it listens when `body` begins.
public func withSCIMStandIn<Result: Sendable>(
    _ standIn: SCIMStandIn, _ body: (SCIMStandIn) async throws -> Result
) async throws -> Result {
    try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask { try await standIn.run() }
        defer { group.cancelAll() }
        _ = try await standIn.baseURL()
        return try await body(standIn)
    }
}
