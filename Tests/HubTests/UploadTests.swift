import ConnectorKit
import Foundation
import Hub
import Mapping
import SchoolRecords
import Testing

@Suite("What is handed in goes the way of what is read")
struct UploadTests {
    private struct NoLock: SourceLock {
        func withLock<Result: Sendable>(source: String, _ body: @Sendable () async throws -> Result) async throws -> Result {
            try await body()
        }
    }

    private static func rows(_ documents: [JSONValue], _ entity: Entity = .person) -> [UploadedRow] {
        documents.enumerated().map { place, document in
            let key = RecordKey(entity, document["id"]?.stringValue ?? "")
            return UploadedRow(number: place + 1, line: nil, .record(SourceRecord(key: key, document: document)))
        }
    }

    private static func handIn(
        _ rows: [UploadedRow], to hub: TestHub, complete: Bool = false, dryRun: Bool = false, units: UnitScope = .all,
        source: String = "edlevo"
    ) async throws -> UploadReport {
        try await Upload(
            system: source, entity: .person, isComplete: complete, units: units, by: "api/school", store: hub.store, key: hub.key,
            mappings: hub.mappings, lock: NoLock(), logger: hub.logger
        ).run(rows, isDryRun: dryRun)
    }

    private static func living(_ hub: TestHub, _ source: String = "edlevo") async throws -> Set<String> {
        try await hub.store.liveIDs(of: .person, source: source)
    }

    private static func outcomes(_ report: UploadReport) -> [String] { report.rows.map(\.outcome.rawValue) }

    @Test func `rows are told one by one, a trial changes nothing, and the second time nothing is new`() async throws {
        try await TestHub.with { hub in
            var wrong = Documents.person(3)
            wrong["givenName"] = nil
            let rows = Self.rows([Documents.person(1), Documents.person(2), wrong, Documents.person(1)])
            let tried = try await Self.handIn(rows, to: hub, dryRun: true)
            let told = ["created", "created", "failed", "failed"]
            #expect(tried.outcome == .dryRun && Self.outcomes(tried) == told)
            #expect(tried.rows[2].problem?.code == "mandatory-missing" && tried.rows[2].problem?.column == "givenName")
            #expect(tried.rows[3].problem?.code == "row-twice" && tried.rows[3].problem?.message.sv.contains("Rad 1") == true)
            let before = try await Self.living(hub)
            let backlog = try await hub.store.backlog()
            #expect(before.isEmpty && backlog == 0)
            let taken = try await Self.handIn(rows, to: hub)
            #expect(taken.outcome == .taken && Self.outcomes(taken) == told)
            let after = try await Self.living(hub)
            #expect(after == [Documents.id(1), Documents.id(2)])
            #expect(try await hub.store.backlog() == 2)
            let failures: [FailedMessage.State: Int] = try await hub.store.counts()
            #expect(failures[.failed] == 1)
            let again = try await Self.handIn(rows, to: hub)
            #expect(Self.outcomes(again) == ["unchanged", "unchanged", "failed", "failed"])
            #expect(try await hub.store.backlog() == 2)
            let entries = try await hub.store.auditEntries(AuditFilter())
            #expect(
                entries.map(\.action) == ["intake.upload", "intake.upload"] && entries.allSatisfy { $0.person == "api/school" })
        }
    }

    @Test func `some records say nothing of the others, and mark nothing as read`() async throws {
        try await TestHub.with { hub in
            let source = ScriptedSource()
            for number in 1...5 { source.put(.person, Documents.person(number)) }
            _ = try await hub.intake(source).run(.full)
            let mark = try await hub.store.mark(source: "edlevo", entity: "person")
            let report = try await Self.handIn(
                Self.rows([Documents.person(5, name: "Nytt", modified: "2027-01-01T00:00:00Z")]), to: hub)
            #expect(Self.outcomes(report) == ["updated"] && report.missing == 0)
            #expect(try await Self.living(hub).count == 5)
            // What the source is asked for next isn't what was handed in.
            #expect(try await hub.store.mark(source: "edlevo", entity: "person") == mark)
        }
    }

    @Test func `a whole file deletes what isn't in it, as far as the guard lets it, and is refused as a whole`() async throws {
        try await TestHub.with { hub in
            let all = (1...60).map { Documents.person($0) }
            let first = try await Self.handIn(Self.rows(all), to: hub, complete: true)
            #expect(first.outcome == .taken && first.count(.created) == 60)
            var broken = Documents.person(1)
            broken["familyName"] = nil
            let refused = try await Self.handIn(Self.rows([broken] + all.dropFirst(2)), to: hub, complete: true)
            #expect(refused.outcome == .refused && refused.count(.failed) == 1)
            let fewer = try await Self.handIn(Self.rows(Array(all.dropLast(2))), to: hub, complete: true)
            #expect(fewer.outcome == .taken && fewer.missing == 2)
            #expect(try await Self.living(hub).count == 58)
            for rows in [[], Array(all.prefix(10))] {
                let held = try await Self.handIn(Self.rows(rows), to: hub, complete: true)
                #expect(held.outcome == .held && held.missing == 58 - rows.count)
                #expect(try await Self.living(hub).count == 58)
            }
            let held = try await Self.handIn(Self.rows(Array(all.prefix(10))), to: hub, complete: true)
            let id = try #require(held.held)
            let decision = HeldDecision(.approved, by: "ada", reason: "r", time: HubClock.system.timestamp)
            _ = try await hub.store.decide(id, decision)
            let approved = try await Self.handIn(Self.rows(Array(all.prefix(10))), to: hub, complete: true)
            #expect(approved.outcome == .taken)
            #expect(try await Self.living(hub).count == 10)
        }
    }

    @Test func `who has to do with some units hands in nothing of others, and takes nothing from them`() async throws {
        try await TestHub.with { hub in
            let own = UnitScope.units([Documents.id(901)])
            let rows = Self.rows([Documents.person(1, unit: 901), Documents.person(2, unit: 902), Documents.person(3)])
            let report = try await Self.handIn(rows, to: hub, units: own)
            #expect(Self.outcomes(report) == ["created", "failed", "created"] && report.rows[1].problem?.code == "foreign-unit")
            // A pupil of another unit isn't brought over by a row that says so.
            _ = try await Self.handIn(Self.rows([Documents.person(2, unit: 902)]), to: hub)
            let moved = try await Self.handIn(Self.rows([Documents.person(2, unit: 901)]), to: hub, units: own)
            #expect(Self.outcomes(moved) == ["failed"] && moved.rows[0].problem?.code == "foreign-unit")
            let refusal = await #expect(throws: UploadRefusal.self) {
                try await Self.handIn(rows, to: hub, complete: true, units: own)
            }
            #expect(refusal?.code == .notWhole)
            #expect(try await Self.living(hub).count == 3)
        }
    }

    @Test func `a record of another source is that source's`() async throws {
        try await TestHub.with { hub in
            let source = ScriptedSource(system: "unikum", entities: [.person])
            source.put(.person, Documents.person(1))
            let states = RecordState(
                key: RecordKey(.person, Documents.id(1)), owner: Documents.id(1), body: Documents.person(1).canonicalData)
            _ = try await hub.store.take(
                [states], withheld: [], failures: [], source: "elsewhere", time: HubClock.system.timestamp)
            let deletion = UploadedRow(number: 2, line: 2, .deletion(RecordKey(.person, Documents.id(1))))
            for rows in [Self.rows([Documents.person(1, name: "Annat")]), [deletion]] {
                let report = try await Self.handIn(rows, to: hub)
                #expect(report.rows[0].problem?.code == "foreign-record")
            }
            #expect(try await Self.living(hub, "elsewhere") == [Documents.id(1)])
        }
    }

    @Test func `a row that says so takes its record away, and one of nobody's nothing`() async throws {
        try await TestHub.with { hub in
            _ = try await Self.handIn(Self.rows([Documents.person(1), Documents.person(2)]), to: hub)
            let rows = [1, 9].enumerated().map { place, number in
                UploadedRow(number: place + 1, line: place + 2, .deletion(RecordKey(.person, Documents.id(number))))
            }
            let report = try await Self.handIn(rows, to: hub)
            #expect(Self.outcomes(report) == ["deleted", "unchanged"])
            #expect(try await Self.living(hub) == [Documents.id(2)])
        }
    }

    @Test func `a protected person goes to the vault, and the report doesn't tell who is`() async throws {
        try await TestHub.with { hub in
            let known = Documents.person(1, marking: "Sekretessmarkering")
            let first = try await Self.handIn(Self.rows([known, Documents.person(2)]), to: hub)
            #expect(Self.outcomes(first) == ["created", "created"])
            #expect(try await Self.living(hub) == [Documents.id(2)])
            let again = try await Self.handIn(Self.rows([known, Documents.person(2)]), to: hub)
            #expect(Self.outcomes(again) == ["unchanged", "unchanged"])
            // Who hands in a row without the mark can't tell by the report that the person is protected.
            var unmarked = Documents.person(1)
            unmarked["securityMarking"] = nil
            var other = Documents.person(2)
            other["securityMarking"] = nil
            let blind = try await Self.handIn(Self.rows([unmarked, other]), to: hub)
            #expect(Set(Self.outcomes(blind)).count == 1)
            #expect(try await Self.living(hub) == [Documents.id(2)])
            #expect(try await hub.store.withheldPersons().count == 1)
        }
    }

    @Test func `too many rows are none`() async throws {
        try await TestHub.with { hub in
            let row = Self.rows([Documents.person(1)])[0]
            let rows = Array(repeating: row, count: Upload.mostRows + 1)
            let refusal = await #expect(throws: UploadRefusal.self) { try await Self.handIn(rows, to: hub) }
            #expect(refusal?.code == .tooManyRows)
        }
    }
}
