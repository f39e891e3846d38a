public import Reconciliation
public import SchoolRecords

/// What is to be compared.
public struct ReconcileScope: Sendable, Hashable, Codable {
    public enum Mode: String, Sendable, Hashable, Codable {
        /// Everything that systems hold.
        case full
        /// What changed since the last run, and what it found.
        case changed
    }

    public var mode: Mode = .full
    /// Receiving systems; empty = all that can be read.
    public var systems: [String] = []
    /// Records' entities; empty = all.
    public var entities: [Entity] = []
    /// School units, by id; empty = all. All rows are compared all the same: only what is found is of these units.
    public var units: [String] = []

    public init() {}

    /// Whether everything is told that is found in a system.
    public var isWhole: Bool { self.entities.isEmpty && self.units.isEmpty }
}

/// What a run found in one system.
public struct SystemAgreement: Sendable, Hashable, Codable {
    public enum State: String, Sendable, Hashable, Codable {
        case waiting, done
        /// It couldn't be read: nothing is said of it.
        case unread
    }

    public let system: String
    public var state = State.waiting
    /// Why it couldn't be read: safe to show.
    public var problem: String?
    /// Rows by kind.
    public var rows: [String: RowTally] = [:]
    /// How many findings there are, by situation.
    @NamedCounts public var situations: [Situation: Int] = [:]
    /// Of these, how many are merely on their way.
    public var inFlight = 0
    /// Findings that the hub can mend by itself.
    public var repairable = 0
    /// Rows of the system's own, which the hub never gives.
    public var own = 0
    /// As of when it was read, RFC 3339 in UTC.
    public var readAt: String?
    /// Whether it only told what it was given, since the system itself tells nothing.
    public var isAsGiven = false

    public init(system: String) { self.system = system }

    /// All kinds together.
    public var total: RowTally { self.rows.values.reduce(into: RowTally()) { $0 += $1 } }

    /// Findings that are faults and not on their way.
    public var differences: Int {
        self.situations.filter(\.key.isFault).values.reduce(0, +) - self.inFlight
    }

    /// The share of rows on which both sides agree, 0-1; what is on its way isn't counted. 1 where there is nothing.
    public var agreement: Double {
        let all = self.total.equal + self.differences
        return all == 0 ? 1 : Double(self.total.equal) / Double(all)
    }
}

/// A comparison of what systems hold with what they should.
public struct ReconcileRun: Sendable, Hashable, Codable {
    public enum State: String, Sendable, Hashable, Codable, CaseIterable {
        case running, done
        /// Somebody stopped it.
        case cancelled
        /// It ended before it was through; `problem` says why.
        case broken
    }

    public let id: String
    public var state = State.running
    public let scope: ReconcileScope
    public let madeBy: String
    /// RFC 3339 in UTC.
    public let beganAt: String
    public var endedAt: String?
    /// The version of the mappings.
    public let mappings: String
    public var systems: [SystemAgreement]
    public var problem: String?
    /// How many findings there are by school unit (`-` for those of none), faults that aren't on their way.
    public var units: [String: Int] = [:]
    /// How many differ by their most telling cause and field, the most frequent first.
    public var causes: [CauseCount] = []

    /// So many differences with one cause.
    public struct CauseCount: Sendable, Hashable, Codable {
        public let system: String
        public let kind: String
        public let situation: Situation
        public let cause: Cause
        public let field: String?
        public let nature: FieldNature?
        /// The error's code, where a message failed.
        public let code: String?
        public var count: Int

        public init(_ finding: Finding, count: Int) {
            self.system = finding.system
            self.kind = finding.kind
            self.situation = finding.situation
            self.cause = finding.cause
            self.field = finding.fields.first?.name
            self.nature = finding.fields.first?.nature
            self.code = finding.code
            self.count = count
        }
    }

    public init(id: String, scope: ReconcileScope, madeBy: String, beganAt: String, mappings: String, systems: [String]) {
        self.id = id
        self.scope = scope
        self.madeBy = madeBy
        self.beganAt = beganAt
        self.mappings = mappings
        self.systems = systems.map { SystemAgreement(system: $0) }
    }

    public var differences: Int { self.systems.reduce(0) { $0 + $1.differences } }
    public var inFlight: Int { self.systems.reduce(0) { $0 + $1.inFlight } }
    public var repairable: Int { self.systems.reduce(0) { $0 + $1.repairable } }

    /// Of all systems that were read, 0-1.
    public var agreement: Double {
        let read = self.systems.filter { $0.state == .done }
        let equal = read.reduce(0) { $0 + $1.total.equal }
        let all = equal + read.reduce(0) { $0 + $1.differences }
        return all == 0 ? 1 : Double(equal) / Double(all)
    }

    /// Whether every system was read to its end.
    public var isComplete: Bool { self.state == .done && self.systems.allSatisfy { $0.state == .done } }
}

/// A finding as a run keeps it.
public struct KeptFinding: Sendable, Hashable {
    /// From 1, within its run.
    public let number: Int
    public let run: String
    public let finding: Finding
    /// When a run found it first, RFC 3339 in UTC.
    public let firstAt: String
    /// The repair that it was put into.
    public let repair: String?

    public init(number: Int, run: String, finding: Finding, firstAt: String, repair: String?) {
        self.number = number
        self.run = run
        self.finding = finding
        self.firstAt = firstAt
        self.repair = repair
    }
}

/// Which findings are meant; empty = all.
public struct FindingFilter: Sendable, Hashable {
    public var systems: Set<String> = []
    public var kinds: Set<String> = []
    public var situations: Set<Situation> = []
    public var causes: Set<Cause> = []
    public var remedies: Set<Remedy> = []
    public var entities: Set<Entity> = []
    public var units: Set<String> = []
    public var record: RecordKey?
    /// Only findings that are faults and not on their way.
    public var isReal = false
    /// Only findings after this number: the next page.
    public var after = 0
    public var limit: Int?

    public init() {}
}
