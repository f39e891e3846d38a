public import SchoolRecords

/// What is left of an erased person: no name, no number, no id of the source.
public struct Erasure: Sendable, Hashable, Codable {
    public enum State: String, Sendable, Codable, CaseIterable {
        /// Known from the list that is kept outside of the store; what a restored store holds of the person is still there.
        case listed
        /// Erased here; systems have still to delete, or the key still to be changed.
        case pending
        case done
        /// Readings may take the person in again. What was erased stays so.
        case lifted
    }

    /// A system that had something of the person.
    public struct System: Sendable, Hashable, Codable {
        public let system: String
        /// Rows by their kind.
        public let rows: [String: Int]
        /// When the deletion was settled there, RFC 3339 in UTC.
        public var confirmedAt: String?
        /// Who said that the system will never confirm.
        public var givenUpBy: String?

        public init(system: String, rows: [String: Int]) {
            self.system = system
            self.rows = rows
        }

        public var isOver: Bool { self.confirmedAt != nil || self.givenUpBy != nil }
    }

    /// The opaque id.
    public let person: String
    /// RFC 3339 in UTC.
    public let time: String
    public let by: String
    public let reason: String
    public var state: State
    public var systems: [System] = []
    /// What was destroyed, by table of the store.
    public var destroyed: [String: Int] = [:]
    /// The generation of the hub's key that went with it: everything that it had sealed, backups too, can't be opened any more.
    public var droppedGeneration: Int?
    public var finishedAt: String?
    public var liftedBy: String?
    public var liftedAt: String?

    public init(person: String, time: String, by: String, reason: String, state: State = .pending) {
        self.person = person
        self.time = time
        self.by = by
        self.reason = reason
        self.state = state
    }
}

/// Somebody has said that a person's data must be kept: nothing of it is erased or forgotten by time.
public struct LegalHold: Sendable, Hashable, Codable {
    /// The opaque id.
    public let person: String
    /// The person's id in the source.
    public let realID: String
    public let by: String
    public let reason: String
    /// RFC 3339 in UTC.
    public let time: String
    /// The last day, `YYYY-MM-DD`; `nil` = until it is lifted.
    public let until: String?

    public init(person: String, realID: String, by: String, reason: String, time: String, until: String?) {
        self.person = person
        self.realID = realID
        self.by = by
        self.reason = reason
        self.time = time
        self.until = until
    }

    public func holds(on day: CalendarDate) -> Bool { self.until.map { "\(day)" <= $0 } ?? true }
}

/// What stands between a person and the end of an erasure.
public struct Unconfirmed: Sendable, Hashable {
    /// Systems that have something of it as far as the hub knows, or are just being written to.
    public var systems: Set<String>
    /// Whether changes wait to be handed to the broker.
    public var isOnTheWay: Bool

    public init(systems: Set<String>, isOnTheWay: Bool) {
        self.systems = systems
        self.isOnTheWay = isOnTheWay
    }
}

/// Who was erased, and who mustn't be. Every decision is written to the audit log in its transaction, under the opaque id.
public protocol ErasureBook: Sendable {
    /// In the order of their times.
    func erasures() async throws -> [Erasure]

    /// Opaque ids of those whom nothing may take in again.
    func erasedPersons() async throws -> Set<String>

    /// From now on no transaction takes in anything of the person, whoever brings it.
    ///
    /// - Parameter keys: the records of and about the person, by the source's ids: kept, sealed, until the erasure is done.
    func begin(_ erasure: Erasure, keys: Set<RecordKey>) async throws

    /// The records of an erasure that isn't done.
    func keys(ofErased person: String) async throws -> Set<RecordKey>

    /// Destroys in one transaction what the store has of a person beside the records themselves: the data key, the vault's content, marks,
    /// consents, fictitious identity, contents of failed messages with corrections and attempts, samples, findings, decisions about
    /// roles, answers kept. What systems were given stays until they have confirmed.
    ///
    /// - Returns: rows by table.
    func shred(_ person: String, realID: String, keys: Set<RecordKey>) async throws -> [String: Int]

    /// Whether anything of these records is still at a system, or on its way.
    func unconfirmed(_ keys: Set<RecordKey>) async throws -> Unconfirmed

    /// Forgets what a system was given of these records: it will never confirm that it has deleted them.
    func forgetGiven(_ keys: Set<RecordKey>, to system: String) async throws

    /// Keeps how far an erasure is. With the state `done` the keys go.
    ///
    /// - Parameter action: what the audit log gets, with the reason, if it is something to be told.
    func keep(_ erasure: Erasure, action: String?, by person: String, reason: String, time: String) async throws

    /// By opaque id, those that are over too.
    func legalHolds() async throws -> [String: LegalHold]

    /// - Parameter ids: the ids of the person and of records about it, by both names; those that come later are added by themselves.
    func keep(_ hold: LegalHold, ids: Set<String>) async throws

    /// - Returns: whether there was one.
    func liftHold(of person: String, by: String, reason: String, time: String) async throws -> Bool
}
