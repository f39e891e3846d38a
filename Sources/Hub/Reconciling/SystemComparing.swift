import ConnectorKit
import Foundation
import Mapping
import Reconciliation
import SchoolRecords

/// Compares the two sides of one system, and says of each difference what it is.
struct SystemComparing: Sendable {
    private static let batch = 400
    /// Rows that nobody gave, and rows that are missing, that are held against each other; beyond it they stay what they are.
    private static let mostCandidates = 50_000

    let rows: SystemRows
    let reader: CaseReader
    let classifier: Classifier
    let leaks: LeakTokens
    let unmapped: [RecordKey: MappingFailure]
    /// What somebody has said of two rows, by their mark.
    let verdicts: [String: Bool]
    let mark: @Sendable (_ kind: String, _ keys: (String, String)) -> String
    /// Which rows of the system are looked at; `nil` = all.
    var interest: RowInterest?

    /// Findings that may turn out to belong together.
    private struct Open {
        var unexpected: [Finding] = []
        var unexpectedFields: [[String: String]] = []
        var missing: [Correlator.Identity: Finding] = [:]
    }

    /// - Parameter take: called with findings, some at a time.
    /// - Returns: rows by kind, and how many are the system's own.
    func run(_ take: ([Finding]) async throws -> Void) async throws -> (rows: [String: RowTally], own: Int) {
        let broken = try await self.rows.broken()
        let sides = try await self.rows.sides()
        let watch = HeldWatch(leaks: self.leaks, broken: broken)
        let interest = self.interest
        let held = FilteredRows(sides.held) { row in interest?.contains(row, broken: broken) ?? true }
        var comparison = PackedComparison(expected: sides.expected, held: held) { watch.see($0) }
        var open = Open()
        var own = 0
        var cases: [OpenCase] = []
        while let difference = try comparison.next() {
            cases += watch.take(difference)
            if cases.count >= Self.batch {
                try await self.settle(cases, &open, &own, take)
                cases.removeAll(keepingCapacity: true)
            }
        }
        cases += watch.take(nil)
        try await self.settle(cases, &open, &own, take)
        try await self.correlate(&open)
        let rest = open.unexpected + open.missing.sorted { ($0.key.kind, $0.key.key) < ($1.key.kind, $1.key.key) }.map(\.value)
        if !rest.isEmpty { try await take(rest) }
        return (comparison.tallies, own)
    }

    private func settle(
        _ cases: [OpenCase], _ open: inout Open, _ own: inout Int, _ take: ([Finding]) async throws -> Void
    ) async throws {
        guard !cases.isEmpty else { return }
        let (rows, evidence) = try await self.reader.read(cases)
        var findings: [Finding] = []
        for read in rows {
            let givers = read.row.givers
            if read.row.expected == nil, !givers.isEmpty, givers.allSatisfy({ self.unmapped[$0] != nil }) { continue }
            if case .twice = read.open.side {
                findings.append(self.twice(read, evidence))
                continue
            }
            if read.isOwn, !read.row.isLeak {
                own += 1
                continue
            }
            var finding = self.classifier.finding(read.row, evidence)
            if read.isBeingWritten, finding.situation != .leaked { (finding.cause, finding.remedy) = (.moved, .wait) }
            if read.open.brokenEnd != nil { finding = self.withBrokenEnd(finding, read, evidence) }
            guard finding.situation != .leaked, finding.situation != .dependencyBroken else {
                findings.append(finding)
                continue
            }
            let isNobodys =
                !read.isBeingWritten && read.row.expected == nil && givers.isEmpty && read.row.formerGiver == nil
                && !read.row.isRole
            if isNobodys, open.unexpected.count < Self.mostCandidates {
                open.unexpected.append(finding)
                open.unexpectedFields.append(read.row.held ?? [:])
            } else if finding.situation == .missing, finding.isReal, open.missing.count < Self.mostCandidates,
                self.rows.settings.sameness.kinds[finding.kind] != nil
            {
                open.missing[Correlator.Identity(kind: finding.kind, key: finding.key)] = finding
            } else {
                findings.append(finding)
            }
        }
        if !findings.isEmpty { try await take(findings) }
    }

    private func twice(_ read: CaseReader.Read, _ evidence: [RecordKey: RecordEvidence]) -> Finding {
        var finding = self.classifier.finding(read.row, evidence)
        (finding.situation, finding.cause, finding.remedy) = (.duplicate, .twice, .merge)
        (finding.fields, finding.message, finding.code, finding.held, finding.awaited) = ([], nil, nil, nil, nil)
        return finding
    }

    /// A row that names what isn't there. What is the matter with the row itself says what to do; where nothing is, what it names has
    /// to come.
    private func withBrokenEnd(
        _ finding: Finding, _ read: CaseReader.Read, _ evidence: [RecordKey: RecordEvidence]
    ) -> Finding {
        var finding = finding
        if finding.situation == .leaked { return finding }
        if case .equal = read.open.side {
            // The row itself is as it should be: what stands in the way of its record tells nothing.
            (finding.message, finding.code, finding.held) = (nil, nil, nil)
            let obstacles = read.endGivers.compactMap { evidence[$0]?.obstacle(since: self.classifier.began) }
            let passing = obstacles.first(where: \.isInFlight) ?? (finding.cause == .moved ? .moved : nil)
            finding.cause = passing ?? .endMissing
            finding.remedy = passing == nil ? .mendAwaited : .wait
        } else {
            if finding.cause.isInFlight { return finding }
            finding.cause = .endMissing
        }
        finding.situation = .dependencyBroken
        finding.awaited = read.endGivers.min()
        return finding
    }

    // MARK: The same under another key

    private func correlate(_ open: inout Open) async throws {
        var correlator = Correlator(self.rows.settings.sameness)
        for (finding, fields) in zip(open.unexpected, open.unexpectedFields) {
            correlator.seek(kind: finding.kind, key: finding.key, fields: fields)
        }
        guard !correlator.isEmpty else { return }
        var expected = try await self.rows.expectedAgain()
        while let row = try expected.next() { correlator.offer(row) }
        if self.interest != nil {
            // Only some of what should be there is at hand; what is there and was as it should be stands for the rest.
            var held = try await self.rows.sides().held
            while let row = try held.next() { correlator.offer(row) }
        }
        for index in open.unexpected.indices {
            let identity = Correlator.Identity(kind: open.unexpected[index].kind, key: open.unexpected[index].key)
            guard let match = correlator.matches[identity] else { continue }
            let verdict = self.verdicts[self.mark(identity.kind, (identity.key, match.key))]
            if verdict == false { continue }
            let other = Correlator.Identity(kind: identity.kind, key: match.key)
            let missing = open.missing.removeValue(forKey: other)
            let isCertain = verdict == true || match.confidence >= SamenessRules.certain
            open.unexpected[index].situation = missing == nil ? .duplicate : .otherKey
            open.unexpected[index].cause = isCertain ? .samePerson : .perhapsSamePerson
            open.unexpected[index].remedy = isCertain ? .merge : .decideMatch
            open.unexpected[index].otherKey = match.key
            open.unexpected[index].confidence = verdict == true ? 1 : match.confidence
            open.unexpected[index].record = missing?.record ?? CaseReader.key(match.giver)
            if open.unexpected[index].record == nil { open.unexpected[index].authority = nil }
        }
        try await self.addRecords(&open.unexpected)
    }

    /// Unit and authority of records that a correlation has found.
    private func addRecords(_ findings: inout [Finding]) async throws {
        let unknown = findings.filter { $0.record == nil }.compactMap { finding in
            finding.otherKey.map { RowIdentity(kind: finding.kind, key: $0) }
        }
        let givers = try await self.reader.store.givers(of: Set(unknown), in: self.reader.system)
        for index in findings.indices where findings[index].record == nil {
            guard let other = findings[index].otherKey else { continue }
            findings[index].record = givers[RowIdentity(kind: findings[index].kind, key: other)]?.min()
        }
        let keys = Set(findings.filter { $0.otherKey != nil }.compactMap(\.record))
        let evidence = try await self.reader.store.evidence(of: keys, in: self.reader.system)
        for index in findings.indices where findings[index].otherKey != nil {
            guard let key = findings[index].record, let known = evidence[key] else { continue }
            findings[index].unit = known.unit
            findings[index].authority = self.classifier.authorities[key.entity] ?? known.source
        }
    }
}

/// Looks at every row that a system holds, on its way through the comparison.
private final class HeldWatch {
    private let leaks: LeakTokens
    private var broken: [RowIdentity: RowIdentity]
    private var seen: [(row: PackedRow, isLeak: Bool, end: RowIdentity?)] = []

    init(leaks: LeakTokens, broken: [RowIdentity: RowIdentity]) {
        self.leaks = leaks
        self.broken = broken
    }

    func see(_ row: PackedRow) {
        let isLeak = self.leaks.isShown(in: row)
        let end = self.broken.isEmpty ? nil : self.broken.removeValue(forKey: RowIdentity(kind: row.kind, key: row.key))
        if isLeak || end != nil { self.seen.append((row, isLeak, end)) }
    }

    /// The cases up to a difference: those that were only seen, and the difference with what was seen of it.
    func take(_ difference: PackedDifference?) -> [OpenCase] {
        defer { self.seen.removeAll() }
        var cases: [OpenCase] = []
        var own: (isLeak: Bool, end: RowIdentity?) = (false, nil)
        let row: PackedRow? =
            switch difference {
            case .unexpected(let row), .different(_, let row), .twice(let row): row
            default: nil
            }
        for seen in self.seen {
            if let row, row == seen.row {
                own = (seen.isLeak, seen.end)
            } else {
                cases.append(OpenCase(side: .equal(seen.row), isLeak: seen.isLeak, brokenEnd: seen.end))
            }
        }
        switch difference {
        case .missing(let rows): cases.append(OpenCase(side: .missing(rows)))
        case .unexpected(let row): cases.append(OpenCase(side: .unexpected(row), isLeak: own.isLeak, brokenEnd: own.end))
        case .different(let rows, let row):
            cases.append(OpenCase(side: .different(rows, row), isLeak: own.isLeak, brokenEnd: own.end))
        case .twice(let row): cases.append(OpenCase(side: .twice(row), isLeak: own.isLeak))
        case nil: break
        }
        return cases
    }
}
