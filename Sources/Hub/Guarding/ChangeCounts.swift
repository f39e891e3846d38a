/// What may happen to many records, or rows, at once. Each kind has a limit of its own and is counted by itself: as many new
/// pupils as vanished ones are two mass changes, not none.
public enum ChangeKind: String, Sendable, Hashable, Codable, CaseIterable {
    case creates
    case updates
    case deletes
    /// Persons whose protection ends: what was in the vault goes out to everybody.
    case releases
}

/// How many changes of each kind.
public struct ChangeCounts: Sendable, Hashable, Codable {
    public var creates: Int
    public var updates: Int
    public var deletes: Int
    public var releases: Int

    public init(creates: Int = 0, updates: Int = 0, deletes: Int = 0, releases: Int = 0) {
        self.creates = creates
        self.updates = updates
        self.deletes = deletes
        self.releases = releases
    }

    public subscript(kind: ChangeKind) -> Int {
        get {
            switch kind {
            case .creates: self.creates
            case .updates: self.updates
            case .deletes: self.deletes
            case .releases: self.releases
            }
        }
        set {
            switch kind {
            case .creates: self.creates = newValue
            case .updates: self.updates = newValue
            case .deletes: self.deletes = newValue
            case .releases: self.releases = newValue
            }
        }
    }

    public static func + (left: ChangeCounts, right: ChangeCounts) -> ChangeCounts {
        var sum = left
        for kind in ChangeKind.allCases { sum[kind] += right[kind] }
        return sum
    }

    public static func += (left: inout ChangeCounts, right: ChangeCounts) { left = left + right }

    public var isEmpty: Bool { ChangeKind.allCases.allSatisfy { self[$0] == 0 } }
}

/// Counts of everything, and apart by school unit (or, for a receiving system, by kind of row).
public struct PartedCounts: Sendable, Hashable {
    public var total = ChangeCounts()
    public var parts: [String: ChangeCounts] = [:]

    public init() {}

    public mutating func add(_ kind: ChangeKind, part: String?, _ amount: Int = 1) {
        self.total[kind] += amount
        if let part { self.parts[part, default: ChangeCounts()][kind] += amount }
    }

    public static func + (left: PartedCounts, right: PartedCounts) -> PartedCounts {
        var sum = left
        sum.total += right.total
        for (part, counts) in right.parts { sum.parts[part, default: ChangeCounts()] += counts }
        return sum
    }

    public var isEmpty: Bool { self.total.isEmpty }
}
