import ConnectorKit
import ConnectorTesting
import Connectors
import Foundation
import SchoolRecords
import StandIns
import Testing

/// A two-way SS 12000 stand-in as the contract for targets sees it: placements, and absences of the placed children.
struct RESTHarness: TargetHarness {
    let standIn: SS12000StandIn
    let clock = TestClock()
    /// Whether rows are posted to lists instead of put to addresses.
    let posts: Bool

    static func with(
        posts: Bool = false, givesOwnIDs: Bool = false, _ body: (RESTHarness) async throws -> Void
    ) async throws {
        var dialect = ServerDialect.twoWay
        dialect.takesWrites = !posts
        dialect.takesPosts = posts
        dialect.givesOwnIDs = givesOwnIDs
        let municipality = try SyntheticMunicipality(scale: .custom(children: 20), seed: 7, today: "2026-11-23")
        let standIn = try SS12000StandIn(
            .tempus, in: municipality, isEmpty: true, dialect: dialect, clientSecret: "very-secret-words")
        try await withEdlevoStandIn(standIn) { try await body(RESTHarness(standIn: $0, posts: posts)) }
    }

    static let shown = Set(TargetFault.allCases).subtracting([.full, .notWorkingOff])
    var faults: Set<TargetFault> { Self.shown }

    static let resources: JSONValue = [
        [
            "kind": "placement", "path": "placements", "delete": false, "required": ["child"],
            "body": [
                "child": ["id": "{child}"], "placedAt": ["id": "{unit}"], "schoolType": "FTH", "startDate": "{startDate}",
                "maxWeeklyScheduleHours": "{hours:integer}",
            ],
        ],
        [
            "kind": "absence", "path": "absences",
            "body": [
                "student": ["id": "{student}"], "type": "Anmäld frånvaro", "startTime": "{from}", "endTime": "{to}",
            ],
        ],
    ]

    /// The same, posted; what can't be deleted couldn't be changed either.
    private static var posted: JSONValue {
        .array(
            (Self.resources.arrayValue ?? []).map { resource in
                var resource = resource
                resource["write"] = "post"
                resource["delete"] = true
                return resource
            })
    }

    func connector() async throws -> any TargetConnector {
        var settings = try await EdlevoHarness.settings(self.standIn, pageLimit: 5, timeout: .number(1))
        settings["connector"] = "ss12000_rest"
        settings["resources"] = self.posts ? Self.posted : Self.resources
        var policy = RetryPolicy()
        policy.attempts = 3
        return try RESTTargetConnector.make(
            system: "tempus", settings: settings, clock: self.clock.clock, policy: policy, logger: ServerUnderTest.silent)
    }

    func held() async throws -> Set<TargetRow> {
        var rows: Set<TargetRow> = []
        for (id, document) in try await self.standIn.truth(.placement) {
            rows.insert(
                TargetRow(
                    kind: "placement", key: id,
                    fields: [
                        "child": document["child"]?["id"]?.stringValue ?? "",
                        "unit": document["placedAt"]?["id"]?.stringValue ?? "",
                        "startDate": document["startDate"]?.stringValue ?? "",
                        "hours": document["maxWeeklyScheduleHours"]?.integerValue.map { String($0) } ?? "",
                    ]))
        }
        for (id, document) in try await self.standIn.truth(.absence) {
            #expect(document["type"] == "Anmäld frånvaro")
            rows.insert(
                TargetRow(
                    kind: "absence", key: id,
                    fields: [
                        "student": document["student"]?["id"]?.stringValue ?? "",
                        "from": document["startTime"]?.stringValue ?? "",
                        "to": document["endTime"]?.stringValue ?? "",
                    ]))
        }
        return rows
    }

    func misbehave(_ fault: TargetFault?) async throws {
        if fault == .expiredCredentials || fault == .tokenDiesMidRun { await self.standIn.revokeTokens() }
        try await self.standIn.setFaults(
            EdlevoFaults { faults in
                switch fault {
                case nil, .full, .notWorkingOff: break
                case .away: faults.outage = .refusing
                case .failing: faults.outage = .unavailable
                case .slow: faults.delay = .seconds(3)
                case .tooManyRequests: faults.throttle = .init(every: 3, retryAfter: 7)
                case .expiredCredentials: faults.refusesClients = true
                case .tokenDiesMidRun: faults.tokenUses = 3
                case .lostReplies: faults.losesReplyEvery = 3
                case .breaksOff: faults.breaksAfterWrites = 4
                case .unknownFields: faults.addsUnknownFields = true
                case .truncatedPage: faults.truncatedPage = 2
                case .wrongSchema: faults.sendsWrongShape = true
                case .wrongEncoding: faults.latin1Page = 4
                case .duplicateRows: faults.duplicatesRows = true
                case .clockSkew: faults.clockSkew = -7200
                }
            })
    }

    private static func id(_ number: Int, _ letter: Character) -> String {
        let digits = String(number)
        return "0000000\(letter)-0000-4000-8000-" + String(repeating: "0", count: 12 - digits.count) + digits
    }

    func object(_ number: Int, version: Int) -> TargetRow {
        TargetRow(
            kind: "placement", key: Self.id(number, "a"),
            fields: [
                "child": Self.id(number, "b"), "unit": Self.id(1, "c"), "startDate": "2026-08-17", "hours": String(20 + version),
            ])
    }

    func relation(_ number: Int) -> TargetRow {
        TargetRow(
            kind: "absence", key: Self.id(number, "d"),
            fields: ["student": Self.id(number, "b"), "from": "2026-11-23T07:00:00Z", "to": "2026-11-23T16:00:00Z"])
    }

    var unwritable: TargetRow? {
        TargetRow(kind: "placement", key: Self.id(9, "a"), fields: ["child": Self.id(9, "b"), "hours": "several hours"])
    }

    func needlessWrites() async throws -> Int? { nil }
}
