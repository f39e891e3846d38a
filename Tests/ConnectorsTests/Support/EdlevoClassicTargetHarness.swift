import ConnectorKit
import ConnectorTesting
import Connectors
import Foundation
import SchoolRecords
import StandIns

/// Edlevo's classic services as the contract for targets sees them: contact details, and principal names of the same persons.
struct EdlevoClassicTargetHarness: TargetHarness {
    let standIn: EdlevoClassicStandIn
    let clock: TestClock
    let persons: [String]

    static func with(_ body: (EdlevoClassicTargetHarness) async throws -> Void) async throws {
        let municipality = try SyntheticMunicipality(scale: .custom(children: 40), seed: 7, today: "2026-11-23")
        let clock = TestClock(now: EdlevoClassicHarness.now)
        let register = EdlevoStandIn(municipality: municipality, clock: clock.clock.now)
        var persons: [String] = []
        for (id, var person) in try await register.truth(.person) {
            (person["emails"], person["phoneNumbers"]) = (nil, nil)
            try await register.upsert(.person, person)
            persons.append(id)
        }
        let standIn = EdlevoClassicStandIn(of: register, licenseKey: EdlevoClassicHarness.key, clock: clock.clock.now)
        let sorted = persons.sorted()
        try await withEdlevoClassicStandIn(standIn) {
            try await body(EdlevoClassicTargetHarness(standIn: $0, clock: clock, persons: sorted))
        }
    }

    var faults: Set<TargetFault> { Set(TargetFault.allCases).subtracting([.full, .notWorkingOff, .tokenDiesMidRun]) }

    func connector(_ change: (inout JSONValue) -> Void = { _ in }) async throws -> EdlevoClassicTarget {
        let secret = try ServerUnderTest.secretFile(EdlevoClassicHarness.key)
        var settings: JSONValue = [
            "connector": "edlevo_classic", "direction": "target",
            "connection": [
                "base_url": .string(try await self.standIn.serverURL), "path": .string(self.standIn.path),
                "license_keys": [["key": ["file": .string(secret)]]],
            ],
            "eppn_service": "azure", "request_timeout_seconds": 2,
        ]
        change(&settings)
        var policy = RetryPolicy()
        policy.attempts = 3
        return try EdlevoClassicTarget.make(
            system: "edlevo", settings: settings, clock: self.clock.clock, policy: policy, logger: ServerUnderTest.silent)
    }

    func connector() async throws -> any TargetConnector { try await self.connector { _ in } }

    func held() async throws -> Set<TargetRow> {
        var rows: Set<TargetRow> = []
        for (id, person) in try await self.standIn.register.truth(.person) {
            guard let mail = person["emails"]?.arrayValue?.first?["value"]?.stringValue else { continue }
            rows.insert(TargetRow(kind: "contact", key: id, fields: ["person": id, "emailhome": mail]))
        }
        for own in await self.standIn.held.attributes {
            rows.insert(
                TargetRow(
                    kind: "eppn", key: own.person,
                    fields: ["person": own.person, "eppn": own.values["eduPersonPrincipalName"]?.first ?? ""]))
        }
        return rows
    }

    func misbehave(_ fault: TargetFault?) async throws {
        try await self.standIn.setFaults(
            EdlevoClassicFaults { faults in
                switch fault {
                case nil, .full, .notWorkingOff, .tokenDiesMidRun: break
                case .away: faults.outage = .refusing
                case .failing: faults.outage = .unavailable
                case .slow: faults.delay = .seconds(3)
                case .tooManyRequests: faults.throttle = .init(every: 3, retryAfter: 7)
                case .expiredCredentials: faults.refusesKeys = true
                case .lostReplies: faults.losesReplyEvery = 3
                case .breaksOff: faults.breaksAfterWrites = 4
                case .unknownFields: faults.addsUnknown = true
                case .truncatedPage: faults.truncatedDocument = 2
                case .wrongSchema: faults.isOutOfOrder = true
                case .wrongEncoding: faults.latin1Document = 2
                case .duplicateRows: faults.duplicates = true
                case .clockSkew: faults.clockSkew = -7200
                }
            })
    }

    func object(_ number: Int, version: Int) -> TargetRow {
        let id = self.persons[number]
        return TargetRow(kind: "contact", key: id, fields: ["person": id, "emailhome": "n\(number)v\(version)@post.example"])
    }

    func relation(_ number: Int) -> TargetRow {
        let id = self.persons[number]
        return TargetRow(kind: "eppn", key: id, fields: ["person": id, "eppn": "e\(number)@edu.example"])
    }

    var unwritable: TargetRow? {
        TargetRow(kind: "absence", key: "a", fields: ["student": self.persons[9], "start": "some time in the morning"])
    }

    func needlessWrites() async throws -> Int? { nil }
}
