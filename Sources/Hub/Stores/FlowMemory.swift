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
    /// The live records about each person, also those that are so through another (a stay schedule through its placement).
    /// Persons without any are left out.
    func records(about persons: Set<String>, entities: Set<Entity>) async throws -> [String: [RegisteredRecord]]

    /// The persons whom these records are about, or about whom a flow decided by them last time: also when the record is
    /// gone or has moved to another person since.
    func subjects(of keys: Set<RecordKey>, flow: String) async throws -> Set<String>

    /// Of these persons, those whom a flow has something to do with: with a live record of these entities of their own, those
    /// whom it remembers (it has made something for them, or noted what it looked at), and those about whom it couldn't decide.
    ///
    /// - Parameter entities: empty = those of the latter kinds alone.
    func concerned(among persons: Set<String>, by entities: Set<Entity>, flow: String) async throws -> Set<String>

    /// All persons whom a flow has something to do with, as ``concerned(among:by:flow:)`` has it, in the order of their ids.
    ///
    /// - Parameters:
    ///   - after: the last person of the page before.
    ///   - limit: the most persons of a page.
    func subjects(with entities: Set<Entity>, flow: String, after: String?, limit: Int) async throws -> [String]

    /// Notes what runs are about to do, in one transaction and in their order, before their records are taken.
    ///
    /// - Returns: for each run, records that the flow made for the person before and makes no more.
    func begin(_ runs: [FlowRun]) async throws -> [Set<RecordKey>]

    /// The records that a flow has made for persons; those without any are left out.
    func made(by flow: String, for subjects: Set<String>) async throws -> [String: Set<RecordKey>]

    /// Notes that the records of runs have been taken; what is no longer read or made is forgotten, and open failures of the flow
    /// for these keys are closed.
    func finish(_ runs: [FlowRun]) async throws

    /// Why records are there; those that no flow made are left out.
    func derivations(of keys: Set<RecordKey>) async throws -> [RecordKey: Derivation]

    /// Records that flows hold up, by flow.
    func derivedCounts() async throws -> [String: Int]
}

extension FlowMemory {
    /// The live records about one person.
    public func records(about person: String, entities: Set<Entity>) async throws -> [RegisteredRecord] {
        try await self.records(about: [person], entities: entities)[person] ?? []
    }
}
