public import SchoolRecords

/// The roles that a system has: `roles/<system>.yaml`.
public struct RoleCatalog: Sendable, Hashable {
    public struct Role: Sendable, Hashable {
        /// As grants name it.
        public let name: String
        /// The vendor's word.
        public let term: String
        public let meaning: Purpose?
        /// What it gives access to.
        public let access: Purpose?
        public let scopes: [RoleScope]
        /// Whoever has it sees or changes much: shown as a risk in plans.
        public let isPrivileged: Bool
        /// The system has it of records that it is given anyway, e.g. a pupil of the class list: no rule gives or takes it.
        public let comesWithRecords: Bool
        /// What of this isn't public and is therefore assumed.
        public let assumed: [String]
        public let place: RulePlace

        public init(
            name: String, term: String, meaning: Purpose? = nil, access: Purpose? = nil, scopes: [RoleScope],
            isPrivileged: Bool = false, comesWithRecords: Bool = false, assumed: [String] = [], place: RulePlace
        ) {
            self.name = name
            self.term = term
            self.meaning = meaning
            self.access = access
            self.scopes = scopes
            self.isPrivileged = isPrivileged
            self.comesWithRecords = comesWithRecords
            self.assumed = assumed
            self.place = place
        }
    }

    public let system: String
    /// The system's name as people write it.
    public let title: String
    /// Whether the system keeps from when to when a role holds. Where it doesn't, days are no difference.
    public let holdsDates: Bool
    /// Whether persons with protected identity may be given roles there.
    public let takesProtected: Bool
    /// The kind of organisation that the system calls a school: a role at a unit holds at the nearest one of this kind, the unit
    /// itself or one above it. `nil` where it knows them all.
    public let unitType: OrganisationType?
    public let roles: [String: Role]
    public let file: String

    public init(
        system: String, title: String, holdsDates: Bool = true, takesProtected: Bool = false,
        unitType: OrganisationType? = nil, roles: [String: Role], file: String
    ) {
        self.system = system
        self.title = title
        self.holdsDates = holdsDates
        self.takesProtected = takesProtected
        self.unitType = unitType
        self.roles = roles
        self.file = file
    }
}

/// What a role policy is written in: the systems' roles, and the codes of titles.
public struct RoleVocabulary: Sendable, Hashable {
    public let catalogs: [String: RoleCatalog]
    /// Title code → duty role, of `codes/title_code.csv`.
    public let titleCodes: [String: String]
    /// A hash of the files.
    public let version: String

    public init(catalogs: [String: RoleCatalog] = [:], titleCodes: [String: String] = [:], version: String = "") {
        self.catalogs = catalogs
        self.titleCodes = titleCodes
        self.version = version
    }

    /// A role's entry.
    public func role(_ name: RoleName) -> RoleCatalog.Role? { self.catalogs[name.system]?.roles[name.role] }
}
