import Reconciliation
import SchoolRecords

/// Takes what a run finds into the store, some at a time, and counts it.
actor Findings {
    private let store: any HubStore
    private let run: String
    /// For each system the run before, whose findings tell since when something differs.
    nonisolated let earlier: [String: String]
    private let time: String
    private var number: Int
    private var situations: [String: [Situation: Int]] = [:]
    private var inFlight: [String: Int] = [:]
    private var repairable: [String: Int] = [:]
    private var units: [String: Int] = [:]
    private var causes: [CauseKey: ReconcileRun.CauseCount] = [:]

    private struct CauseKey: Hashable {
        let parts: [String?]

        init(_ finding: Finding) {
            let field = finding.fields.first
            self.parts = [
                finding.system, finding.kind, finding.situation.rawValue, finding.cause.rawValue, field?.name,
                field?.nature.rawValue, finding.code,
            ]
        }

        init(_ cause: ReconcileRun.CauseCount) {
            self.parts = [
                cause.system, cause.kind, cause.situation.rawValue, cause.cause.rawValue, cause.field, cause.nature?.rawValue,
                cause.code,
            ]
        }
    }

    /// How many causes are told.
    private static let mostCauses = 50

    /// - Parameter last: the number of the last finding that the run has already.
    init(store: any HubStore, run: ReconcileRun, last: Int, earlier: [String: String], time: String) {
        self.store = store
        self.run = run.id
        self.number = last + 1
        self.earlier = earlier
        self.time = time
        self.units = run.units
        self.causes = Dictionary(run.causes.map { (CauseKey($0), $0) }, uniquingKeysWith: { first, _ in first })
    }

    func add(_ findings: [Finding]) async throws {
        guard !findings.isEmpty else { return }
        let first = self.number
        self.number += findings.count
        for finding in findings {
            self.situations[finding.system, default: [:]][finding.situation, default: 0] += 1
            if finding.situation.isFault, !finding.isReal { self.inFlight[finding.system, default: 0] += 1 }
            guard finding.isReal else { continue }
            if finding.remedy.isRepairable { self.repairable[finding.system, default: 0] += 1 }
            self.units[finding.unit ?? "-", default: 0] += 1
            let key = CauseKey(finding)
            if self.causes[key] == nil { self.causes[key] = ReconcileRun.CauseCount(finding, count: 0) }
            self.causes[key]?.count += 1
        }
        // They come system by system.
        try await self.store.add(
            findings, to: self.run, from: first, earlier: findings.first.flatMap { self.earlier[$0.system] }, time: self.time)
    }

    func count(into agreement: inout SystemAgreement) {
        agreement.situations = self.situations[agreement.system] ?? [:]
        agreement.inFlight = self.inFlight[agreement.system] ?? 0
        agreement.repairable = self.repairable[agreement.system] ?? 0
    }

    func summary() -> (units: [String: Int], causes: [ReconcileRun.CauseCount]) {
        let causes = self.causes.values.sorted {
            ($1.count, $0.system, $0.kind, $0.cause.rawValue, $0.field ?? "") < (
                $0.count, $1.system, $1.kind, $1.cause.rawValue, $1.field ?? ""
            )
        }
        return (self.units, Array(causes.prefix(Self.mostCauses)))
    }
}
