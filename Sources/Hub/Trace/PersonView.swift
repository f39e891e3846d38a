/// What each system has of a person, as the hub gave it, beside what the register says now.
///
/// Holds personal data where values are asked for, or differ; who asks has been written to the audit log before.
public struct PersonView: Sendable, Hashable, Codable {
    public enum Mark: String, Sendable, Codable {
        /// The system has what it should have by the register and its mapping.
        case same
        /// It has something else.
        case differs
        /// It hasn't been given it.
        case missing
        /// It has it, and shouldn't any more.
        case left
    }

    /// One field of the person's records in one system.
    public struct Cell: Sendable, Hashable, Codable {
        public let system: String
        public let mark: Mark
        /// The row kind and field in the system's words, e.g. `person.fornamn`.
        public let fields: [String]
        /// What it has, and what it should have; nothing where values aren't shown.
        public var has: [String]?
        public var should: [String]?
    }

    /// A field of the register, and what systems have of it.
    public struct Line: Sendable, Hashable, Codable {
        /// Entity and path, e.g. `person.givenName`; several where a mapping makes one value of several.
        public let origin: String
        /// The register's values; nothing where they aren't shown.
        public var register: [String]?
        public let cells: [Cell]

        /// Whether a system has something else than it should.
        public var differs: Bool { self.cells.contains { $0.mark != .same } }
    }

    /// What a system has in all.
    public struct Holding: Sendable, Hashable, Codable {
        public let system: String
        /// How many of the person's records it has been given, and of how many it has the present state.
        public let records: Int
        public let present: Int
        /// How many fields aren't as they should be.
        public let differing: Int
        /// `entity/id` of records that aren't there as they should, with their state.
        public let open: [String: SystemJourney.State]
        /// Errors of records that the system can't be given: entity and code.
        public let failing: [String]
    }

    /// A record in the vault: real data of a protected person.
    public struct VaultEntry: Sendable, Hashable, Codable {
        /// E.g. `placement`.
        public let entity: String
        public let source: String
        /// By path, e.g. `addresses.streetAddress`; of identity numbers the last four digits are hidden.
        public let fields: [String: [String]]
    }

    /// The person's id, as asked.
    public let person: String
    /// What the audit log calls them.
    public let subject: String
    /// Protected identity: then nothing else is told, but for ``vault`` and ``given`` to who is cleared.
    public let isProtected: Bool
    /// The sources of the person's records.
    public let sources: [String]
    public let systems: [Holding]
    public let lines: [Line]
    /// What the vault has of a protected person, for who is cleared; `nil` for everybody else.
    public var vault: [VaultEntry]?
    /// System → how much each receiving system is given of the protected person now: `withhold`, `masked`, `fictitious` or `cleared`.
    public var given: [String: String]?
}
