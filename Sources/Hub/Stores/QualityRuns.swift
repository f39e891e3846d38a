public import Reconciliation
import SchoolRecords

/// One walk over the register by the rules of source quality.
public struct QualityRun: Sendable, Hashable, Codable {
    public let number: Int64
    /// When it was begun, RFC 3339 in UTC.
    public let time: String
    /// How many times a rule was held against a record, and how often the record lacked something.
    public var examined = 0
    public var found = 0
    /// Of those found: what blocks something, and what somebody should look at.
    public var blocking = 0
    public var warning = 0
    /// Records of the register that couldn't be read.
    public var unreadable = 0
    /// Rules that nothing could be said by → the kinds of record that no source tells of.
    public var silent: [String: [String]] = [:]
    /// Rules that are switched off.
    public var off: [String] = []

    public init(number: Int64, time: String) {
        self.number = number
        self.time = time
    }
}

/// A finding of the latest run.
public struct KeptQualityFinding: Sendable, Hashable {
    public let finding: QualityFinding
    /// When a run first found it, without one since that didn't: RFC 3339 in UTC.
    public let since: String

    public init(_ finding: QualityFinding, since: String) {
        self.finding = finding
        self.since = since
    }
}

/// Which findings somebody asks for.
public struct QualityFilter: Sendable, Hashable {
    /// `nil` = all.
    public var rules: Set<QualityRule>?
    /// Units by id; `nil` = all, also what belongs to none.
    public var units: Set<String>?

    public init(rules: Set<QualityRule>? = nil, units: Set<String>? = nil) {
        self.rules = rules
        self.units = units
    }

    public func has(_ rule: QualityRule, _ unit: String?) -> Bool {
        (self.rules?.contains(rule) ?? true) && (self.units.map { units in unit.map(units.contains) ?? false } ?? true)
    }
}

/// How good the sources are, run by run: numbers of every run, findings of the latest.
///
/// Findings name records by their ids and hold no value of a person's. Those of a record that is gone, or has gone to the vault,
/// are gone with it.
public protocol QualityRuns: Sendable {
    /// Begins a run under the next number; nothing of it is seen before it has ended.
    func beginQualityRun(time: String) async throws -> QualityRun

    /// Sets findings aside. What the latest run has found as well keeps its time.
    func keep(qualityFindings findings: [QualityFinding], of run: QualityRun) async throws

    /// Ends a run: its numbers are kept, and its findings take the place of the latest run's, all at once. A run that a later one has
    /// overtaken leaves nothing.
    func end(qualityRun run: QualityRun, counts: [QualityCount]) async throws

    /// Runs that have ended, the latest first.
    func qualityRuns(limit: Int) async throws -> [QualityRun]

    /// A run's numbers, in the order of rules and units.
    func qualityCounts(of run: Int64) async throws -> [QualityCount]

    /// Findings of the latest run, by rule, unit and record.
    ///
    /// - Parameter limit: at most so many; `nil` = all.
    func qualityFindings(_ filter: QualityFilter, limit: Int?) async throws -> [KeptQualityFinding]

    /// Keeps of the runs before a time the last of each week.
    ///
    /// - Returns: how many were removed.
    @discardableResult
    func thinQualityRuns(before time: String) async throws -> Int
}
