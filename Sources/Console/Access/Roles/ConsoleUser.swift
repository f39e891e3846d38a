public import Hub

/// Somebody who is signed in to the console, and what they may do there.
public struct ConsoleUser: Sendable, Hashable, Codable {
    /// Who vouches for the person.
    public enum SignIn: Sendable, Hashable, Codable {
        /// An account of the hub's own, as it was at its revision.
        case account(revision: Int64)
        /// An OpenID provider, which knows the person by this subject.
        case openID(issuer: String, subject: String)
        /// A program's token, in its own name.
        case token
    }

    /// What a person decides about what others have made: no program does that in its own name.
    static let approvals: Set<Permissions.Action> = [.approve, .approveChanges, .approveRoles, .approveRepairs]
    /// What no program does at all: the persons whom nobody is to find are no matter of routine.
    static let peopleAlone: Set<Permissions.Action> = [.seeProtected]

    /// By which the audit log and the hub's permissions know the person.
    public let name: String
    /// How the console calls the person.
    public let displayName: String
    public let roles: Set<ConsoleRole>
    /// The school units whose matters the person sees and does something about.
    public let units: UnitScope
    /// The systems on which the person does something.
    public let systems: Permissions.Scope
    public let signIn: SignIn

    public init(
        name: String, displayName: String, roles: Set<ConsoleRole>, units: UnitScope, systems: Permissions.Scope = .all,
        signIn: SignIn
    ) {
        self.name = name
        self.displayName = displayName
        self.roles = roles
        self.units = units
        self.systems = systems
        self.signIn = signIn
    }

    /// Whether a part of the console is open to the person; what of it they see is a matter of units, see ``sees(unit:)``.
    public func may(_ area: ConsoleArea) -> Bool { self.roles.contains { $0.areas.contains(area) } }

    /// Whether the person's roles let them do something. The hub's own permissions are asked beside this.
    ///
    /// - Parameters:
    ///   - unit: the id of the school unit that it is about; `nil` for what is about all of them, or about none, which those alone
    ///     do who have all units.
    ///   - system: the system on which it is done; `nil` for all of them, which those alone do who have all systems.
    public func may(_ action: Permissions.Action, unit: String? = nil, system: String? = nil) -> Bool {
        guard self.units.has(unit), self.does(action) else { return false }
        return system.map(self.systems.has) ?? (self.systems == .all)
    }

    /// Whether the person does such a thing at all, on some unit or system: for showing its button.
    public func does(_ action: Permissions.Action) -> Bool {
        guard self.signIn != .token || !Self.approvals.union(Self.peopleAlone).contains(action) else { return false }
        return self.roles.contains { $0.actions.contains(action) }
    }

    /// Whether the person sees what is of a school unit.
    ///
    /// - Parameter unit: the unit's id; `nil` for what belongs to none.
    public func sees(unit: String?) -> Bool { self.units.has(unit) }
}
