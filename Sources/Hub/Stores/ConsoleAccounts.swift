public import Foundation

/// The school units that somebody has to do with in the console.
public enum UnitScope: Sendable, Hashable, Codable {
    case all
    /// Ids of school units.
    case units(Set<String>)

    /// Whether something of this unit is among them.
    ///
    /// - Parameter unit: a school unit's id; `nil` for what belongs to none, which is for those alone who have all.
    public func has(_ unit: String?) -> Bool {
        switch self {
        case .all: true
        case .units(let units): unit.map(units.contains) ?? false
        }
    }
}

/// A password as it is kept: only whoever has the password can make the same digest of it.
public struct PasswordDigest: Sendable, Hashable, Codable {
    /// scrypt's parameters (RFC 7914): N, r and p.
    public let rounds: Int
    public let blockSize: Int
    public let parallelism: Int
    /// Random bytes of its own.
    public let salt: Data
    public let digest: Data

    public init(rounds: Int, blockSize: Int, parallelism: Int, salt: Data, digest: Data) {
        self.rounds = rounds
        self.blockSize = blockSize
        self.parallelism = parallelism
        self.salt = salt
        self.digest = digest
    }
}

/// An account of the console that the hub keeps itself.
public struct ConsoleAccount: Sendable, Hashable, Codable {
    /// By which its person signs in and stands in the audit log. Never changes.
    public let name: String
    /// How the console calls the person.
    public var displayName: String
    /// The console's roles by name; one that a version doesn't know allows nothing there.
    public var roles: Set<String>
    public var units: UnitScope
    /// The systems on which its person may do something.
    public var systems: Permissions.Scope
    public var password: PasswordDigest
    /// Whether nobody can sign in to it for the time being.
    public var isLocked = false
    /// RFC 3339 in UTC.
    public let createdAt: String
    /// Grows with each change. The store sets it.
    public internal(set) var revision: Int64 = 0

    public init(
        name: String, displayName: String, roles: Set<String>, units: UnitScope, systems: Permissions.Scope,
        password: PasswordDigest, createdAt: String
    ) {
        self.name = name
        self.displayName = displayName
        self.roles = roles
        self.units = units
        self.systems = systems
        self.password = password
        self.createdAt = createdAt
    }

    /// The account as a store keeps it under its next number.
    public func numbered(_ revision: Int64) -> ConsoleAccount {
        var account = self
        account.revision = revision
        return account
    }
}

/// The accounts of the console. Whoever's account is changed or removed is signed out in the same transaction, and the audit log
/// says who did it.
public protocol ConsoleAccounts: Sendable {
    /// - Returns: `nil` when there is no such account.
    func consoleAccount(_ name: String) async throws -> ConsoleAccount?

    /// In order of their names.
    func consoleAccounts() async throws -> [ConsoleAccount]

    /// - Returns: `false`, with nothing changed, when there is an account of that name.
    func add(_ account: ConsoleAccount, by person: String, time: String) async throws -> Bool

    /// Changes an account and ends its sessions.
    ///
    /// - Parameters:
    ///   - action: what the audit log calls it, e.g. `console.account.lock`.
    ///   - change: runs within the transaction, on the account as it is then.
    /// - Returns: the account as it is now; `nil` when there is none.
    func changeConsoleAccount(
        _ name: String, action: String, reason: String?, by person: String, time: String,
        _ change: @escaping @Sendable (inout ConsoleAccount) -> Void
    ) async throws -> ConsoleAccount?

    /// Removes an account and ends its sessions.
    ///
    /// - Returns: whether there was one.
    func removeConsoleAccount(_ name: String, by person: String, time: String) async throws -> Bool
}
