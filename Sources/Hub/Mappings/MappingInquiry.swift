public import Mapping
public import SchoolRecords

/// What people ask of the mappings: explanations, differences, coverage. Reads the Register, changes nothing.
public struct MappingInquiry: Sendable {
    /// Why a question has no answer.
    public enum Problem: Error, Sendable, Hashable {
        /// No hub has run yet: there is nothing to look at.
        case noRegister
        case noSystem(String)
        /// What a source sent isn't kept.
        case isSource(String)
        /// Deleted, or of a protected person.
        case withheld(RecordKey)
        case noRecord(RecordKey)
        case noMapping(String, Entity, known: [Entity])
        /// The document isn't a record of its kind.
        case noSuchRecord(Entity, RecordError)
        /// A mapping asks again for what it has been given.
        case asksAgain(String)
    }

    /// The mappings in force.
    public let set: MappingSet
    let store: (any HubStore)?

    /// - Parameter store: `nil` where no hub has run yet.
    public init(set: MappingSet, store: (any HubStore)?) {
        self.set = set
        self.store = store
    }

    /// The Register.
    func register() throws(Problem) -> RegisterReader {
        guard let store = self.store else { throw .noRegister }
        return RegisterReader(store: store)
    }

    func system(_ name: String) throws(Problem) -> SystemDescription {
        guard let system = self.set.systems[name] else { throw .noSystem(name) }
        return system
    }

    func check(_ name: String) throws(Problem) { _ = try self.system(name) }
}
