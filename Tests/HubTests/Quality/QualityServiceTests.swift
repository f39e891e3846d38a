import ConnectorKit
import Foundation
import Mapping
import Reconciliation
import SchoolRecords
import Testing

@testable import Hub

@Suite("The quality of the sources, looked at once a day")
struct QualityServiceTests {
    private static func fill(_ hub: TestHub) async throws {
        let records: [(Entity, JSONValue)] = [
            (.organisation, ["id": "s", "displayName": "Skolan", "organisationType": "Skola"]),
            (
                .organisation,
                [
                    "id": "u", "displayName": "Skolan F-6", "organisationType": "Skolenhet", "parentOrganisation": ["id": "s"],
                    "schoolUnitCode": "123",
                ]
            ),
            (
                .duty,
                [
                    "id": "d", "dutyAt": ["id": "s"], "person": ["id": "t"], "dutyRole": "Lärare",
                    "description": "9998 Simhallsvakt", "startDate": "2026-01-01",
                ]
            ),
            (.person, ["id": "t", "givenName": "Prov", "familyName": "Provsson"]),
            (.group, ["id": "g"]),
        ]
        let states = records.map { entity, json in
            RecordState(key: RecordKey(entity, json["id"]?.stringValue ?? ""), owner: nil, body: json.canonicalData)
        }
        _ = try await hub.store.take(states, withheld: [], failures: [], source: "edlevo", time: "2026-08-17T06:00:00.000Z")
    }

    private static func service(_ hub: TestHub, _ time: String, _ schedule: QualitySchedule) -> QualityService {
        let clock = TestHub.clock(time)
        return QualityService(schedule, store: hub.store, clock: clock, logger: hub.logger) {
            QualityRunner(
                store: hub.store, settings: QualitySettings(severities: [.staffWithoutEmail: .warns]),
                titleCodes: Set(hub.mappings.set.roleVocabulary.titleCodes.keys),
                titleCode: { RolePolicy.titleCode(in: $0) }, clock: clock)
        }
    }

    @Test func `a run is made once a day from its hour on, when there is something to look at`() async throws {
        try await TestHub.with { hub in
            var daily = QualitySchedule()
            daily.isDaily = true
            daily.hour = 6
            // Nothing has been read yet.
            #expect(try await Self.service(hub, "2026-08-17T04:00:00Z", daily).round() == nil)
            try await Self.fill(hub)
            #expect(try await Self.service(hub, "2026-08-17T04:00:00Z", QualitySchedule()).round() == nil)
            // 05:59 in Sweden, then 06:00.
            #expect(try await Self.service(hub, "2026-08-17T03:59:00Z", daily).round() == nil)
            let run = try #require(try await Self.service(hub, "2026-08-17T04:00:00Z", daily).round())
            #expect(try await Self.service(hub, "2026-08-17T21:59:00Z", daily).round() == nil)
            #expect(try await Self.service(hub, "2026-08-18T04:00:00Z", daily).round() != nil)
            let runs = try await hub.store.qualityRuns(limit: 9)
            #expect(runs.map { String($0.time.prefix(10)) } == ["2026-08-18", "2026-08-17"] && runs.last == run)
            let findings = try await hub.store.qualityFindings(QualityFilter(), limit: nil)
            #expect(
                findings.map { "\($0.finding.rule.rawValue) \($0.finding.key) \($0.finding.related ?? "")" } == [
                    "school-unit-code-malformed organisation/u ", "duty-title-code-unknown duty/d title_code/9998",
                    "staff-without-email person/t ", "staff-without-user-name person/t ",
                ])
            #expect(findings.allSatisfy { $0.since.hasPrefix("2026-08-17") })
            // The group can't be read; one severity is another than the catalogue's.
            #expect(run.unreadable == 1 && run.found == 4 && run.blocking == 3 && run.warning == 1)
            #expect(run.silent["teaching-group-without-teacher"] == ["Activity"])
            let counts = try await hub.store.qualityCounts(of: run.number)
            #expect(counts.reduce(0) { $0 + $1.found } == 4 && counts.reduce(0) { $0 + $1.examined } == run.examined)
        }
    }

    @Test func `runs are thinned as they get old`() async throws {
        try await TestHub.with { hub in
            try await Self.fill(hub)
            var daily = QualitySchedule()
            daily.isDaily = true
            daily.keepDays = 7
            for day in 10...30 { _ = try await Self.service(hub, "2026-08-\(day)T10:00:00Z", daily).round() }
            // The last seven days, and of those before the last of each week.
            let days = try await hub.store.qualityRuns(limit: 99).map { Int($0.time.prefix(10).suffix(2)) ?? 0 }
            #expect(days == [30, 29, 28, 27, 26, 25, 24, 23, 22, 16], "\(days)")
        }
    }

    @Test func `protected persons are there and nothing is found of them`() async throws {
        try await TestHub.with { hub in
            try await Self.fill(hub)
            let real = RecordKey(.person, "secret")
            let opaque = hub.key.opaqueKey(for: real)
            let group: JSONValue = [
                "id": "c", "displayName": "7A", "groupType": "Klass", "organisation": ["id": "s"], "startDate": "2026-08-01",
                "groupMemberships": [["person": ["id": .string(opaque.id)]]],
            ]
            _ = try await hub.store.take(
                [RecordState(key: RecordKey(.group, "c"), owner: nil, body: group.canonicalData)],
                withheld: [WithheldRecord(opaqueKey: opaque, key: real, body: Data("{}".utf8))], failures: [], source: "edlevo",
                time: "2026-08-17T06:00:00.000Z")
            var daily = QualitySchedule()
            daily.isDaily = true
            _ = try await Self.service(hub, "2026-08-20T10:00:00Z", daily).round()
            let findings = try await hub.store.qualityFindings(QualityFilter(), limit: nil)
            #expect(findings.contains { $0.finding.rule == .classWithoutMentor })
            #expect(!findings.contains { [.groupMemberUnknown, .classWithoutPupils].contains($0.finding.rule) })
            #expect(!"\(findings)".contains("secret") && !"\(findings)".contains(opaque.id))
        }
    }

    @Test func `the metric shows what is found, and 0 for what was found before`() {
        func place(_ rule: QualityRule, _ unit: String?) -> QualityCount.Place { QualityCount.Place(rule: rule, unit: unit) }
        var gauges = QualityGauges()
        gauges.take(
            [
                QualityCount(.pupilWithoutClass, unit: "u", examined: 9, found: 2),
                QualityCount(.guardianOfNobody, unit: nil, examined: 9, found: 1),
                QualityCount(.classWithoutMentor, unit: "u", examined: 9, found: 0),
            ], of: 1)
        #expect(gauges.run == 1 && gauges.values == [place(.pupilWithoutClass, "u"): 2, place(.guardianOfNobody, nil): 1])
        gauges.take([QualityCount(.pupilWithoutClass, unit: "u", examined: 9, found: 3)], of: 2)
        #expect(gauges.run == 2 && gauges.values == [place(.pupilWithoutClass, "u"): 3, place(.guardianOfNobody, nil): 0])
    }

    @Test func `too many faults that block are told, when somebody has said how many are too many`() {
        func causes(_ blocking: Int?, limit: Int?) -> [String] {
            var rules = AlarmRules()
            rules.qualityBlocking = limit
            var reading = HealthReading(time: "2026-08-17T06:00:00.000Z")
            reading.quality = blocking.map { count in
                var run = QualityRun(number: 1, time: "2026-08-17T04:00:00.000Z")
                run.blocking = count
                return run
            }
            return rules.findings(in: reading).map(\.cause)
        }
        #expect(causes(10, limit: 10) == ["source-quality:sources"])
        #expect(causes(9, limit: 10).isEmpty && causes(nil, limit: 1).isEmpty && causes(1_000, limit: nil).isEmpty)
    }
}
