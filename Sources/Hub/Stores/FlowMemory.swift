public import SchoolRecords

/// What a flow did for a person: the records it looked at and those it made.
public struct FlowRun: Sendable, Hashable {
    public let flow: String
    /// The person's id.
    public let subject: String
    public let reads: Set<RecordKey>
    public let derivations: [Derivation]

    public init(flow: String, subject: String, reads: Set<RecordKey>, derivations: [Derivation]) {
        self.flow = flow
        self.subject = subject
        self.reads = reads
        self.derivations = derivations
    }
}

/// Why a derived record is there.
public struct Derivation: Sendable, Hashable, Codable {
    public let key: RecordKey
    public let flow: String
    public let rule: String
    /// The records it was made of.
    public let origins: [RecordKey]

    public init(key: RecordKey, flow: String, rule: String, origins: [RecordKey]) {
        self.key = key
        self.flow = flow
        self.rule = rule
        self.origins = origins
    }
}

/// What flows need to find the persons whom a change concerns, and to know what they made: ids alone, no content.
public protocol FlowMemory: Sendable {
    /// The live records about a person, also those that are so through another (a stay schedule through its placement).
    func records(about person: String, entities: Set<Entity>) async throws -> [RegisteredRecord]

    /// The persons whom these records are about, or about whom a flow decided by them last time: also when the record is
    /// gone or has moved to another person since.
    func subjects(of keys: Set<RecordKey>, flow: String) async throws -> Set<String>

    /// Persons with live records of these entities, and those whom the flow has decided about, in the order of their ids.
    func subjects(with entities: Set<Entity>, flow: String, after: String?, limit: Int) async throws -> [String]

    /// Notes what a run is about to do, before its records are taken.
    ///
    /// - Returns: records that the flow made for the person before and makes no more.
    func begin(_ run: FlowRun) async throws -> Set<RecordKey>

    /// The records that a flow has made for a person.
    func made(by flow: String, for subject: String) async throws -> Set<RecordKey>

    /// Notes that a run's records have been taken; what is no longer read or made is forgotten, and open failures of the flow
    /// for these keys are closed.
    func finish(_ run: FlowRun) async throws

    /// Why records are there; those that no flow made are left out.
    func derivations(of keys: Set<RecordKey>) async throws -> [RecordKey: Derivation]

    /// Records that flows hold up, by flow.
    func derivedCounts() async throws -> [String: Int]
}
