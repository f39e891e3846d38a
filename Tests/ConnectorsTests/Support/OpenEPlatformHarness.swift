import ConnectorKit
import ConnectorTesting
import Foundation
import Mapping
import SchoolRecords
import StandIns

@testable import Connectors

/// An Open ePlatform with the settings that the project ships, as the contract for sources sees it.
struct OpenEPlatformHarness: SourceHarness {
    static let contacts = "140"
    static let password = "very-secret-password"
    static let number = "20130101TF"
    static let now = Date(timeIntervalSince1970: 1_795_420_800)

    let standIn: OpenEPlatformStandIn
    let clock: TestClock
    /// Where the status stands in an address.
    var statusIn = "path"

    static func with(
        _ form: OpenEPlatformStandIn.Form = .declared, statusIn: String = "path", isEmpty: Bool = false,
        _ body: (OpenEPlatformHarness) async throws -> Void
    ) async throws {
        let clock = TestClock(now: Self.now)
        let standIn = OpenEPlatformStandIn(form: form, password: Self.password, clock: clock.clock.now)
        try await withOpenEPlatformStandIn(standIn) { standIn in
            let harness = OpenEPlatformHarness(standIn: standIn, clock: clock, statusIn: statusIn)
            if !isEmpty {
                for number in 0..<8 {
                    let form = Self.form(number, version: number % 2 == 0 ? .current : .former)
                    await standIn.apply(form, status: number % 3 == 0 ? "Beviljat" : "Inskickat", daysAgo: number)
                }
                // What doesn't count: another status, too long ago.
                await standIn.apply(Self.form(8), status: "Preliminär")
                await standIn.apply(Self.form(9), daysAgo: 1200)
                for number in 0..<5 { await standIn.apply(Self.form(number), family: Self.contacts, daysAgo: number) }
            }
            try await body(harness)
        }
    }

    static func form(_ number: Int, version: TransportForm.Version = .current) -> TransportForm {
        var form = TransportForm(number: "\(self.number)0\(number)", school: "Exempelskolan", startDate: "2026-12-01")
        form.version = version
        form.givenName = "Åsa"
        form.familyName = "Prövsson\(number)"
        form.reasons = number % 2 == 0 ? ["Lång färdväg"] : ["Lång färdväg", "Farlig väg"]
        return form
    }

    static let shown = Set(SourceFault.allCases).subtracting([.endlessPages, .tokenDiesMidRun])
    var faults: Set<SourceFault> { Self.shown }
    var brokenEntity: Entity { .transportApplication }
    /// Two in each list.
    var brokenElementsWithoutKey: Int { 2 * Self.statuses.count }
    var longAgo: Date { Self.now }
    var secrets: [String] { [Self.password, Self.number, "Prövsson"] }

    /// Those in the shipped settings.
    static let statuses = [
        "Inskickat", "Automatiskt beviljat", "Automatiskt beviljat delegationsbeslut", "Beviljat", "Beviljat delegationsbeslut",
    ]

    func settings(_ change: (inout JSONValue) -> Void = { _ in }) async throws -> JSONValue {
        guard let description = ShippedSystem.mappings?.inactive["openeplatform"],
            var settings = description.side(.source)?.settings
        else { return .null }
        settings["connection"] = [
            "base_url": .string(try await self.standIn.serverURL()), "user": .string(self.standIn.user),
            "password": ["file": .string(try ServerUnderTest.secretFile(Self.password))], "status_in": .string(self.statusIn),
        ]
        // Requests to be contacted have nothing that the contract could look at; they are tried apart.
        settings["cases"] = .array((settings["cases"]?.arrayValue ?? []).filter { $0["read"] == nil })
        settings["page_limit"] = 3
        settings["request_timeout_seconds"] = .number(1.5)
        change(&settings)
        return settings
    }

    /// A connector that hasn't read anything yet.
    func fresh(_ change: (inout JSONValue) -> Void = { _ in }) async throws -> OpenEPlatformConnector {
        try OpenEPlatformConnector.make(
            system: "openeplatform", settings: try await self.settings(change), clock: self.clock.clock,
            policy: ShippedSystem.policy, logger: ServerUnderTest.silent)
    }

    /// One that has read everything once, as it has when it is asked for changes.
    func connector() async throws -> any SourceConnector {
        let connector = try await self.fresh()
        for entity in connector.entities { try await connector.read(entity, scope: .full) { _ in } }
        return connector
    }

    // MARK: What there is

    /// Written by hand from the stand-in's cases, not read by the connector.
    func held(_ entity: Entity) async throws -> [String: JSONValue] {
        let oldest = self.clock.clock.now().addingTimeInterval(-1095 * 86_400)
        let counting = await self.standIn.cases.values.filter { held in
            held.submitted > oldest && held.family == "136" && Self.statuses.contains(held.status)
        }
        return Dictionary(uniqueKeysWithValues: counting.map { (Self.id($0.number), Self.document($0)) })
    }

    static func id(_ number: Int, _ entity: Entity = .transportApplication) -> String {
        RowID.uuid(system: "openeplatform", entity: entity, parts: [String(number)])
    }

    private static func document(_ held: PlatformCase) -> JSONValue {
        var document = Self.json(held.elements)
        document["id"] = .string(self.id(held.number))
        document["caseNumber"] = .string(String(held.number))
        document["submittedAt"] = .string(Instant.text(held.submitted))
        document["meta"] = ["modified": .string(Instant.text(held.updated))]
        return document
    }

    private static func json(_ elements: [PlatformElement]) -> JSONValue {
        var members: [String: JSONValue] = [:]
        for element in elements {
            let value = element.text.map(JSONValue.string) ?? self.json(element.children)
            if element.name == "Value" {
                members["Value"] = .array((members["Value"]?.arrayValue ?? []) + [value])
            } else {
                members[element.name] = value
            }
        }
        return .object(JSONObject(members))
    }

    private func number(_ key: RecordKey) async -> Int? {
        await self.standIn.cases.keys.first { Self.id($0, key.entity) == key.id }
    }

    func change(_ key: RecordKey) async throws {
        guard let number = await self.number(key) else { return }
        self.clock.advance(by: .seconds(900))
        await self.standIn.change(number, to: Self.form(7))
    }

    func delete(_ key: RecordKey) async throws {
        self.clock.advance(by: .seconds(900))
        if let number = await self.number(key) { await self.standIn.delete(number) }
    }

    func misbehave(_ fault: SourceFault?) async throws {
        try await self.standIn.setFaults(
            OpenEPlatformFaults { faults in
                switch fault {
                case nil, .endlessPages, .tokenDiesMidRun: break
                case .down: faults.outage = .refusing
                case .failing: faults.outage = .unavailable
                case .slow: faults.delay = .seconds(4)
                case .tooManyRequests: faults.throttle = .init(every: 2, retryAfter: 7)
                case .expiredCredentials: faults.refusesUsers = true
                case .truncatedPage: faults.truncatedDocument = 6
                case .disconnectedPage: faults.disconnectedDocument = 2
                case .foreignPage: faults.htmlDocument = 7
                case .failedPage: faults.failedDocument = 1
                case .brokenRecord: faults.numberless = 2
                case .duplicateRows: faults.duplicates = true
                case .unknownFields: faults.addsUnknown = true
                case .empty: faults.isEmpty = true
                case .wrongEncoding: faults.saysUTF8Document = 6
                case .wrongSchema: faults.isOfAnotherShape = true
                case .clockSkew: faults.clockSkew = -7200
                }
            })
    }
}
