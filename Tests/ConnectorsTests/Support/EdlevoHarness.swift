import ConnectorKit
import ConnectorTesting
import Connectors
import Foundation
import SchoolRecords
import StandIns

/// An Edlevo stand-in, or another SS 12000 server, as the contract for sources sees it.
struct EdlevoHarness: SourceHarness {
    let standIn: EdlevoStandIn
    let clock = TestClock()

    static func with(_ dialect: ServerDialect, _ body: (EdlevoHarness) async throws -> Void) async throws {
        let municipality = try SyntheticMunicipality(scale: .custom(children: 40), seed: 7, today: "2026-11-23")
        let standIn = EdlevoStandIn(municipality: municipality, dialect: dialect, clientSecret: "very-secret-words")
        try await withEdlevoStandIn(standIn) { try await body(EdlevoHarness(standIn: $0)) }
    }

    static let shown = Set(SourceFault.allCases)
    var faults: Set<SourceFault> { Self.shown }
    var brokenEntity: Entity { .person }
    var brokenElementsWithoutKey: Int { 2 }

    var secrets: [String] {
        get async throws {
            let persons = try await self.standIn.truth(.person).values
            return [self.standIn.clientSecret, "standin."]
                + persons.prefix(20).compactMap { $0["civicNo"]?["value"]?.stringValue }
        }
    }

    /// The settings of a server like this one, as a system.yaml has them.
    static func settings(_ standIn: EdlevoStandIn, pageLimit: Int64? = nil, timeout: JSONValue = 5) async throws -> JSONValue {
        let secret = try ServerUnderTest.secretFile(standIn.clientSecret)
        var settings: JSONValue = [
            "connector": "ss12000",
            "connection": [
                "base_url": .string(try await standIn.serverURL),
                "token_url": .string(try await standIn.tokenURL),
                "api_path": .string(standIn.dialect.apiPath),
                "client_id": .string(standIn.clientID),
                "client_secret": ["file": .string(secret)],
                "deleted_entities_path": .string(standIn.dialect.deletedEntitiesPath),
            ],
            "request_timeout_seconds": timeout,
        ]
        if let pageLimit { settings["page_limit"] = .integer(pageLimit) }
        return settings
    }

    func connector() async throws -> any SourceConnector {
        var policy = RetryPolicy()
        policy.attempts = 3
        return try SS12000Connector.make(
            system: "edlevo", settings: try await Self.settings(self.standIn, pageLimit: 3, timeout: .number(1.5)),
            clock: self.clock.clock, policy: policy, logger: ServerUnderTest.silent)
    }

    func held(_ entity: Entity) async throws -> [String: JSONValue] {
        try await self.standIn.truth(entity).mapValues { document in
            guard let hours = self.standIn.dialect.timestampOffset else { return document }
            var document = document
            document["meta"] = .object((document["meta"]?.objectValue ?? [:]).mapValues { Self.shifted($0, hours: hours) })
            return document
        }
    }

    /// The same instant, written with another offset.
    private static func shifted(_ value: JSONValue, hours: Int) -> JSONValue {
        let formatter = ISO8601DateFormatter()
        formatter.formatOptions = [.withInternetDateTime, .withFractionalSeconds]
        guard let date = value.stringValue.flatMap(formatter.date(from:)) else { return value }
        formatter.timeZone = TimeZone(secondsFromGMT: hours * 3600)
        return .string(formatter.string(from: date))
    }

    func change(_ key: RecordKey) async throws {
        guard var document = await self.standIn.document(key) else { return }
        document["url"] = "https://changed.example"
        try await self.standIn.upsert(key.entity, document)
    }

    func delete(_ key: RecordKey) async throws { await self.standIn.delete(key) }

    func misbehave(_ fault: SourceFault?) async throws {
        if fault == .expiredCredentials { await self.standIn.revokeTokens() }
        if fault == .tokenDiesMidRun { await self.standIn.revokeTokens() }
        try await self.standIn.setFaults(Self.faults(fault, brokenEntity: self.brokenEntity))
    }

    /// A fault of the contract as the stand-in shows it.
    static func faults(_ fault: SourceFault?, brokenEntity: Entity) -> EdlevoFaults {
        EdlevoFaults { faults in
            switch fault {
            case nil: break
            case .down: faults.outage = .refusing
            case .failing: faults.outage = .unavailable
            case .slow: faults.delay = .seconds(4)
            case .tooManyRequests: faults.throttle = .init(every: 2, retryAfter: 7)
            case .expiredCredentials: faults.refusesClients = true
            case .tokenDiesMidRun: faults.tokenUses = 3
            case .truncatedPage: faults.truncatedPage = 2
            case .disconnectedPage: faults.disconnectedPage = 2
            case .foreignPage: faults.htmlPage = 2
            case .failedPage: faults.failedPage = 2
            case .endlessPages: faults.repeatsPageToken = true
            case .brokenRecord:
                faults.brokenRecords = Set(EdlevoFaults.BrokenRecord.allCases)
                faults.brokenEntity = brokenEntity
            case .duplicateRows: faults.duplicatesRows = true
            case .unknownFields: faults.addsUnknownFields = true
            case .empty: faults.isEmpty = true
            case .wrongEncoding: faults.latin1Page = 1
            case .wrongSchema: faults.sendsWrongShape = true
            case .clockSkew: faults.clockSkew = -7200
            }
        }
    }
}
