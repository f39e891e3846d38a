public import Foundation

/// What a rule has done so far.
public struct RuleRuns: Sendable, Hashable, Codable {
    /// Replays that it started.
    public var runs = 0
    /// Messages in them, and how those ended.
    public var sent = 0
    public var replayed = 0
    public var failed = 0
    /// The latest replay and when it was started, RFC 3339 in UTC.
    public var lastBatch: String?
    public var lastAt: String?

    public init() {}
}

/// What a rule finds at one moment.
public struct RuleLook: Sendable, Hashable, Codable {
    /// Failures that it would send now.
    public var due = 0
    /// Open failures that it has sent as often as it may.
    public var spent = 0
    /// When the next one is due, RFC 3339 in UTC; `nil` when none will be as things are.
    public var next: String?

    public init() {}
}

/// Replays by rules. What a rule has sent is counted from the replays that it started, so that a restart doesn't begin again.
public protocol RuleReplays: Sendable {
    /// A short text that is another when failures that the rule is for have come, gone or failed again.
    func mark(of rule: ReplayRule) async throws -> String

    func look(_ rule: ReplayRule, now: Date) async throws -> RuleLook

    /// The numbers of the failures that the rule would send now, in their order within each group.
    func due(_ rule: ReplayRule, now: Date, limit: Int) async throws -> [Int64]

    /// Chooses what is due and starts the replay, in one transaction; the audit log has the rule as who did it.
    ///
    /// - Parameter limit: so many failures at most; the rest is due the next time.
    /// - Returns: `nil` when nothing is due.
    func replayDue(_ rule: ReplayRule, now: Date, limit: Int) async throws -> ReplayBatch?

    /// What rules of these names have done; those that have done nothing are left out.
    func runs(of rules: [String]) async throws -> [String: RuleRuns]
}
