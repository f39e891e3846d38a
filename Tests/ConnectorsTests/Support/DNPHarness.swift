import ConnectorKit
import ConnectorTesting
import Connectors
import Foundation
import SchoolRecords
import StandIns

/// Skolverket's test service as the contract for targets sees it.
struct DNPHarness: TargetHarness {
    /// What is an object, and what refers to it.
    enum Matter: String, CaseIterable {
        /// Staff, and their duties.
        case staff
        /// Groups, and pupils in them; the pupils are there.
        case groups
    }

    let standIn: DNPStandIn
    let clock: TestClock
    let matter: Matter

    static func with(
        _ matter: Matter = .staff, fingerprints: Set<String> = [], _ body: (DNPHarness) async throws -> Void
    ) async throws {
        let clock = TestClock()
        let standIn = DNPStandIn(fingerprints: fingerprints, clock: clock.clock.now)
        await standIn.allow(units: [Self.unit, Self.otherUnit], tests: nil)
        let harness = DNPHarness(standIn: standIn, clock: clock, matter: matter)
        if matter == .groups {
            for number in 1...20 { await standIn.put(.person, Self.pupil(number)) }
        }
        try await withDNPStandIn(standIn) { _ in try await body(harness) }
    }

    static let shown = Set(TargetFault.allCases).subtracting([.full])
    var faults: Set<TargetFault> { Self.shown }

    func settings(_ change: (inout JSONValue) -> Void = { _ in }) async throws -> JSONValue {
        var settings: JSONValue = [
            "connector": "dnp",
            "connection": [
                "base_url": .string(try await self.standIn.baseURL), "token_url": .string(try await self.standIn.tokenURL),
                "entity_id": .string(self.standIn.entityID),
            ],
            "request_timeout_seconds": 1, "page_limit": 5, "job_timeout_seconds": 60,
        ]
        change(&settings)
        return settings
    }

    func connector(_ change: (inout JSONValue) -> Void) async throws -> DNPConnector {
        var policy = RetryPolicy()
        policy.attempts = 3
        return try DNPConnector.make(
            system: "dnp", settings: try await self.settings(change), clock: self.clock.clock, policy: policy,
            logger: ServerUnderTest.silent)
    }

    func connector() async throws -> any TargetConnector {
        switch self.matter {
        case .staff: try await self.connector { _ in }
        case .groups: GroupsAlone(connector: try await self.connector { $0["group_units"] = "rows" })
        }
    }

    // MARK: Ids

    static let unit = "17e2536c-113d-5cac-bcf6-2491e7ffb2bb"
    static let otherUnit = "1d508b51-9879-5836-b01a-1e4f6c9a93e3"
    static let test = "505c5ee0-7be4-560d-9c27-10ab0d96ac9a"

    static func id(_ number: Int, _ letter: Character) -> String {
        let digits = String(number)
        return "0000000\(letter)-0000-4000-8000-" + String(repeating: "0", count: 12 - digits.count) + digits
    }

    /// A number that can't be anybody's.
    static func civicNo(_ number: Int) -> String { "20130101TF" + (number % 100 < 10 ? "0" : "") + String(number % 100) }

    static func pupil(_ number: Int, unit: String = DNPHarness.unit) -> JSONValue {
        [
            "id": .string(Self.id(number, "e")), "givenName": "Åke", "familyName": "Östlund",
            "civicNo": ["value": .string(Self.civicNo(number)), "nationality": "SE"],
            "eduPersonPrincipalNames": [.string("e\(number)@edu.example")],
            "enrolments": [["enroledAt": ["id": .string(unit)], "schoolType": "GR", "schoolYear": 7]],
        ]
    }

    // MARK: Rows

    static func person(_ number: Int, family: String = "Östlund", eppn: String? = nil) -> TargetRow {
        let id = Self.id(number, "a")
        return TargetRow(
            kind: "person", key: id,
            fields: [
                "id": id, "givenName": "Åke", "familyName": family, "civicNo": Self.civicNo(number),
                "eppn": eppn ?? "p\(number)@edu.example", "email": "p\(number)@skola.example", "emailType": "Skola personal",
            ])
    }

    static func enrolment(_ person: String, unit: String = DNPHarness.unit, year: Int = 7) -> TargetRow {
        TargetRow(
            kind: "enrolment", key: "\(person)|\(unit)|GR",
            fields: ["person": person, "unit": unit, "schoolType": "GR", "schoolYear": String(year)])
    }

    static func duty(_ number: Int) -> TargetRow {
        let id = Self.id(number, "d")
        return TargetRow(
            kind: "duty", key: id,
            fields: ["id": id, "person": Self.id(number, "a"), "unit": Self.unit, "role": "Lärare"])
    }

    static func group(_ number: Int, name: String? = nil, type: String = "Klass", unit: String? = nil) -> TargetRow {
        let id = Self.id(number, "b")
        var fields = ["id": id, "name": name ?? "Klass \(number) Å", "type": type, "schoolType": "GR"]
        fields["unit"] = unit
        return TargetRow(kind: "group", key: id, fields: fields)
    }

    static func member(_ group: Int, _ person: String) -> TargetRow {
        let id = Self.id(group, "b")
        return TargetRow(kind: "member", key: "\(id)|\(person)", fields: ["group": id, "person": person])
    }

    func object(_ number: Int, version: Int) -> TargetRow {
        switch self.matter {
        case .staff: Self.person(number, family: "Östlund\(version)")
        case .groups: Self.group(number, name: "Klass \(number) Å\(version)", unit: Self.unit)
        }
    }

    func relation(_ number: Int) -> TargetRow {
        switch self.matter {
        case .staff: Self.duty(number)
        case .groups: Self.member(number, Self.id(number, "e"))
        }
    }

    var unwritable: TargetRow? {
        switch self.matter {
        case .staff: Self.person(9, eppn: "ake.ostlund@edu.example")
        case .groups: Self.group(9, type: "Avdelning", unit: Self.unit)
        }
    }

    // MARK: What is held

    /// Read by hand, not by the connector; the pupils that were there from the start are left out.
    func held() async throws -> Set<TargetRow> {
        var rows: Set<TargetRow> = []
        func text(_ value: JSONValue?) -> String { value?.stringValue ?? "" }
        for (id, person) in await self.standIn.objects(.person) where !id.hasPrefix("0000000e") {
            rows.insert(
                TargetRow(
                    kind: "person", key: id,
                    fields: [
                        "id": id, "givenName": text(person["givenName"]), "familyName": text(person["familyName"]),
                        "civicNo": text(person["civicNo"]?["value"]),
                        "eppn": text(person["eduPersonPrincipalNames"]?.arrayValue?.first),
                        "email": text(person["emails"]?.arrayValue?.first?["value"]),
                        "emailType": text(person["emails"]?.arrayValue?.first?["type"]),
                    ]))
        }
        for (id, duty) in await self.standIn.objects(.duty) {
            rows.insert(
                TargetRow(
                    kind: "duty", key: id,
                    fields: [
                        "id": id, "person": text(duty["person"]?["id"]), "unit": text(duty["dutyAt"]?["id"]),
                        "role": text(duty["dutyRole"]),
                    ]))
        }
        for (id, group) in await self.standIn.objects(.group) {
            rows.insert(
                TargetRow(
                    kind: "group", key: id,
                    fields: [
                        "id": id, "name": text(group["displayName"]), "type": text(group["groupType"]),
                        "schoolType": text(group["schoolType"]), "unit": text(group["organisation"]?["id"]),
                    ]))
            for member in group["groupMemberships"]?.arrayValue ?? [] {
                let person = text(member["person"]?["id"])
                rows.insert(TargetRow(kind: "member", key: "\(id)|\(person)", fields: ["group": id, "person": person]))
            }
        }
        return rows
    }

    func misbehave(_ fault: TargetFault?) async throws {
        if fault == .expiredCredentials || fault == .tokenDiesMidRun { await self.standIn.revokeTokens() }
        try await self.standIn.setFaults(
            DNPFaults { faults in
                switch fault {
                case nil, .full: break
                case .away: faults.outage = .refusing
                case .notWorkingOff: faults.isStuck = true
                case .failing: faults.outage = .unavailable
                case .slow: faults.delay = .seconds(3)
                case .tooManyRequests: faults.refusesEvery = 3
                case .expiredCredentials: faults.refusesClients = true
                case .tokenDiesMidRun: faults.tokenUses = 3
                case .lostReplies: faults.losesReplyEvery = 3
                case .breaksOff: faults.breaksAfterCalls = 4
                case .unknownFields: faults.addsUnknownFields = true
                case .truncatedPage: faults.truncatedPage = 2
                case .wrongSchema: faults.sendsWrongShape = true
                case .wrongEncoding: faults.latin1Page = 2
                case .duplicateRows: faults.duplicatesRows = true
                case .clockSkew: faults.clockSkew = -7200
                }
            })
    }

    func needlessWrites() async throws -> Int? { nil }
}

/// A connector as who looks at groups alone sees it: the pupils in them were there before.
private struct GroupsAlone: ReadableTarget {
    let connector: DNPConnector

    var system: String { self.connector.system }
    var batchSize: Int { self.connector.batchSize }
    var removableKinds: Set<String> { self.connector.removableKinds }

    func write(_ batch: TargetBatch) async throws -> [RecordKey: ConnectorFailure] { try await self.connector.write(batch) }
    func probe() async throws { try await self.connector.probe() }
    func readHeld(_ handle: @Sendable ([TargetRow]) async throws -> Void) async throws {
        try await self.connector.readHeld { rows in
            try await handle(rows.filter { $0.kind != "person" && $0.kind != "enrolment" })
        }
    }
}
