import Reconciliation
import SchoolRecords
import Testing

@Suite("What is the matter with a row, why, and what to do")
struct ClassifierTests {
    private static let began = "2026-11-29T03:00:00.000Z"
    private static let before = "2026-11-28T12:00:00.000Z"
    private static let key = RecordKey(.person, "p1")

    private static func classifier(repaired: Bool = false) -> Classifier {
        Classifier(system: "vega", began: Self.began, authorities: [.person: "edlevo"], repairedBefore: { _, _ in repaired })
    }

    private static func row(_ expected: String?, _ held: String?, given: String? = nil, isGivers: Bool = true) -> RowCase {
        func fields(_ name: String?) -> [String: String]? { name.map { ["name": $0] } }
        var row = RowCase(kind: "pupil", key: "p1", expected: fields(expected), held: fields(held))
        row.given = fields(given)
        if isGivers { row.givers = [Self.key] }
        return row
    }

    /// A record that the system was given in the state before last, or its present one.
    private static func evidence(behind: Int64 = 0) -> RecordEvidence {
        var evidence = RecordEvidence(sequence: 7, isDeleted: false, source: "tempus", unit: "u1", time: Self.before)
        evidence.delivered = .init(sequence: 7 - behind, time: Self.before)
        evidence.isOvertaken = true
        return evidence
    }

    private static func told(_ row: RowCase, _ evidence: RecordEvidence? = Self.evidence(), repaired: Bool = false) -> String {
        let finding = Self.classifier(repaired: repaired).finding(row, evidence.map { [Self.key: $0] } ?? [:])
        return "\(finding.situation) \(finding.cause) \(finding.remedy)"
    }

    @Test func `the master's word counts, and the source's where there is no master`() {
        let finding = Self.classifier().finding(Self.row("a", "b", given: "a"), [Self.key: Self.evidence()])
        #expect(finding.authority == "edlevo" && finding.unit == "u1" && finding.record == Self.key)
        let duty = RecordKey(.duty, "d1")
        var row = Self.row("a", "b", given: "a")
        row.givers = [duty]
        #expect(Self.classifier().finding(row, [duty: Self.evidence()]).authority == "tempus")
    }

    @Test func `stale is only what shows what was given once`() {
        #expect(Self.told(Self.row("new", "old", given: "old"), Self.evidence(behind: 2)) == "stale neverGiven sendAgain")
        #expect(Self.told(Self.row("new", "else", given: "old"), Self.evidence(behind: 2)) == "different neverGiven sendAgain")
        #expect(Self.told(Self.row("new", "old", given: "old")) == "different mappingMoved sendAgain")
    }

    @Test func `what was given as it should be was changed or lost there`() {
        #expect(Self.told(Self.row("a", "b", given: "a")) == "different changedThere sendAgain")
        #expect(Self.told(Self.row("a", nil, given: "a")) == "missing lost sendAgain")
        #expect(Self.told(Self.row("a", nil)) == "missing mappingMoved sendAgain")
        #expect(Self.told(Self.row("a", "b", given: "a"), repaired: true) == "different changedThere mendInterface")
    }

    @Test func `what is there and shouldn't be is the hub's, was the hub's, is about somebody, or about nobody`() {
        #expect(Self.told(Self.row(nil, "a")) == "unexpected mappingMoved sendAgain")
        var row = Self.row(nil, "a", isGivers: false)
        (row.formerGiver, row.takenAwayAt) = (Self.key, Self.before)
        #expect(Self.told(row) == "unexpected keptThere takeAway")
        #expect(Self.told(row, repaired: true) == "unexpected keptThere mendInterface")
        row.isRemovable = false
        #expect(Self.told(row) == "unexpected keptThere removeThere")
        row.takenAwayAt = Self.began
        #expect(Self.told(row) == "unexpected moved wait")
        (row.formerGiver, row.takenAwayAt, row.subject) = (nil, nil, Self.key)
        #expect(Self.told(row, nil) == "unexpected neverManaged removeThere")
        row.subject = nil
        #expect(Self.told(row, nil) == "unexpected nobody removeThere")
        row.isRole = true
        #expect(Self.told(row, nil) == "roleExcess nobody planRoles")
    }

    @Test func `a leak is taken away by the hub where the hub gave it, and by hand otherwise`() {
        var row = Self.row(nil, "a")
        row.isLeak = true
        #expect(Self.told(row) == "leaked protected takeAway")
        row.isRemovable = false
        #expect(Self.told(row) == "leaked protected recall")
        var strange = Self.row(nil, "a", isGivers: false)
        strange.isLeak = true
        #expect(Self.told(strange, nil) == "leaked protected recall")
    }

    @Test func `of several givers the one that something stands in the way of tells`() {
        let other = RecordKey(.person, "p2")
        var row = Self.row("a", nil, given: "a")
        row.givers = [Self.key, other]
        var failed = Self.evidence()
        failed.failure = .init(message: 17, code: "mapping", state: .open)
        let finding = Self.classifier().finding(row, [Self.key: Self.evidence(), other: failed])
        #expect(finding.record == other && finding.message == 17 && finding.cause == .failed && finding.remedy == .mendMessage)
    }

    // MARK: On its way

    private static func obstacle(_ change: (inout RecordEvidence) -> Void) -> Cause? {
        var evidence = Self.evidence()
        change(&evidence)
        return evidence.obstacle(since: Self.began)
    }

    @Test func `each thing on its way is seen by itself`() {
        let other = RecordKey(.organisation, "o1")
        #expect(Self.obstacle { _ in } == nil)
        #expect(Self.obstacle { $0.hasRetry = true } == .retrying)
        #expect(Self.obstacle { $0.isUnconfirmed = true } == .underWay)
        #expect(Self.obstacle { $0.time = Self.began } == .moved)
        #expect(Self.obstacle { $0.delivered = .init(sequence: 7, time: Self.began) } == .moved)
        #expect(Self.obstacle { $0.referencesMovedAt = Self.began } == .moved)
        #expect(Self.obstacle { $0.referencesMovedAt = Self.before } == nil)
        #expect(Self.obstacle { $0.referencesUnderWay = [other] } == .underWay)
        #expect(Self.obstacle { $0.referencesStopped = [other] } == .waiting)
        #expect(Self.obstacle { $0.waits = [other] } == .waiting)
        #expect(Self.obstacle { $0.held = "h1" } == .held)
        #expect(Self.obstacle { $0.failure = .init(message: 1, code: "x", state: .open) } == .failed)
        #expect(Self.obstacle { $0.failure = .init(message: 1, code: "x", state: .replaying) } == .underWay)
    }

    @Test func `what was never given is on its way until what came later has arrived`() {
        func pending(_ change: (inout RecordEvidence) -> Void = { _ in }) -> Cause? {
            Self.obstacle { evidence in
                evidence.delivered = .init(sequence: 6, time: Self.before)
                change(&evidence)
            }
        }
        #expect(pending() == .neverGiven)
        #expect(pending { $0.isOvertaken = false } == .underWay)
        #expect(pending { $0.time = Self.began } == .moved)
        #expect(pending { $0.failure = .init(message: 1, code: "x", state: .discarded) } == .discarded)
        #expect(pending { $0.delivered = nil } == .neverGiven)
        #expect(
            pending { evidence in
                evidence.delivered = nil
                evidence.isDeleted = true
            } == nil)
    }
}
