public import Foundation

/// How long is kept what is over. What is still open is never touched.
public struct RetentionPeriods: Sendable, Hashable, Codable {
    /// Days that a failure which is over keeps its content; `nil` = for ever.
    public var failuresDays: Int? = 30
    /// Days that what is left of it, counts and codes, is kept after that.
    public var archivedDays: Int? = 365
    /// Days that entries of the audit log are kept.
    public var auditDays: Int? = 730

    public init() {}

    /// The moment before which something is too old; `nil` when nothing ever is.
    static func cutoff(_ days: Int?, now: Date) -> String? {
        days.map { RFC3339.text(now.addingTimeInterval(-86_400 * Double($0))) }
    }

    public func failures(now: Date) -> String? { Self.cutoff(self.failuresDays, now: now) }
    public func archived(now: Date) -> String? { Self.cutoff(self.archivedDays, now: now) }
    public func audit(now: Date) -> String? { Self.cutoff(self.auditDays, now: now) }
}

/// What one step of the retention did, or would do.
public struct RetentionStep: Sendable, Hashable, Codable {
    /// Failures that were found to be over: their time begins.
    public var ended = 0
    /// Failures whose content was removed.
    public var archived = 0
    /// Archived failures that were deleted.
    public var deleted = 0
    /// Entries of the audit log that were deleted, the oldest ones.
    public var audit = 0

    public init(ended: Int = 0, archived: Int = 0, deleted: Int = 0, audit: Int = 0) {
        self.ended = ended
        self.archived = archived
        self.deleted = deleted
        self.audit = audit
    }

    public var isNothing: Bool { self == RetentionStep() }

    public static func + (left: RetentionStep, right: RetentionStep) -> RetentionStep {
        RetentionStep(
            ended: left.ended + right.ended, archived: left.archived + right.archived, deleted: left.deleted + right.deleted,
            audit: left.audit + right.audit)
    }
}

/// Removes what was kept long enough.
public protocol Retention: Sendable {
    /// One small step, in one transaction:
    /// - Failures that are over and weren't known to be: their time begins now.
    /// - Failures that have been over for long enough are archived: message, headers, corrections, every attempt and the record's id go;
    ///   system, entity, code, field, times and fingerprint stay. One that was discarded stays whole while the record is in the
    ///   discarded state, as that is why it isn't sent; one that a replay has, too.
    /// - Archived failures that are old enough are deleted, with what replays say of them.
    /// - The audit log's oldest entries are deleted; what is left can be verified as before, from a sealed note of the last one deleted.
    ///
    /// The audit log gets what was done.
    ///
    /// - Parameters:
    ///   - limit: of each at most this many.
    ///   - person: who is noted.
    func retain(_ periods: RetentionPeriods, now: Date, limit: Int, by person: String) async throws -> RetentionStep

    /// What all steps together would do now; writes nothing.
    func retainable(_ periods: RetentionPeriods, now: Date) async throws -> RetentionStep
}
