/// A condition of a rule of the role policy.
public struct RoleCondition: Sendable, Hashable {
    public enum Test: Sendable, Hashable {
        /// One of these words.
        case among(Set<String>)
        /// A number from … to …, both inclusive.
        case within(ClosedRange<Int>)
    }

    public let fact: RoleFact
    public let test: Test
    /// Stands under `unless`: the rule gives nothing where the test holds.
    public let isException: Bool
    public let place: RulePlace

    public init(_ fact: RoleFact, _ test: Test, isException: Bool = false, place: RulePlace) {
        self.fact = fact
        self.test = test
        self.isException = isException
        self.place = place
    }

    /// Whether the condition lets a record pass.
    ///
    /// - Parameters:
    ///   - words: what the record has of the fact; several when it has several, e.g. a school's types.
    ///   - number: the same for a fact that is a number.
    public func passes(words: [String], number: Int?) -> Bool {
        let holds =
            switch self.test {
            case .among(let values): words.contains { values.contains($0) }
            case .within(let range): number.map(range.contains) ?? false
            }
        return holds != self.isException
    }

    /// As people read it, e.g. `duty_role: Lärare | Förstelärare`, `unless percent: 0–20`.
    public var text: String {
        let value =
            switch self.test {
            case .among(let values): values.sorted().joined(separator: " | ")
            case .within(let range):
                if range.upperBound == .max {
                    "at least \(range.lowerBound)"
                } else if range.lowerBound == .min {
                    "at most \(range.upperBound)"
                } else {
                    "\(range.lowerBound)–\(range.upperBound)"
                }
            }
        return "\(self.isException ? "unless " : "")\(self.fact.rawValue): \(value)"
    }

    /// Whether every record that passes this one passes the other one, as far as the two can tell.
    func implies(_ other: RoleCondition) -> Bool {
        guard self.fact == other.fact, self.isException == other.isException else { return false }
        let (narrow, wide) = self.isException ? (other, self) : (self, other)
        switch (narrow.test, wide.test) {
        case (.among(let few), .among(let many)): return few.isSubset(of: many)
        case (.within(let few), .within(let many)):
            return many.lowerBound <= few.lowerBound && few.upperBound <= many.upperBound
        default: return false
        }
    }

    /// Whether no record passes both, as far as the two can tell.
    func contradicts(_ other: RoleCondition) -> Bool {
        guard self.fact == other.fact, self.fact != .organisation else { return false }
        switch (self.isException, other.isException) {
        case (false, false):
            // A school has several types, and a list of them can hold one of each.
            guard self.fact != .schoolType else { return false }
            switch (self.test, other.test) {
            case (.among(let some), .among(let others)): return some.isDisjoint(with: others)
            case (.within(let some), .within(let others)): return !some.overlaps(others)
            default: return false
            }
        case (false, true):
            switch (self.test, other.test) {
            case (.among(let some), .among(let others)): return some.isSubset(of: others)
            case (.within(let some), .within(let others)):
                return others.lowerBound <= some.lowerBound && some.upperBound <= others.upperBound
            default: return false
            }
        case (true, false): return other.contradicts(self)
        case (true, true): return false
        }
    }
}
