public import SchoolRecords

/// A rule that makes records of what the hub knows about one person: pure, with no clock, no I/O and no memory.
///
/// It decides the whole set of its records for a person from what is known now. What is equal to before leaves no trace, and
/// what is no longer in the set is deleted: a flow needs no order of messages, and doing it again changes nothing.
/// Records that a flow made are never shown to a flow, so that none can feed another or itself.
public protocol Flow: Sendable {
    /// What `flows.yaml` calls it, and the source of the records it makes.
    var name: String { get }

    /// The entities whose changes can change a decision.
    var reads: Set<Entity> { get }

    /// Of ``reads``, the entities of which a live record must be about the person itself for it to make anything: without one
    /// ``decide(_:today:)`` makes nothing and finds nothing wrong, whatever else is there, so that the person needn't be looked at.
    var triggers: Set<Entity> { get }

    /// The entities of the records it makes.
    var writes: Set<Entity> { get }

    /// Records, beside those about the person, that a decision needs; asked again until nothing new is wanted.
    func needs(_ state: SubjectState) -> Set<RecordKey>

    /// All records that hold for the person on a day.
    ///
    /// - Throws: ``FlowFailure`` or `RecordError` when something is there that can't be understood; the person's records stay
    ///   as they are then and somebody is told.
    func decide(_ state: SubjectState, today: CalendarDate) throws -> [DerivedRecord]
}

extension Flow {
    public func needs(_ state: SubjectState) -> Set<RecordKey> { [] }
}

/// A record as a flow sees it.
public struct FlowRecord: Sendable, Hashable {
    public let key: RecordKey
    /// The system it comes from.
    public let source: String
    public let sequence: Int64
    /// When the hub took this state, RFC 3339 in UTC.
    public let time: String
    public let json: JSONValue

    public init(key: RecordKey, source: String, sequence: Int64, time: String, json: JSONValue) {
        self.key = key
        self.source = source
        self.sequence = sequence
        self.time = time
        self.json = json
    }
}

/// What the hub knows about one person now: the live records about it, those made by flows left out.
public struct SubjectState: Sendable, Hashable {
    /// The person's id.
    public let person: String
    private let byEntity: [Entity: [FlowRecord]]
    private let lookedUp: [RecordKey: FlowRecord]
    /// What the flow itself decided last time, for one that must know what an earlier decision rested on. Decided again from
    /// the same records and its own result, it must come to the same.
    public let earlier: [FlowRecord]

    /// - Parameters:
    ///   - lookedUp: records that aren't about the person, which the flow asked for.
    ///   - earlier: the flow's own live records for the person.
    public init(
        person: String, records: [FlowRecord], lookedUp: [RecordKey: FlowRecord] = [:], earlier: [FlowRecord] = []
    ) {
        self.person = person
        self.byEntity = Dictionary(grouping: records.sorted { $0.key < $1.key }, by: \.key.entity)
        self.lookedUp = lookedUp
        self.earlier = earlier
    }

    /// The records of an entity about the person, in the order of their ids.
    public func records(_ entity: Entity) -> [FlowRecord] { self.byEntity[entity] ?? [] }

    /// A record that the flow asked for; `nil` when there is none.
    public func lookedUp(_ key: RecordKey) -> FlowRecord? { self.lookedUp[key] }

    /// Every record in it.
    var keys: Set<RecordKey> { Set(self.byEntity.values.joined().map(\.key)).union(self.lookedUp.keys) }

    var all: [FlowRecord] { Array(self.byEntity.values.joined()) }
}

/// A record that a flow makes, and why.
public struct DerivedRecord: Sendable, Hashable {
    public let key: RecordKey
    /// SS 12000 JSON; checked and normalised before it is taken.
    public let json: JSONValue
    /// The rule that made it, a stable word, e.g. `stay-overlapped`.
    public let rule: String
    /// The records it was made of.
    public let origins: [RecordKey]

    public init(key: RecordKey, json: JSONValue, rule: String, origins: [RecordKey]) {
        self.key = key
        self.json = json
        self.rule = rule
        self.origins = origins
    }
}

/// Why a flow can't decide. The message is safe: it names fields and codes, no value of a person.
public struct FlowFailure: Error, Sendable, Hashable {
    public let code: NewFailure.Code
    public let field: String?
    public let message: String

    public init(code: NewFailure.Code, field: String? = nil, message: String) {
        self.code = code
        self.field = field
        self.message = message
    }
}
