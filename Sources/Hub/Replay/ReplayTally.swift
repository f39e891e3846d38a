/// What has become of a replay's messages.
public struct ReplayTally: Sendable, Hashable, Codable {
    public private(set) var numbers: [ReplayItem.Outcome: Int]

    public init(_ numbers: [ReplayItem.Outcome: Int] = [:]) { self.numbers = numbers }

    public subscript(_ outcome: ReplayItem.Outcome) -> Int {
        get { self.numbers[outcome] ?? 0 }
        set { self.numbers[outcome] = newValue }
    }

    /// Sent, and either proved or still to be: what careful steps count. Superseded messages prove nothing.
    var tried: Int { self[.sent] + self[.replayed] + self[.failed] }
}

/// One message of a replay.
public struct ReplayItem: Sendable, Hashable, Codable {
    public enum Outcome: String, Sendable, Codable, CaseIterable {
        /// Chosen, not asked for yet.
        case selected
        /// Its turn hasn't come.
        case waiting
        /// Sent, outcome unknown.
        case sent
        /// The system took it.
        case replayed
        /// A newer state of the record got there first.
        case superseded
        /// It failed again, as the same failure with one attempt more.
        case failed
        /// Another replay had it, or it had changed since it was chosen.
        case skipped
        /// There is nothing to send: the register has no such record.
        case unsendable
        /// The replay was cancelled before its turn.
        case cancelled

        /// The replay has this message, and no other can: what ``waiting`` and ``sent`` say.
        var isClaim: Bool { self == .waiting || self == .sent }
    }

    /// The failed message's number.
    public let failure: Int64
    public let outcome: Outcome

    public init(failure: Int64, outcome: Outcome) {
        self.failure = failure
        self.outcome = outcome
    }
}
