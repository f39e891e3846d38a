/// How many changes a system may bring without a person, as `limits` in its `system.yaml` says. What isn't set has its default.
public struct LimitRules: Sendable, Hashable {
    /// A limit: a share of what there is, and a number that always goes through.
    public struct Bound: Sendable, Hashable {
        /// 0-1.
        public let share: Double
        public let atLeast: Int
    }

    /// The limits of all entities, or of one.
    public struct Part: Sendable, Hashable {
        public internal(set) var creates: Bound?
        /// `creates: off`.
        public internal(set) var createsAreFree = false
        public internal(set) var updates: Bound?
        public internal(set) var deletes: Bound?
        /// Persons whose protection ends.
        public internal(set) var releases: Bound?
        public internal(set) var windowHours: Int?
    }

    /// What holds for everything that isn't named.
    public internal(set) var common = Part()
    /// For entities of a source.
    public internal(set) var entities: [String: Part] = [:]
    /// For kinds of row of a receiving system.
    public internal(set) var kinds: [String: Part] = [:]
}
