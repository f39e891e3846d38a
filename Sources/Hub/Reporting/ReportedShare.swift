/// How much was reported of what was to be: two counts.
public struct ReportedShare: Sendable, Hashable {
    /// Lessons that were held, or stays that were to be.
    public var scheduled: Int
    public var reported: Int

    public init(scheduled: Int = 0, reported: Int = 0) {
        self.scheduled = scheduled
        self.reported = reported
    }

    static func += (left: inout ReportedShare, right: ReportedShare) {
        left.scheduled += right.scheduled
        left.reported += right.reported
    }

    /// Tenths of a percent, cut off: nothing that isn't whole shows as 100,0, and nothing shows on the wrong side of a
    /// bracket's limit. 0 of 0 is 0.
    public var tenths: Int { self.scheduled > 0 ? self.reported * 1000 / self.scheduled : 0 }

    /// Whether the share is smaller than another's; exact.
    func isLower(than other: ReportedShare) -> Bool { self.reported * other.scheduled < other.reported * self.scheduled }
}

/// The steps by which schools are counted. A step holds its lower limit and not its upper one; the last holds 100 %.
public enum ReportedBracket: Int, Sendable, CaseIterable {
    case below30 = 0
    case from30 = 30
    case from40 = 40
    case from50 = 50
    case from70 = 70
    case from90 = 90

    /// The step of a share.
    public init(_ share: ReportedShare) {
        self = Self.allCases.last { share.reported * 100 >= $0.rawValue * share.scheduled } ?? .below30
    }

    /// In percent, e.g. `30-40`.
    public var name: String {
        let next = Self.allCases.first { $0.rawValue > self.rawValue }?.rawValue ?? 100
        return "\(self.rawValue)-\(next)"
    }
}
