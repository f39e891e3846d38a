public import Foundation

/// A replay: a frozen choice of failed messages, and how far sending them has come.
///
/// What was chosen stays chosen: failures that come later are not part of it, and messages that have changed
/// since are left out when it starts.
public struct ReplayBatch: Sendable, Hashable, Codable {
    /// Next states: selected → running, cancelled; running → paused, stopped, cancelled, done; paused and stopped →
    /// running, cancelled; cancelled and done are final.
    public enum State: String, Sendable, Codable, CaseIterable {
        /// Chosen and shown; nothing is sent.
        case selected
        case running
        /// By a person.
        case paused
        /// By itself: a message of a trial failed again.
        case stopped
        case cancelled
        /// Every message has its outcome.
        case done
    }

    public enum Command: String, Sendable, Codable, CaseIterable {
        case start, pause, resume, cancel, stop, finish
    }

    public let id: String
    public let state: State
    public let plan: ReplayPlan
    /// How many messages were chosen.
    public let size: Int
    /// Says which messages, with which failure and attempt: SHA-256 in hexadecimal.
    public let contentHash: String
    public let madeAt: String
    /// Who asked for it.
    public let madeBy: String
    /// Failures that were known when it was resumed: they don't stop it again.
    public let accepted: Int
    /// When something was sent last.
    public let sentAt: String?
    public let tally: ReplayTally

    public init(
        id: String, state: State, plan: ReplayPlan, size: Int, contentHash: String, madeAt: String, madeBy: String,
        accepted: Int = 0, sentAt: String? = nil, tally: ReplayTally
    ) {
        self.id = id
        self.state = state
        self.plan = plan
        self.size = size
        self.contentHash = contentHash
        self.madeAt = madeAt
        self.madeBy = madeBy
        self.accepted = accepted
        self.sentAt = sentAt
        self.tally = tally
    }
}

extension ReplayBatch.State {
    /// The state after a command, or nothing where it isn't allowed.
    public func after(_ command: ReplayBatch.Command) -> ReplayBatch.State? {
        switch (self, command) {
        case (.selected, .start), (.paused, .resume), (.stopped, .resume): .running
        case (.running, .pause): .paused
        case (.running, .stop): .stopped
        case (.running, .finish): .done
        case (.selected, .cancel), (.running, .cancel), (.paused, .cancel), (.stopped, .cancel): .cancelled
        default: nil
        }
    }
}

extension ReplayBatch {
    /// What to do next.
    public enum Step: Sendable, Hashable {
        /// Send this many of those that wait, at most.
        case send(Int)
        /// Nothing now: outcomes are awaited, or the rate allows no more, or it doesn't run.
        case rest
        case stop
        case finish
    }

    /// How many messages may be under way at a time, so that a large replay doesn't stand before everything else.
    static let window = 1000

    /// Decides from what is known of the messages alone: after a crash the answer is the same.
    public func step(now: Date) -> Step {
        guard self.state == .running else { return .rest }
        if self.plan.stopsOnFailure, self.tally[.failed] > self.accepted { return .stop }
        if self.tally[.waiting] == 0 { return self.tally[.sent] == 0 ? .finish : .rest }
        let tried = self.tally.tried
        // At the end of a careful step everything before must have come through.
        if self.plan.steps.contains(tried), self.tally[.sent] > 0 { return .rest }
        let end = self.plan.steps.first { $0 > tried } ?? .max
        let last = self.sentAt.flatMap(RFC3339.date)
        let number = min(
            end - tried, Self.window - self.tally[.sent], self.plan.allowance(since: last, now: now), self.tally[.waiting])
        return number > 0 ? .send(number) : .rest
    }
}
