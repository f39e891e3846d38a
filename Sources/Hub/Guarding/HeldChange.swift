public import SchoolRecords

/// A set of changes too large to go through unseen. Approved by its ``id``, which names exactly this set.
public struct HeldChange: Sendable, Hashable, Codable {
    public enum Direction: String, Sendable, Hashable, Codable {
        /// What a source says, on its way into the register.
        case source
        /// Rows, on their way to a receiving system.
        case target
    }

    /// What has become of it.
    public enum State: String, Sendable, Hashable, Codable, CaseIterable {
        /// Waits for somebody.
        case held
        /// Goes through as soon as the same set is found again.
        case approved
        /// Stays out for as long as it is this set.
        case rejected
        /// Nobody would change exactly this any more: the source has moved on, or has put it right.
        case superseded
        /// Went through.
        case applied
        /// Went through at once, because waiting would have been worse; somebody should look.
        case told

        /// The states in which somebody has something to do.
        public static let open: Set<State> = [.held, .approved, .rejected, .told]

        /// Whether it may become the other.
        public func allows(_ next: State) -> Bool {
            switch (self, next) {
            case (.held, .approved), (.held, .rejected), (.held, .superseded), (.held, .applied): true
            case (.approved, .rejected), (.approved, .superseded), (.approved, .applied): true
            case (.rejected, .approved), (.rejected, .superseded): true
            case (.told, .applied): true
            // The very same set, found again after it had been overtaken.
            case (.superseded, .held), (.applied, .held): true
            default: false
            }
        }
    }

    public let id: String
    public let direction: Direction
    public let system: String
    /// The entity; for rows `rows`, and `mappings` for what edited mappings would do.
    public let entity: String
    /// How it was found, `full` or `changes`: only a reading of the same kind, or a full one, can tell whether it still stands.
    public let mode: String
    /// Records, or rows, that there are.
    public let living: Int
    public let creates: Int
    public let updates: Int
    public let deletes: Int
    /// Persons whose protection would end.
    public let releases: Int
    /// What is too much, over all.
    public let excess: [ChangeExcess]
    /// School units whose own changes are too many, in the order of their ids; the others aren't listed.
    public let units: [HeldUnit]
    /// For a receiving system: its kinds of rows, each by itself.
    public let kinds: [HeldKind]
    /// What strikes in the whole.
    public let hints: [SetHint]
    /// Which fields change in how many records, the most frequent first.
    public let findings: [FieldFinding]
    public var state = State.held
    /// RFC 3339 in UTC.
    public var firstAt: String
    public var lastAt: String
    public var decidedBy: String?
    public var decidedAt: String?
    public var reason: String?

    public init(
        id: String, direction: Direction, system: String, entity: String, mode: String, living: Int, counts: ChangeCounts,
        excess: [ChangeExcess], units: [HeldUnit] = [], kinds: [HeldKind] = [], hints: [SetHint] = [],
        findings: [FieldFinding] = [], state: State = .held, time: String
    ) {
        self.id = id
        self.direction = direction
        self.system = system
        self.entity = entity
        self.mode = mode
        self.living = living
        self.creates = counts.creates
        self.updates = counts.updates
        self.deletes = counts.deletes
        self.releases = counts.releases
        self.excess = excess
        self.units = units
        self.kinds = kinds
        self.hints = hints
        self.findings = findings
        self.state = state
        self.firstAt = time
        self.lastAt = time
    }
}

extension HeldChange {
    /// What it becomes when somebody approves or rejects it: what was done at once is only noted. `nil` when nothing is left to decide.
    public func outcome(of decision: State) -> State? {
        let next: State = self.state == .told && decision == .approved ? .applied : decision
        return self.state.allows(next) ? next : nil
    }
}

/// A school unit with too many changes for its size.
public struct HeldUnit: Sendable, Hashable, Codable {
    /// The organisation's id.
    public let unit: String
    public let living: Int
    public let creates: Int
    public let updates: Int
    public let deletes: Int
    public let excess: [ChangeExcess]
}

/// A kind of row of a receiving system with too many changes.
public struct HeldKind: Sendable, Hashable, Codable {
    public let kind: String
    public let living: Int
    public let creates: Int
    public let updates: Int
    public let deletes: Int
    public let excess: [ChangeExcess]
}

/// What strikes in a whole set, with how many it is about.
public struct SetHint: Sendable, Hashable, Codable {
    public enum Kind: String, Sendable, Hashable, Codable {
        /// Everything that there is would go.
        case everythingGone
        /// About as many new records as vanishing ones: ids may have changed.
        case asManyNew
        /// So many units would lose everything.
        case wholeUnits
        /// The mapping of the source has been edited since it was read last.
        case mappingEdited
        /// Records can be mapped no more.
        case newlyFailing
        /// So many persons were found protected, and have gone to the vault without waiting.
        case protectedAtOnce
    }

    public let kind: Kind
    public let count: Int

    public init(_ kind: Kind, _ count: Int) {
        self.kind = kind
        self.count = count
    }
}

/// One change of a held set, to look at. The values are personal data, sealed at rest.
public struct HeldSample: Sendable, Hashable, Codable {
    public struct Field: Sendable, Hashable, Codable {
        public let name: String
        public let before: String?
        public let after: String?

        public init(name: String, before: String?, after: String?) {
            self.name = name
            self.before = before
            self.after = after
        }
    }

    public let key: RecordKey
    public let change: ChangeKind
    /// For rows: the kind.
    public let kind: String?
    public let fields: [Field]

    public init(key: RecordKey, change: ChangeKind, kind: String? = nil, fields: [Field]) {
        self.key = key
        self.change = change
        self.kind = kind
        self.fields = fields
    }
}

/// What happened to a held set, and who did it.
public struct HeldEvent: Sendable, Hashable, Codable {
    /// RFC 3339 in UTC.
    public let time: String
    /// `held`, a state, or `values-shown`.
    public let event: String
    public let by: String?
    public let note: String?

    public init(time: String, event: String, by: String?, note: String?) {
        self.time = time
        self.event = event
        self.by = by
        self.note = note
    }
}
