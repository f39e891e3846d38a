public import Foundation
public import Reconciliation
public import SchoolRecords

/// Runs of the reconciler and what they found.
public protocol ReconcileRuns: Sendable {
    /// Keeps a new run, or what has become of one.
    func keep(_ run: ReconcileRun) async throws

    func reconcileRun(_ id: String) async throws -> ReconcileRun?

    /// The latest runs, the newest first.
    ///
    /// - Parameter states: those in one of these states; empty = all.
    func reconcileRuns(states: Set<ReconcileRun.State>, limit: Int) async throws -> [ReconcileRun]

    /// Adds findings to a run, in one transaction. What an earlier run found of the same row keeps when it was found first.
    ///
    /// - Parameters:
    ///   - number: of the first one.
    ///   - earlier: the run before.
    ///   - time: RFC 3339 in UTC: when it was found, where no run found it before.
    func add(_ findings: [Finding], to run: String, from number: Int, earlier: String?, time: String) async throws

    /// The number of a run's last finding; 0 when it has none.
    func lastFinding(of run: String) async throws -> Int

    /// Removes what a run found in a system: it is read again.
    func removeFindings(of run: String, system: String) async throws

    /// Findings in the order of their numbers.
    func findings(of run: String, _ filter: FindingFilter) async throws -> [KeptFinding]

    /// The rows of a run that a repair was sent for, or that repairs didn't help before, by ``HubKey/rowMark(system:kind:key:)``.
    func repairedRows(of run: String, in system: String) async throws -> Set<String>

    /// Notes that a repair was sent for these findings.
    func mark(_ numbers: [Int], of run: String, repair: String) async throws

    /// Removes runs with what they found and the repairs of it, and forgets rows that were taken away.
    ///
    /// - Parameter instant: what began, or was taken away, before it, RFC 3339 in UTC.
    /// - Returns: how many.
    func removeRuns(before instant: String) async throws -> Int

    /// What a system held, in short, when a run read it; replaces what was kept.
    func keepDigest(_ digest: Data, of system: String, run: String) async throws

    /// - Returns: `nil` when no run has read the system.
    func digest(of system: String) async throws -> (run: String, data: Data)?

    /// Records that give a system rows in one of these buckets, see ``HeldDigest``.
    func givers(inBuckets buckets: Set<Int>, of system: String) async throws -> Set<RecordKey>

    /// Records that were taken, or given to a system, at or after an instant (RFC 3339 in UTC), and those that looked at them.
    func moved(since instant: String, in system: String) async throws -> Set<RecordKey>

    /// What somebody has said of two rows: whether they are the same.
    func matchVerdicts(in system: String) async throws -> [String: Bool]

    /// Keeps what somebody has said of two rows of a kind, found again by their keys.
    func keepVerdict(
        isSame: Bool, system: String, kind: String, keys: (String, String), reason: String, by person: String, time: String
    ) async throws

    /// By which a verdict on two rows is found.
    func matchMark(system: String, kind: String, keys: (String, String)) -> String

    /// How many of the rows that a repair was sent for a later run found to differ still.
    func stillDiffering(of repair: RepairOrder, in run: String) async throws -> Int

    func keep(_ repair: RepairOrder) async throws
    func repair(_ id: String) async throws -> RepairOrder?
    /// The newest first.
    func repairs(of run: String?) async throws -> [RepairOrder]
}
