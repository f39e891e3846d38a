/// What is the matter with a row of a receiving system, or with a record that should give one.
public enum Situation: String, Sendable, Hashable, Codable, CaseIterable {
    /// Should be there and isn't.
    case missing
    /// Is there and shouldn't be.
    case unexpected
    /// Is there with other fields than it should have.
    case different
    /// Is there as the hub gave it once; a newer state hasn't got there.
    case stale
    /// The system holds two of one kind and key, or two for one person.
    case duplicate
    /// Should be there, and is there under another key.
    case otherKey = "other-key"
    /// Names another row, which the system doesn't hold: a membership without its person.
    case dependencyBroken = "dependency-broken"
    /// Shows something of a person whose identity is protected.
    case leaked
    case roleMissing = "role-missing"
    case roleExcess = "role-excess"
    case roleDifferent = "role-different"
    /// Today's mapping makes nothing of the record: nobody can say what the system should hold.
    case unmappable
    /// The system isn't given it, because the person's identity is protected: as it should be.
    case withheld

    /// Whether anything is wrong.
    public var isFault: Bool { self != .withheld }
}

/// Why it came about, as far as the hub can tell from what it did.
public enum Cause: String, Sendable, Hashable, Codable, CaseIterable {
    /// The system was given it, and doesn't have it any more.
    case lost
    /// The system was given it as it should be, and shows something else: changed there, or not kept as given.
    case changedThere = "changed-there"
    /// The system was never given it, and nothing of it is on its way.
    case neverGiven = "never-given"
    /// The system was given what the mapping, or the day, gave then; today they give something else.
    case mappingMoved = "mapping-moved"
    /// The message was refused, or couldn't be mapped: a failed message waits for somebody.
    case failed
    /// Somebody gave up the failed message.
    case discarded
    /// Waits for another record, which isn't there yet.
    case waiting
    /// Another try is planned.
    case retrying
    /// Set aside with a mass change, which waits for approval or was rejected.
    case held
    /// On its way to the system.
    case underWay = "under-way"
    /// Changed while the systems were read: the next run tells.
    case moved
    /// Was taken away, and is there still, or again.
    case keptThere = "kept-there"
    /// The hub never gave it; it is about somebody, or something, whom the hub knows.
    case neverManaged = "never-managed"
    /// The hub never gave it, and knows nobody whom it could be about.
    case nobody
    /// The same person, by a rule or by somebody's decision.
    case samePerson = "same-person"
    /// Perhaps the same person: somebody has to say.
    case perhapsSamePerson = "perhaps-same-person"
    /// The system gave the very same row twice.
    case twice
    /// What the row names isn't in the system.
    case endMissing = "end-missing"
    /// The person's identity is protected.
    case protected

    /// Whether time alone mends it: nothing is wrong, something is on its way.
    public var isInFlight: Bool {
        switch self {
        case .retrying, .underWay, .moved: true
        default: false
        }
    }
}

/// What to do about it.
public enum Remedy: String, Sendable, Hashable, Codable, CaseIterable {
    /// Nothing is to be done.
    case none
    /// It is on its way.
    case wait
    /// The hub gives it again: `knutpunkt reconcile repair`.
    case sendAgain = "send-again"
    /// The hub takes it away again: `knutpunkt reconcile repair`.
    case takeAway = "take-away"
    /// Mend what made the message fail, and replay it: `knutpunkt failed show`.
    case mendMessage = "mend-message"
    /// Mend what the awaited record lacks.
    case mendAwaited = "mend-awaited"
    /// Decide about the mass change: `knutpunkt held show`.
    case decideHeld = "decide-held"
    /// Replay the message that was given up, or leave it.
    case reconsider
    /// Mend the mapping, or the value that it can't translate.
    case mendMapping = "mend-mapping"
    /// Sending again didn't help: the system, or the way there, doesn't keep what it is given.
    case mendInterface = "mend-interface"
    /// Say whether they are the same: `knutpunkt reconcile match`.
    case decideMatch = "decide-match"
    /// Make one of two, in the system.
    case merge
    /// Take it away in the system, by hand, or tell why it is there.
    case removeThere = "remove-there"
    /// Take it away in the system, at once, and report it.
    case recall
    /// Give or take it by a plan: `knutpunkt roles review`, `knutpunkt roles plan`.
    case planRoles = "plan-roles"

    /// Whether the hub can mend it by messages of its own.
    public var isRepairable: Bool { self == .sendAgain || self == .takeAway }
}

/// Whose task it is to mend something.
public enum Owner: String, Sendable, Hashable, Codable, CaseIterable {
    /// Whoever runs the hub.
    case operations
    /// Whoever answers for the system that should hold it.
    case receiver
    /// Whoever answers for the system whose word counts.
    case master
    /// Whoever answers for roles.
    case roles
    /// Whoever answers for personal data.
    case dataProtection = "data-protection"
    /// Nobody.
    case nobody

    public init(of remedy: Remedy) {
        self =
            switch remedy {
            case .none, .wait: .nobody
            case .sendAgain, .takeAway, .mendMessage, .mendAwaited, .decideHeld, .reconsider, .mendMapping, .mendInterface:
                .operations
            case .decideMatch, .merge, .removeThere: .receiver
            case .recall: .dataProtection
            case .planRoles: .roles
            }
    }
}
