import ConnectorKit
import ConnectorTesting
import Connectors
import Foundation
import Mapping
import SchoolRecords
import StandIns
import Testing

/// The EGIL stand-in with the shipped settings, as the contract for targets sees it: school units, and groups of theirs.
struct SCIMHarness: TargetHarness {
    let standIn: SCIMStandIn
    let clock = TestClock()
    /// Settings besides the shipped ones.
    var more: [String: JSONValue] = [:]

    static func with(
        _ dialect: SCIMStandIn.Dialect = .init(), _ more: [String: JSONValue] = [:], _ body: (SCIMHarness) async throws -> Void
    ) async throws {
        var dialect = dialect
        dialect.mostOnPage = 5
        try await withSCIMStandIn(SCIMStandIn(dialect: dialect)) { try await body(SCIMHarness(standIn: $0, more: more)) }
    }

    static let shown = Set(TargetFault.allCases).subtracting([.full, .notWorkingOff, .tokenDiesMidRun])
    var faults: Set<TargetFault> { Self.shown }

    func connector() async throws -> any TargetConnector { try await self.make() }

    func make(_ change: (inout JSONValue) -> Void = { _ in }) async throws -> SCIMTargetConnector {
        var settings = try #require(ShippedSystem.mappings?.inactive["egil"]?.side(.target)?.settings)
        settings["connection"] = [
            "base_url": .string(try await self.standIn.baseURL()), "authorization": "api_key",
            "api_key": ["file": .string(try ServerUnderTest.secretFile(self.standIn.key))],
        ]
        settings["request_timeout_seconds"] = 1
        for (name, value) in self.more { settings[name] = value }
        change(&settings)
        var policy = RetryPolicy()
        policy.attempts = 3
        return try SCIMTargetConnector.make(
            system: "egil", settings: settings, clock: self.clock.clock, policy: policy, logger: ServerUnderTest.silent)
    }

    /// What the stand-in holds, in the words of the shipped mappings: read by hand, not by the connector.
    func held() async throws -> Set<TargetRow> {
        var rows: Set<TargetRow> = []
        for (id, object) in await self.standIn.truth(.schoolUnit) {
            rows.insert(
                TargetRow(
                    kind: "schoolunit", key: id,
                    fields: [
                        "id": id, "name": object["displayName"]?.stringValue ?? "",
                        "code": object["schoolUnitCode"]?.stringValue ?? "",
                    ]))
        }
        for (id, object) in await self.standIn.truth(.studentGroup) {
            rows.insert(
                TargetRow(
                    kind: "studentgroup", key: id,
                    fields: [
                        "id": id, "name": object["displayName"]?.stringValue ?? "",
                        "unit": object["owner"]?["value"]?.stringValue ?? "",
                        "type": object["studentGroupType"]?.stringValue ?? "",
                    ]))
        }
        return rows
    }

    func misbehave(_ fault: TargetFault?) async throws {
        try await self.standIn.setFaults(
            SCIMFaults { faults in
                switch fault {
                case nil, .full, .notWorkingOff, .tokenDiesMidRun: break
                case .away: faults.isAway = true
                case .failing: faults.isDown = true
                case .slow: faults.delay = .seconds(3)
                case .tooManyRequests: faults.throttlesEvery = 3
                case .expiredCredentials: faults.refusesAll = true
                case .lostReplies: faults.losesReplyEvery = 3
                case .breaksOff: faults.breaksAfterWrites = 4
                case .unknownFields: faults.addsUnknownFields = true
                case .truncatedPage: faults.truncatedPage = 4
                case .wrongSchema: faults.sendsWrongShape = true
                case .wrongEncoding: faults.latin1Page = 4
                case .duplicateRows: faults.duplicatesRows = true
                case .clockSkew: faults.clockSkew = -7200
                }
            })
    }

    static func id(_ number: Int, _ letter: Character) -> String { ShippedSystem.id(number, letter) }

    func object(_ number: Int, version: Int) -> TargetRow {
        let id = Self.id(number, "a")
        return TargetRow(
            kind: "schoolunit", key: id,
            fields: ["id": id, "name": "Åsskolan \(version)", "code": String(99_000_000 + number)])
    }

    func relation(_ number: Int) -> TargetRow {
        let id = Self.id(number, "d")
        return TargetRow(
            kind: "studentgroup", key: id,
            fields: ["id": id, "name": "\(number)Ö", "unit": Self.id(number, "a"), "type": "Klass"])
    }

    var unwritable: TargetRow? {
        TargetRow(
            kind: "schoolunit", key: Self.id(9, "a"),
            fields: ["id": Self.id(9, "a"), "name": "Something", "unheardOf": "Something"])
    }

    /// Blind, everything is sent that is asked for.
    func needlessWrites() async throws -> Int? { nil }
}
