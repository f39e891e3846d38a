import ConnectorKit
import Foundation
import Hub
import Messaging
import Reconciliation
import SchoolRecords
import Testing

extension StoreRequirement {
    private static let system = "unikum"

    private static func row(_ key: String, _ name: String = "first") -> TargetRow {
        TargetRow(kind: "person", key: key, fields: ["name": name])
    }

    private static func give(
        _ subject: StoreUnderTest, _ id: String, _ rows: [TargetRow], references: Set<RecordKey> = [],
        missing: Set<RecordKey> = [],
        sequence: Int64 = 1, time: String = StoreUnderTest.time
    ) async throws {
        try await subject.store.settle(
            [
                Settlement(
                    key: subject.person(id), sequence: sequence,
                    outcome: .applied(rows: rows, references: references, missing: missing))
            ], in: Self.system, time: time)
    }

    private static func evidence(_ subject: StoreUnderTest, _ id: String) async throws -> RecordEvidence? {
        try await subject.store.evidence(of: [subject.person(id)], in: Self.system)[subject.person(id)]
    }

    static let rowEvidence: [StoreRequirement] = [
        .init("where a record stands is told: given, behind, waiting, retried, refused, given up, not confirmed") { subject in
            let store = subject.store
            try await subject.take([subject.state("a", "first")])
            #expect(try await Self.evidence(subject, "unknown") == nil)
            #expect(try await Self.evidence(subject, "a")?.isUnconfirmed == true)
            try await subject.publishAll()
            var evidence = try #require(await Self.evidence(subject, "a"))
            #expect(!evidence.isUnconfirmed && evidence.delivered == nil && evidence.isPending && !evidence.isOvertaken)
            #expect(evidence.source == "edlevo" && evidence.time == StoreUnderTest.time)
            try await Self.give(subject, "a", [], missing: [subject.person("b")])
            evidence = try #require(await Self.evidence(subject, "a"))
            #expect(evidence.waits == [subject.person("b")] && !evidence.isPending && evidence.delivered?.sequence == 1)
            try await Self.give(subject, "a", [Self.row("1")])
            try await subject.take([subject.state("a", "second")], time: StoreUnderTest.later)
            try await subject.publishAll()
            evidence = try #require(await Self.evidence(subject, "a"))
            #expect(evidence.behind == 1 && evidence.isPending && evidence.waits.isEmpty)
            try await store.settle(
                [Settlement(key: subject.person("a"), sequence: 2, outcome: .retry(due: 5, reason: "timed-out"))],
                in: Self.system,
                time: StoreUnderTest.later)
            #expect(try await Self.evidence(subject, "a")?.hasRetry == true)
            try await subject.settle("a", 2, .failed(subject.failure("a")))
            #expect(try await Self.evidence(subject, "a")?.failure?.state == .open)
            let failure = try #require(await store.list(FailureFilter()).first)
            _ = try await store.discard([failure.id], reason: "no", by: "tester", time: StoreUnderTest.later)
            evidence = try #require(await Self.evidence(subject, "a"))
            let isOfThatState = failure.failure.sequence ?? 0 >= 2
            #expect((evidence.failure?.state == .discarded) == isOfThatState)
        },
        .init("a record that others have overtaken is known for it, and one that looks at what moved too") { subject in
            let store = subject.store
            try await subject.take([subject.state("late", "first"), subject.state("b", "first"), subject.state("c", "first")])
            let entries = try await store.next(limit: 10)
            func publish(_ id: String, _ time: String) async throws {
                try await store.published(entries.filter { $0.change.key.id == id }.map(\.position), at: time)
            }
            try await publish("late", StoreUnderTest.time)
            try await publish("c", StoreUnderTest.time)
            try await publish("b", StoreUnderTest.later)
            #expect(try await Self.evidence(subject, "late")?.isOvertaken == false)
            try await Self.give(subject, "b", [Self.row("2")])
            #expect(try await Self.evidence(subject, "late")?.isOvertaken == true)
            try await Self.give(subject, "c", [Self.row("3")], references: [subject.person("b")])
            #expect(try await Self.evidence(subject, "c")?.referencesMovedAt == StoreUnderTest.time)
            try await subject.take([subject.state("b", "second")], time: StoreUnderTest.later)
            #expect(try await Self.evidence(subject, "c")?.moved(since: StoreUnderTest.later) == true)
        },
        .init("rows that a record gave and gives no more are remembered, until somebody gives them again") { subject in
            let (gone, kept) = (Self.row("1"), Self.row("2"))
            try await subject.published("a", "b")
            try await Self.give(subject, "a", [gone, kept])
            let asked: Set<RowIdentity> = [gone.identity, kept.identity]
            #expect(try await subject.store.formerGivers(of: asked, in: Self.system).isEmpty)
            try await subject.take([subject.state("a", "second")])
            try await Self.give(subject, "a", [kept], sequence: 2, time: StoreUnderTest.later)
            let former = try await subject.another().formerGivers(of: asked, in: Self.system)
            #expect(former == [gone.identity: FormerGiver(record: subject.person("a"), time: StoreUnderTest.later)])
            #expect(try await subject.store.formerGivers(of: asked, in: "vega").isEmpty)
            try await Self.give(subject, "b", [gone])
            #expect(try await subject.store.formerGivers(of: asked, in: Self.system).isEmpty)
        },
        .init("a correction changes what the hub believes, and sends the record; one that has moved is left alone") { subject in
            let store = subject.store
            try await subject.published("a", "b")
            try await Self.give(subject, "a", [Self.row("1"), Self.row("2")])
            try await Self.give(subject, "b", [Self.row("3")], time: StoreUnderTest.later)
            let missing = RowCorrection(row: Self.row("1").identity, isHeld: false)
            let different = RowCorrection(row: Self.row("2").identity, isHeld: true)
            let ghost = RowCorrection(row: Self.row("4").identity, isHeld: true)
            let sent = try await store.correct(
                [subject.person("a"): [missing, different, ghost], subject.person("b"): [ghost]], in: Self.system,
                unlessMovedSince: StoreUnderTest.later)
            #expect(sent == [subject.person("a")])
            let state = try await store.states(of: [subject.person("a")], in: Self.system)[subject.person("a")]
            #expect(
                Set(state?.rows ?? []) == [
                    TargetRow(kind: "person", key: "2", fields: [:]), TargetRow(kind: "person", key: "4", fields: [:]),
                ])
            let identities = Set(["1", "2", "3", "4"].map { Self.row($0).identity })
            let givers = try await store.givers(of: identities, in: Self.system)
            #expect(givers[Self.row("1").identity] == nil && givers[Self.row("4").identity] == [subject.person("a")])
            let entries = try await store.next(limit: 10)
            #expect(entries.map(\.change.key) == [subject.person("a")] && entries.map(\.change.redelivery) == ["repair"])
        },
    ]

    private static func finding(_ key: String, _ situation: Situation = .missing, unit: String? = "school") -> Finding {
        var finding = Finding(
            system: Self.system, kind: "person", key: key, situation: situation, cause: .lost, remedy: .sendAgain)
        finding.record = RecordKey(.person, "record-\(key)")
        finding.unit = unit
        return finding
    }

    private static func run(_ id: String, at time: String = StoreUnderTest.time) -> ReconcileRun {
        ReconcileRun(id: id, scope: ReconcileScope(), madeBy: "maker", beganAt: time, mappings: "1", systems: [Self.system])
    }

    static let reconcileRuns: [StoreRequirement] = [
        .init("runs are kept with what they found, and tell since when it differs") { subject in
            let store = subject.store
            var first = Self.run("run-1")
            try await store.keep(first)
            try await store.add(
                [Self.finding("1"), Self.finding("2")], to: "run-1", from: 1, earlier: nil, time: StoreUnderTest.time)
            first.state = .done
            try await store.keep(first)
            try await store.keep(Self.run("run-2", at: StoreUnderTest.later))
            try await store.add(
                [Self.finding("2"), Self.finding("3")], to: "run-2", from: 1, earlier: "run-1", time: StoreUnderTest.later)
            #expect(try await subject.another().reconcileRuns(states: [], limit: 9).map(\.id) == ["run-2", "run-1"])
            #expect(try await store.reconcileRuns(states: [.done], limit: 9) == [first])
            let found = try await store.findings(of: "run-2", FindingFilter())
            #expect(found.map(\.finding.key) == ["2", "3"] && found.map(\.number) == [1, 2])
            #expect(found.map(\.firstAt) == [StoreUnderTest.time, StoreUnderTest.later])
            #expect(try await store.reconcileRun("run-9") == nil)
            #expect(try await store.lastFinding(of: "run-2") == 2)
            #expect(try await store.lastFinding(of: "run-9") == 0)
        },
        .init("findings are chosen by what they are, page by page") { subject in
            let store = subject.store
            try await store.keep(Self.run("run-1"))
            var waiting = Self.finding("3")
            waiting.cause = .underWay
            let all = [Self.finding("1"), Self.finding("2", .different, unit: "other"), waiting, Self.finding("4", .withheld)]
            try await store.add(all, to: "run-1", from: 1, earlier: nil, time: StoreUnderTest.time)
            func keys(_ change: (inout FindingFilter) -> Void) async throws -> [String] {
                var filter = FindingFilter()
                change(&filter)
                return try await store.findings(of: "run-1", filter).map(\.finding.key)
            }
            #expect(try await keys { $0.isReal = true } == ["1", "2"])
            #expect(try await keys { $0.units = ["other"] } == ["2"])
            #expect(try await keys { $0.situations = [.missing] } == ["1", "3"])
            #expect(try await keys { $0.systems = ["vega"] } == [])
            #expect(try await keys { $0.record = RecordKey(.person, "record-4") } == ["4"])
            #expect(
                try await keys {
                    $0.after = 1; $0.limit = 2
                } == ["2", "3"])
            try await store.removeFindings(of: "run-1", system: Self.system)
            #expect(try await keys { _ in } == [])
        },
        .init("what a repair was sent for is remembered, and so is what repairs didn't help") { subject in
            let store = subject.store
            try await store.keep(Self.run("run-1"))
            var stubborn = Self.finding("2")
            stubborn.remedy = .mendInterface
            try await store.add(
                [Self.finding("1"), stubborn, Self.finding("3")], to: "run-1", from: 1, earlier: nil, time: StoreUnderTest.time)
            try await store.mark([1], of: "run-1", repair: "repair-1")
            let marks = try await store.repairedRows(of: "run-1", in: Self.system)
            #expect(marks == Set(["1", "2"].map { subject.key.rowMark(system: Self.system, kind: "person", key: $0) }))
            #expect(try await store.findings(of: "run-1", FindingFilter()).map(\.repair) == ["repair-1", nil, nil])
        },
        .init("what was found goes when the person does, also at records that looked at the person, and of nobody known") {
            subject in
            let store = subject.store
            try await subject.published("a", "b", "looker")
            try await Self.give(subject, "looker", [Self.row("9")], references: [subject.person("a")])
            func finding(_ key: String, _ record: String?) -> Finding {
                var finding = Self.finding(key)
                finding.record = record.map(subject.person)
                return finding
            }
            try await store.keep(Self.run("run-1"))
            try await store.add(
                [finding("1", "a"), finding("2", "b"), finding("3", "looker"), finding("4", nil)], to: "run-1", from: 1,
                earlier: nil, time: StoreUnderTest.time)
            try await subject.take([subject.state("a", nil)], withheld: [subject.withheld("a")])
            #expect(try await store.findings(of: "run-1", FindingFilter()).map(\.finding.key) == ["2"])
        },
        .init("a later run tells how many rows of a repair differ still") { subject in
            let store = subject.store
            for id in ["run-1", "run-2"] { try await store.keep(Self.run(id)) }
            try await store.add(
                [Self.finding("1"), Self.finding("2"), Self.finding("3")], to: "run-1", from: 1, earlier: nil,
                time: StoreUnderTest.time)
            try await store.add(
                [Self.finding("2"), Self.finding("3"), Self.finding("4")], to: "run-2", from: 1, earlier: nil,
                time: StoreUnderTest.time)
            let order = RepairOrder(
                id: "repair-1", run: "run-1", state: .sent, findings: [1, 2], parts: [], madeBy: "maker",
                madeAt: StoreUnderTest.time)
            try await store.keep(order)
            try await store.mark([1, 2], of: "run-1", repair: "repair-1")
            #expect(try await store.stillDiffering(of: order, in: "run-2") == 1)
        },
        .init("a verdict on two rows is found whichever comes first, can be changed, and is in the audit log") { subject in
            let store = subject.store
            let mark = store.matchMark(system: Self.system, kind: "person", keys: ("1", "2"))
            #expect(store.matchMark(system: Self.system, kind: "person", keys: ("2", "1")) == mark)
            for isSame in [true, false] {
                try await store.keepVerdict(
                    isSame: isSame, system: Self.system, kind: "person", keys: ("1", "2"), reason: "asked", by: "tester",
                    time: StoreUnderTest.time)
                #expect(try await subject.another().matchVerdicts(in: Self.system) == [mark: isSame])
            }
            #expect(try await store.matchVerdicts(in: "vega").isEmpty)
            let entries = try await store.auditEntries(AuditFilter())
            #expect(entries.map(\.action) == ["reconcile.match", "reconcile.match"] && entries.first?.person == "tester")
        },
        .init("old runs go with what they found, their repairs, and what was taken away as long ago") { subject in
            let store = subject.store
            var old = Self.run("run-1")
            old.state = .done
            try await store.keep(old)
            try await store.add([Self.finding("1")], to: "run-1", from: 1, earlier: nil, time: StoreUnderTest.time)
            let order = RepairOrder(
                id: "repair-1", run: "run-1", state: .sent, findings: [1], parts: [], madeBy: "maker", madeAt: StoreUnderTest.time
            )
            try await store.keep(order)
            #expect(try await store.repair("repair-1") == order)
            #expect(try await store.repairs(of: "run-1") == [order])
            try await store.keep(Self.run("run-2", at: StoreUnderTest.later))
            try await subject.published("a")
            try await Self.give(subject, "a", [Self.row("1")])
            try await subject.take([subject.state("a", "second")])
            try await Self.give(subject, "a", [], sequence: 2)
            #expect(try await store.removeRuns(before: StoreUnderTest.later) == 1)
            #expect(try await store.reconcileRuns(states: [], limit: 9).map(\.id) == ["run-2"])
            #expect(try await store.findings(of: "run-1", FindingFilter()).isEmpty)
            #expect(try await store.repairs(of: nil).isEmpty)
            #expect(try await store.formerGivers(of: [Self.row("1").identity], in: Self.system).isEmpty)
        },
    ]
}
