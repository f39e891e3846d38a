import Foundation
import Hub
import Reconciliation
import SchoolRecords
import Testing

extension StoreRequirement {
    private static func finding(
        _ id: String, _ rule: QualityRule = .pupilWithoutClass, unit: String? = "unit-1", related: String? = nil
    ) -> QualityFinding {
        QualityFinding(rule, RecordKey(rule.entity, id), unit: unit, field: "civicNo", related: related)
    }

    /// A run with these findings, from its beginning to its end.
    @discardableResult
    private static func run(
        _ subject: StoreUnderTest, at time: String, _ findings: [QualityFinding], counts: [QualityCount] = []
    ) async throws -> QualityRun {
        var run = try await subject.store.beginQualityRun(time: time)
        try await subject.store.keep(qualityFindings: findings, of: run)
        run.found = findings.count
        try await subject.store.end(qualityRun: run, counts: counts)
        return run
    }

    private static func found(_ subject: StoreUnderTest, _ filter: QualityFilter = QualityFilter()) async throws -> [String] {
        try await subject.another().qualityFindings(filter, limit: nil).map {
            "\($0.finding.rule.rawValue) \($0.finding.key.id) \($0.since.prefix(10))"
        }
    }

    static let quality: [StoreRequirement] = [
        .init("a run of source quality is seen when it has ended, and its findings take the place of the last one's") { subject in
            try await subject.take(["a", "b", "c"].map { subject.state($0, "first") })
            try await Self.run(subject, at: "2026-08-01T04:00:00.000Z", [Self.finding("a"), Self.finding("b")])
            var open = try await subject.store.beginQualityRun(time: "2026-08-02T04:00:00.000Z")
            try await subject.store.keep(qualityFindings: [Self.finding("b"), Self.finding("c")], of: open)
            #expect(try await Self.found(subject) == ["pupil-without-class a 2026-08-01", "pupil-without-class b 2026-08-01"])
            #expect(try await subject.store.qualityRuns(limit: 9).count == 1)
            open.blocking = 2
            open.silent = ["class-without-mentor": ["Duty"]]
            try await subject.store.end(qualityRun: open, counts: [])
            // What the run before had found as well has been there since then.
            #expect(try await Self.found(subject) == ["pupil-without-class b 2026-08-01", "pupil-without-class c 2026-08-02"])
            #expect(try await subject.another().qualityRuns(limit: 9).first == open)
            // What was gone for a run begins anew.
            try await Self.run(subject, at: "2026-08-03T04:00:00.000Z", [])
            try await Self.run(subject, at: "2026-08-04T04:00:00.000Z", [Self.finding("b")])
            #expect(try await Self.found(subject) == ["pupil-without-class b 2026-08-04"])
        },
        .init("findings come back whole, by rule, unit and record, as many as are asked for") { subject in
            let findings = [
                Self.finding("b", .guardianUnknown, related: "person/x"),
                Self.finding("b", .guardianUnknown, related: "person/y"),
                Self.finding("a", .guardianUnknown, unit: "unit-2", related: "person/x"), Self.finding("a", unit: nil),
            ]
            try await subject.take(["a", "b"].map { subject.state($0, "first") })
            // Twice the same is once.
            try await Self.run(subject, at: StoreUnderTest.time, findings.shuffled() + [findings[0]])
            let kept = try await subject.store.qualityFindings(QualityFilter(), limit: nil)
            #expect(kept.map(\.finding) == [findings[3], findings[0], findings[1], findings[2]])
            #expect(Set(kept.map(\.since)) == [StoreUnderTest.time])
            #expect(
                try await subject.store.qualityFindings(QualityFilter(), limit: 2).map(\.finding) == [findings[3], findings[0]])
            #expect(try await subject.store.qualityFindings(QualityFilter(), limit: 0).isEmpty)
            let one = QualityFilter(rules: [.guardianUnknown], units: ["unit-2"])
            #expect(try await subject.store.qualityFindings(one, limit: nil).map(\.finding) == [findings[2]])
            #expect(try await subject.store.qualityFindings(QualityFilter(rules: []), limit: nil).isEmpty)
        },
        .init("numbers are kept by run, rule and unit") { subject in
            let counts = [
                QualityCount(.pupilWithoutClass, unit: nil, examined: 3, found: 1),
                QualityCount(.pupilWithoutClass, unit: "unit-1", examined: 20, found: 2),
                QualityCount(.guardianOfNobody, unit: nil, examined: 9, found: 0),
            ]
            let first = try await Self.run(subject, at: "2026-08-01T04:00:00.000Z", [], counts: counts)
            let second = try await Self.run(subject, at: "2026-08-02T04:00:00.000Z", [], counts: [counts[2]])
            #expect(try await subject.another().qualityCounts(of: first.number) == counts)
            #expect(try await subject.store.qualityCounts(of: second.number) == [counts[2]])
            #expect(try await subject.store.qualityCounts(of: 99).isEmpty)
        },
        .init("a run that another has overtaken leaves nothing, and one that was broken off neither") { subject in
            try await subject.take([subject.state("a", "first"), subject.state("b", "first")])
            let slow = try await subject.store.beginQualityRun(time: "2026-08-01T04:00:00.000Z")
            try await subject.store.keep(qualityFindings: [Self.finding("a")], of: slow)
            try await Self.run(subject, at: "2026-08-01T04:00:01.000Z", [Self.finding("b")])
            try await subject.store.keep(qualityFindings: [Self.finding("b")], of: slow)
            try await subject.store.end(
                qualityRun: slow, counts: [QualityCount(.pupilWithoutClass, unit: nil, examined: 1, found: 1)])
            #expect(try await Self.found(subject) == ["pupil-without-class b 2026-08-01"])
            #expect(try await subject.store.qualityRuns(limit: 9).count == 1)
            #expect(try await subject.store.qualityCounts(of: slow.number).isEmpty)
        },
        .init("what was found of a record goes with it, to the vault or for good, and nobody else's findings name it") {
            subject in
            let shared = [
                Self.finding("a", .identityNumberShared, related: "person/b"),
                Self.finding("b", .identityNumberShared, related: "person/a"), Self.finding("c"),
            ]
            try await subject.take(["a", "b", "c", "d"].map { subject.state($0, "first") })
            try await Self.run(subject, at: StoreUnderTest.time, shared)
            try await subject.take([subject.state("a", nil)], withheld: [subject.withheld("a")])
            #expect(try await Self.found(subject) == ["pupil-without-class c 2026-08-17"])
            // Who goes to the vault while a run goes on is not in it.
            var run = try await subject.store.beginQualityRun(time: StoreUnderTest.later)
            try await subject.take([subject.state("c", nil)], withheld: [subject.withheld("c")])
            try await subject.store.keep(
                qualityFindings: [
                    Self.finding("c"), Self.finding("d", .userNameShared, related: "person/c"),
                    Self.finding("d", .guardianUnknown, related: "person/z"),
                ], of: run)
            run.found = 3
            try await subject.store.end(qualityRun: run, counts: [])
            #expect(try await Self.found(subject) == ["guardian-unknown d 2026-08-18"])
        },
        .init("of old runs the last of each week is kept, and of the others all") { subject in
            // 2026-08-03 is a Monday.
            let days = ["2026-08-01", "2026-08-02", "2026-08-03", "2026-08-05", "2026-08-09", "2026-08-10", "2026-08-11"]
            let count = QualityCount(.pupilWithoutClass, unit: nil, examined: 1, found: 0)
            for day in days { try await Self.run(subject, at: "\(day)T04:00:00.000Z", [], counts: [count]) }
            #expect(try await subject.store.thinQualityRuns(before: "2026-08-10T00:00:00.000Z") == 3)
            let left = try await subject.another().qualityRuns(limit: 99)
            #expect(left.map { String($0.time.prefix(10)) } == ["2026-08-11", "2026-08-10", "2026-08-09", "2026-08-02"])
            for run in left { #expect(try await subject.store.qualityCounts(of: run.number) == [count]) }
            #expect(try await subject.store.thinQualityRuns(before: "2026-08-10T00:00:00.000Z") == 0)
            // The latest is never one of them.
            #expect(try await subject.store.thinQualityRuns(before: "2027-01-01T00:00:00.000Z") == 1)
            #expect(try await subject.store.qualityRuns(limit: 1).first?.time.hasPrefix("2026-08-11") == true)
        },
    ]
}
