public import Hub
public import Logging
public import Provisioning

/// How a hub is set up.
public struct HubConfiguration: Sendable {
    /// Where everything the hub keeps lies: store, key, private broker, locks.
    public var dataDirectory: String
    /// The mappings, see `Mappings/`.
    public var mappingsDirectory: String
    /// The broker; `nil` = the hub's own private node in the data directory.
    public var brokerURL: String?
    /// CA certificates (PEM) for an `amqps` broker; `nil` = the system's.
    public var brokerCAFile: String?
    /// The hub's own certificate and its key, PEM, for a broker that asks for one.
    public var brokerCertificateFile: String?
    /// See ``brokerCertificateFile``.
    public var brokerKeyFile: String?
    /// The file with the hub's key; `nil` = `hub.key` in the data directory, made at the first start.
    public var keyFile: String?
    /// The program that keeps the hub's keys in place of a file, with its arguments.
    public var keyCommand: [String]?
    /// Where it is written who was erased, outside of the store; `nil` = beside the key's file.
    public var erasureList: String?
    /// Where notices of sources are taken, `host:port`; `nil` = nowhere.
    public var httpListen: String?
    /// The address by which other systems reach ``httpListen``, e.g. `https://hub.kommun.example`.
    public var httpPublicURL: String?
    /// Which systems may fetch over SS 12000, and where (`api.*`).
    public var api = APIConfiguration()
    /// Whether corrections of failed messages are sent only when a second person has approved them.
    public var editsNeedApproval = false
    /// By what rules failed messages are sent again by themselves.
    public var replayRules: [ReplayRule] = []
    /// How long is kept what is over.
    public var retention = RetentionPeriods()
    /// How long is kept what isn't in force any more.
    public var forgetting = ForgettingPeriods()
    /// Which role plans the hub makes by itself.
    public var roleSchedule = RoleSchedule()
    /// When systems are compared with what they should hold (`reconcile.*`).
    public var reconcileSchedule = ReconcileSchedule()
    /// When the hub looks at the quality of the sources by itself.
    public var quality = QualitySchedule()
    /// Officially published test numbers for the probe's pupil, guardian and staff, in this order: 12 digits each.
    public var probeNumbers: [String] = []
    /// The school unit that the probe's records belong to: school unit code, name or id; `nil` = one that fits.
    public var probeUnit: String?
    /// Who may do what; `nil` = everybody everything.
    public var permissions: Permissions?
    /// Where health and metrics are served, `host:port`; `nil` = nowhere.
    public var httpOperations: String?
    /// Where the web console is served, and who gets in.
    public var console = ConsoleConfiguration()
    public var alarms = AlarmConfiguration()
    public var logLevel: Logger.Level
    /// Log lines as JSON objects.
    public var logsJSON = false
    public var limits: [String: Double]
    /// Settings of systems that replace those in `Mappings/<system>/system.yaml`: dotted path under the system → text.
    var overrides: @Sendable (_ system: String, _ path: String) -> String?
    /// What file, environment or flags say under a key; `nil` when they say nothing.
    var written: @Sendable (_ key: String) -> String?
    /// The names of such settings in file and flags.
    var systemKeys: [SystemKey] = []
    /// Where the rules stand.
    var ruleSettings = ReplayRule.settings
    /// Where the permissions stand.
    var permissionSettings = Permissions.settings

    public init(dataDirectory: String = "knutpunkt-data", mappingsDirectory: String = "Mappings") {
        self.dataDirectory = dataDirectory
        self.mappingsDirectory = mappingsDirectory
        self.logLevel = .info
        self.limits = [:]
        self.overrides = { _, _ in nil }
        self.written = { _ in nil }
    }

    var storePath: String { self.dataDirectory + "/knutpunkt.sqlite" }
    var nodeDirectory: String { self.dataDirectory + "/rabbitmq" }
    var erasureListPath: String {
        self.erasureList ?? (self.keyCommand == nil ? self.keyPath : self.dataDirectory + "/hub.key") + ".erased"
    }
    var keyPath: String { self.keyFile ?? self.dataDirectory + "/hub.key" }
}
