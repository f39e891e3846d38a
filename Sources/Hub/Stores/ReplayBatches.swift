public import Foundation

/// A replay can't do what was asked of it.
public struct ReplayRefusal: Error, Sendable, Hashable, CustomStringConvertible {
    public enum Reason: Sendable, Hashable {
        case unknown
        case notAllowed(ReplayBatch.State)
    }

    public let batch: String
    public let reason: Reason

    public init(batch: String, reason: Reason) {
        self.batch = batch
        self.reason = reason
    }

    public var description: String {
        switch self.reason {
        case .unknown: "There is no replay \(self.batch). See: knutpunkt failed batches"
        case .notAllowed(let state): "The replay \(self.batch) is \(state.rawValue) and can't do that."
        }
    }
}

/// Replays: frozen choices of failed messages and their outcome.
///
/// Every call is one transaction: a crash leaves all of it or nothing, and whoever comes next goes on from there. A message
/// is in one replay at a time, whoever asks for it and however often.
public protocol ReplayBatches: Sendable {
    /// Freezes a choice: the open failures that match now.
    func select(_ filter: FailureFilter, plan: ReplayPlan, by person: String, time: String) async throws -> ReplayBatch

    func batch(_ id: String) async throws -> ReplayBatch?

    /// Latest first.
    func batches(limit: Int) async throws -> [ReplayBatch]

    /// What became of each message, in order of the failures' numbers.
    func items(of batch: String, after failure: Int64, limit: Int) async throws -> [ReplayItem]

    /// Starts, pauses, resumes or cancels. Starting claims the messages that are as they were when chosen, that no other
    /// replay has and whose correction, if there is one, has been approved; cancelling gives back those whose turn hasn't come.
    /// The audit log gets the command.
    ///
    /// - Throws: ``ReplayRefusal`` when there is no such replay or its state doesn't allow it.
    @discardableResult
    func change(
        _ batch: String, _ command: ReplayBatch.Command, by person: String, time: String
    ) async throws -> ReplayBatch

    /// Takes note of outcomes, and sends, stops or finishes as the replay's next step says. The audit log gets each message
    /// that is sent, with the replay and who let it go.
    ///
    /// - Returns: how it stands, and how many were sent now.
    /// - Throws: ``ReplayRefusal`` when there is no such replay.
    @discardableResult
    func advance(_ batch: String, now: Date) async throws -> (batch: ReplayBatch, sent: Int)

    /// The systems whose failures a replay is about.
    func systems(of batch: String) async throws -> Set<String>

    /// Replays that run, or that have messages whose outcome isn't known.
    func openBatches() async throws -> [String]

    /// Gives up open failures: they are not sent again, and stand as discarded with the reason and who said so. A failure
    /// that a replay has is left alone. Each one is in the audit log.
    ///
    /// - Returns: how many were discarded.
    func discard(_ ids: [Int64], reason: String, by person: String, time: String) async throws -> Int
}

/// One try of a message, as it went.
public struct FailureAttempt: Sendable, Hashable, Codable {
    public let number: Int
    public let time: String
    public let kind: String
    public let code: String
    public let field: String?
    public let place: String?
    /// What was wrong, in the hub's or the receiving system's words; safe.
    public let message: String

    public init(number: Int, time: String, kind: String, code: String, field: String?, place: String?, message: String) {
        self.number = number
        self.time = time
        self.kind = kind
        self.code = code
        self.field = field
        self.place = place
        self.message = message
    }
}

/// What is remembered of failures beside their present state.
public protocol FailureHistory: Sendable {
    /// Every attempt, the first one first.
    func attempts(of failure: Int64) async throws -> [FailureAttempt]

    /// How many open failures of each of these groups failed, for the last time, at or after a moment: the trend.
    func failures(of groups: [String], since time: String) async throws -> [String: Int]

    /// The same by the hour: group → hour (RFC 3339 in UTC as far as the hour, e.g. `2026-08-17T06`) → how many.
    func failuresByHour(of groups: [String], since time: String) async throws -> [String: [String: Int]]
}
