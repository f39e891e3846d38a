public import Foundation

/// How long is kept what isn't in force any more, kind by kind; `nil` = for ever.
public struct ForgettingPeriods: Sendable, Hashable, Codable {
    /// Days that it is known of a record which is gone at its source that it was there: its id, times, and that systems have nothing of it.
    public var goneDays: Int? = 400
    /// Days that a record's journey through earlier states is known.
    public var historyDays: Int? = 365
    /// Days that decisions about roles which are over are kept, roles that systems had, and role plans that are carried out or stopped.
    public var rolesDays: Int? = 730
    /// Days that mass changes which somebody has decided on are kept.
    public var changesDays: Int? = 730

    public init() {}

    /// The moment before which something is too old; `nil` when nothing ever is.
    public static func cutoff(_ days: Int?, now: Date) -> String? {
        days.map { RFC3339.text(now.addingTimeInterval(-86_400 * Double($0))) }
    }
}

/// What was forgotten, or would be.
public struct Forgotten: Sendable, Hashable, Codable {
    /// Records that were gone.
    public var gone = 0
    /// Data keys that nothing is sealed with any more: their persons are gone.
    public var keys = 0
    public var history = 0
    public var roles = 0
    public var plans = 0
    public var changes = 0

    public init() {}

    public var isNothing: Bool { self == Forgotten() }

    public static func + (left: Forgotten, right: Forgotten) -> Forgotten {
        var sum = left
        sum.gone += right.gone
        sum.keys += right.keys
        sum.history += right.history
        sum.roles += right.roles
        sum.plans += right.plans
        sum.changes += right.changes
        return sum
    }
}

/// Forgets what isn't in force any more. What a legal hold keeps is left.
public protocol Forgetting: Sendable {
    /// One small step, in one transaction; the audit log gets what was done. A record that a system still has something of, or that waits to
    /// be told of, is left, and so is what isn't decided or carried out.
    ///
    /// - Parameters:
    ///   - limit: of each kind at most this many.
    ///   - person: who is noted.
    func forget(_ periods: ForgettingPeriods, now: Date, limit: Int, by person: String) async throws -> Forgotten

    /// What one step would forget; writes nothing.
    func forgettable(_ periods: ForgettingPeriods, now: Date, limit: Int) async throws -> Forgotten
}
