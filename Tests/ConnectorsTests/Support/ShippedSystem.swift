import ConnectorKit
import ConnectorTesting
import Connectors
import Foundation
import Mapping
import SchoolRecords
import StandIns
import Testing

/// One of the two-way systems with the settings that the project ships, set to a stand-in of it.
struct ShippedSystem {
    let system: TwoWaySystem
    let standIn: SS12000StandIn
    let clock = TestClock()

    static let mappings: MappingSet? = {
        var root = URL(fileURLWithPath: #filePath)
        for _ in 0..<4 { root.deleteLastPathComponent() }
        return MappingSet.load(directory: root.appendingPathComponent("Mappings").path).set
    }()

    /// - Parameter isEmpty: whether it holds nothing; otherwise at least six records of each entity.
    static func with(_ system: TwoWaySystem, isEmpty: Bool, _ body: (ShippedSystem) async throws -> Void) async throws {
        let municipality = try SyntheticMunicipality(scale: .custom(children: 40), seed: 7, today: "2026-11-23")
        let standIn = try SS12000StandIn(
            system, in: municipality, isEmpty: isEmpty, clientSecret: "very-secret-words")
        if !isEmpty {
            for entity in system.entities {
                for number in 0..<max(0, 6 - (await standIn.count(of: entity))) {
                    try await standIn.upsert(
                        entity, ["id": .string(Self.id(number, "e")), "student": ["id": .string(Self.id(1, "b"))]])
                }
            }
        }
        try await withEdlevoStandIn(standIn) { try await body(ShippedSystem(system: system, standIn: $0)) }
    }

    /// The shipped settings of a direction, with the stand-in's addresses and credentials.
    func settings(_ direction: SystemDescription.Direction) async throws -> JSONValue {
        let set = try #require(Self.mappings)
        let description = try #require(set.inactive[self.system.rawValue])
        var settings = try #require(description.side(direction)).settings
        let own = try await EdlevoHarness.settings(self.standIn)
        settings["connection"] = own["connection"]
        settings["request_timeout_seconds"] = .number(1.5)
        return settings
    }

    static func id(_ number: Int, _ letter: Character) -> String {
        let digits = String(number)
        return "0000000\(letter)-0000-4000-8000-" + String(repeating: "0", count: 12 - digits.count) + digits
    }

    static var policy: RetryPolicy {
        var policy = RetryPolicy()
        policy.attempts = 3
        return policy
    }
}

/// A shipped system as the contract for sources sees it.
struct ShippedSourceHarness: SourceHarness {
    let shipped: ShippedSystem

    private var server: EdlevoHarness { EdlevoHarness(standIn: self.shipped.standIn) }

    static let shown = Set(SourceFault.allCases)
    var faults: Set<SourceFault> { Self.shown }

    var brokenEntity: Entity {
        switch self.shipped.system {
        case .skola24, .tempus: .absence
        case .vega: .transportEligibility
        case .eservice: .transportApplication
        }
    }

    var brokenElementsWithoutKey: Int { 2 }
    var secrets: [String] { [self.shipped.standIn.clientSecret, "standin."] }

    func connector() async throws -> any SourceConnector {
        var settings = try await self.shipped.settings(.source)
        settings["page_limit"] = 3
        return try SS12000Connector.make(
            system: self.shipped.system.rawValue, settings: settings, clock: self.shipped.clock.clock,
            policy: ShippedSystem.policy, logger: ServerUnderTest.silent)
    }

    func held(_ entity: Entity) async throws -> [String: JSONValue] { try await self.server.held(entity) }
    func change(_ key: RecordKey) async throws { try await self.server.change(key) }
    func delete(_ key: RecordKey) async throws { try await self.server.delete(key) }

    func misbehave(_ fault: SourceFault?) async throws {
        if fault == .expiredCredentials || fault == .tokenDiesMidRun { await self.shipped.standIn.revokeTokens() }
        try await self.shipped.standIn.setFaults(EdlevoHarness.faults(fault, brokenEntity: self.brokenEntity))
    }
}

/// A shipped system as the contract for targets sees it.
struct ShippedTargetHarness: TargetHarness {
    let shipped: ShippedSystem
    /// Whether roles are written, instead of what else the system takes.
    var isAboutRoles = false

    private var rest: RESTHarness { RESTHarness(standIn: self.shipped.standIn, posts: false) }

    var faults: Set<TargetFault> { self.rest.faults }

    func connector() async throws -> any TargetConnector {
        var settings = try await self.shipped.settings(.target)
        settings["page_limit"] = 5
        settings["request_timeout_seconds"] = 1
        return try RESTTargetConnector.make(
            system: self.shipped.system.rawValue, settings: settings, clock: self.shipped.clock.clock,
            policy: ShippedSystem.policy, logger: ServerUnderTest.silent)
    }

    /// What the stand-in holds, in the words of the shipped bodies: read by hand, not by the connector.
    func held() async throws -> Set<TargetRow> {
        let settings = try await self.shipped.settings(.target)
        var rows: Set<TargetRow> = []
        for resource in settings["resources"]?.arrayValue ?? [] {
            let path = resource["path"]?.stringValue ?? ""
            let entity = try #require(self.shipped.system.entities.first { ($0.standardPath ?? $0.rawValue) == path })
            for (id, document) in try await self.shipped.standIn.truth(entity) {
                var fields: [String: String] = [:]
                guard Self.read(resource["body"] ?? .null, document, &fields) else { continue }
                rows.insert(TargetRow(kind: resource["kind"]?.stringValue ?? "", key: id, fields: fields))
            }
        }
        return rows
    }

    private static func read(_ body: JSONValue, _ value: JSONValue?, _ fields: inout [String: String]) -> Bool {
        switch body {
        case .object(let members): return members.allSatisfy { Self.read($1, value?[$0], &fields) }
        case .array(let elements):
            return elements.enumerated().allSatisfy { place, element in
                let values = value?.arrayValue ?? []
                return Self.read(element, place < values.count ? values[place] : nil, &fields)
            }
        case .string(let text) where text.hasPrefix("{"):
            let name = String(text.dropFirst().prefix { $0 != "}" && $0 != ":" })
            switch value {
            case .string(let text)?: fields[name] = text
            case .integer(let number)?: fields[name] = String(number)
            case .bool(let truth)?: fields[name] = String(truth)
            default: break
            }
            return true
        default: return value == body
        }
    }

    func misbehave(_ fault: TargetFault?) async throws { try await self.rest.misbehave(fault) }

    func object(_ number: Int, version: Int) -> TargetRow {
        let id = ShippedSystem.id(number, "a")
        if self.isAboutRoles { return self.role(number, "rektor", at: ShippedSystem.id(1, "c"), to: "2027-0\(version)-01") }
        switch self.shipped.system {
        case .skola24: return self.absence(id, number, to: "2026-11-23T1\(4 + version):00:00Z")
        case .tempus:
            return TargetRow(
                kind: "placement", key: id,
                fields: [
                    "id": id, "child": ShippedSystem.id(number, "b"), "unit": ShippedSystem.id(1, "c"), "schoolType": "FTH",
                    "startDate": "2026-08-17", "hours": String(20 + version),
                ])
        case .vega:
            return TargetRow(
                kind: "pupil", key: id,
                fields: [
                    "id": id, "givenName": "Prov", "familyName": "Provsson", "addressType": "Folkbokföring",
                    "street": "Åsgatan \(version)", "postalCode": "12345", "locality": "Exempelstad",
                    "school": ShippedSystem.id(1, "c"), "schoolType": "GR", "schoolYear": "7", "from": "2026-08-17",
                ])
        case .eservice:
            return self.decision(id, number, version % 2 == 0 ? "granted" : "needsReview", preliminary: true)
        }
    }

    func relation(_ number: Int) -> TargetRow {
        let id = ShippedSystem.id(number, "d")
        if self.isAboutRoles { return self.role(number, "handläggare", at: nil, to: nil) }
        switch self.shipped.system {
        case .skola24, .tempus: return self.absence(id, number, to: "2026-11-23T11:00:00Z")
        case .vega:
            return TargetRow(
                kind: "application", key: id,
                fields: [
                    "id": id, "child": ShippedSystem.id(number, "b"), "school": ShippedSystem.id(1, "c"), "reason": "distance",
                    "submittedAt": "2026-11-20T15:00:00Z", "startDate": "2026-12-01",
                ])
        case .eservice: return self.decision(id, number, "granted", preliminary: false)
        }
    }

    private func role(_ number: Int, _ name: String, at unit: String?, to end: String?) -> TargetRow {
        let person = ShippedSystem.id(number, "b")
        var fields = ["person": person, "role": name, "scope": unit ?? "kommun"]
        fields["unit"] = unit
        fields["to"] = end
        return TargetRow(kind: "role", key: "\(person)|\(name)|\(unit ?? "kommun")", fields: fields)
    }

    private func decision(_ id: String, _ number: Int, _ outcome: String, preliminary: Bool) -> TargetRow {
        TargetRow(
            kind: "decision", key: id,
            fields: [
                "id": id, "application": ShippedSystem.id(number, "e"), "child": ShippedSystem.id(number, "b"),
                "outcome": outcome, "preliminary": "\(preliminary)", "decidedDate": "2026-11-20", "startDate": "2026-12-01",
            ])
    }

    private func absence(_ id: String, _ number: Int, to: String) -> TargetRow {
        TargetRow(
            kind: "absence", key: id,
            fields: [
                "id": id, "student": ShippedSystem.id(number, "b"), "type": "Anmäld frånvaro", "from": "2026-11-23T07:00:00Z",
                "to": to,
            ])
    }

    var unwritable: TargetRow? {
        var row = self.object(9, version: 1)
        row = TargetRow(kind: row.kind, key: row.key, fields: row.fields.merging(["unheardOf": "Something"]) { $1 })
        return row
    }

    func needlessWrites() async throws -> Int? { nil }
}
