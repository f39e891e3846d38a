public import Hub
public import Mapping
public import Reconciliation

/// What the console asks the program for that neither the store nor the mappings in force say.
public struct ConsoleTools: Sendable {
    /// The mapping files as they lie on the disk.
    let files: @Sendable () async -> [MappingFile]
    /// Reads and checks such files as the hub does; nothing is written or put in force.
    let load: @Sendable ([MappingFile]) async -> MappingLoad
    let fields: @Sendable () async throws -> FieldPicture
    let setUp: @Sendable () async -> HubSetUp
    /// Looks at everything that the hub needs; takes a while, and asks the systems.
    let examine: @Sendable () async -> [ConsoleVerdict]
    /// Walks over the whole register, one at a time.
    let scans = ScanQueue()

    public init(
        files: @escaping @Sendable () async -> [MappingFile],
        load: @escaping @Sendable (_ files: [MappingFile]) async -> MappingLoad,
        fields: @escaping @Sendable () async throws -> FieldPicture, setUp: @escaping @Sendable () async -> HubSetUp,
        examine: @escaping @Sendable () async -> [ConsoleVerdict]
    ) {
        self.files = files
        self.load = load
        self.fields = fields
        self.setUp = setUp
        self.examine = examine
    }
}

/// Every field on its way, and what was found to be otherwise than it should.
public struct FieldPicture: Sendable {
    let lines: [FieldLine]
    let findings: [ProbeFinding]
    /// The last probe; `nil` when none has been out, or it was cut off.
    let probe: ProbeReport?
    /// When the last probe began, when it was cut off: RFC 3339 in UTC.
    let interrupted: String?

    public init(lines: [FieldLine], findings: [ProbeFinding], probe: ProbeReport?, interrupted: String?) {
        self.lines = lines
        self.findings = findings
        self.probe = probe
        self.interrupted = interrupted
    }
}

/// How the hub is set up and runs.
public struct HubSetUp: Sendable, Hashable {
    /// A value of the configuration, never a secret.
    public struct Setting: Sendable, Hashable {
        /// e.g. `retention.audit_days`
        public let key: String
        /// What holds; `nil` when nothing does.
        public let value: String?
        /// Whether file, environment or flags say it; otherwise it is the default.
        public let isWritten: Bool

        public init(key: String, value: String?, isWritten: Bool) {
            self.key = key
            self.value = value
            self.isWritten = isWritten
        }
    }

    /// Of the program.
    public let version: String
    /// The hub's process; `nil` when it doesn't run.
    public let process: Int?
    /// The folders of its data and of the mapping files.
    public let dataDirectory: String
    public let mappingsDirectory: String
    /// Of the database, in bytes; `nil` when it can't be told.
    public let storeBytes: Int?
    /// Whether the broker is the hub's own node.
    public let hasPrivateBroker: Bool
    public let settings: [Setting]

    public init(
        version: String, process: Int?, dataDirectory: String, mappingsDirectory: String, storeBytes: Int?,
        hasPrivateBroker: Bool,
        settings: [Setting]
    ) {
        self.version = version
        self.process = process
        self.dataDirectory = dataDirectory
        self.mappingsDirectory = mappingsDirectory
        self.storeBytes = storeBytes
        self.hasPrivateBroker = hasPrivateBroker
        self.settings = settings
    }
}

/// One thing that was looked at, and what to do about it.
public struct ConsoleVerdict: Sendable, Hashable {
    public enum Grade: String, Sendable, Hashable { case good, warn, bad }

    public let subject: String
    public let grade: Grade
    public let finding: String
    /// What to do; `nil` for nothing.
    public let remedy: String?
    /// Where more is written.
    public let runbook: String?

    public init(subject: String, grade: Grade, finding: String, remedy: String?, runbook: String?) {
        self.subject = subject
        self.grade = grade
        self.finding = finding
        self.remedy = remedy
        self.runbook = runbook
    }
}
