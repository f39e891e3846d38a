/// A token by which a program asks the hub in nobody's presence, or in place of somebody with an account. The token itself isn't kept.
public struct MachineToken: Sendable, Hashable, Codable {
    /// By which it is known, in the audit log too. Never changes.
    public let name: String
    /// The hash of the token, in hexadecimal digits.
    public let digest: String
    /// The account in whose name it acts, with what both may do; `nil` = in its own.
    public let account: String?
    /// The console's roles by name; one that a version doesn't know allows nothing there.
    public let roles: Set<String>
    public let units: UnitScope
    public let systems: Permissions.Scope
    /// The source whose records it may hand in; `nil` = none.
    public let source: String?
    /// RFC 3339 in UTC.
    public let createdAt: String
    public let createdBy: String
    /// From when on it is good no more, RFC 3339 in UTC.
    public let expiresAt: String

    public init(
        name: String, digest: String, account: String?, roles: Set<String>, units: UnitScope, systems: Permissions.Scope,
        source: String?, createdAt: String, createdBy: String, expiresAt: String
    ) {
        self.name = name
        self.digest = digest
        self.account = account
        self.roles = roles
        self.units = units
        self.systems = systems
        self.source = source
        self.createdAt = createdAt
        self.createdBy = createdBy
        self.expiresAt = expiresAt
    }
}

/// The tokens of programs. Who makes or removes one is in the audit log, in the same transaction.
public protocol MachineTokens: Sendable {
    /// - Returns: `false`, with nothing changed, when there is one of that name.
    func add(_ token: MachineToken, by person: String, time: String) async throws -> Bool

    /// - Returns: `nil` when there is none, also for one that is good no more: whoever asks looks at the time.
    func machineToken(digest: String) async throws -> MachineToken?

    /// In order of their names.
    func machineTokens() async throws -> [MachineToken]

    /// - Returns: whether there was one.
    func removeMachineToken(_ name: String, by person: String, time: String) async throws -> Bool
}
