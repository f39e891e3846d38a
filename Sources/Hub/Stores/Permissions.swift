/// Who may do what on which systems. Where there are no permissions, everybody who can run the commands may do everything.
public struct Permissions: Sendable, Hashable, Codable {
    /// What a person does by a command.
    public enum Action: String, Sendable, Codable, CaseIterable {
        /// Send failed messages again; pause, resume and cancel replays.
        case replay
        /// Correct failed messages, and take corrections back.
        case edit
        /// Let somebody else's correction go.
        case approve
        case discard
        /// Remove by hand what is over.
        case archive
        /// See what a message or record holds: personal data.
        case see
        /// Read a source.
        case sync
        /// Let a change of very many records through, reject or plan it.
        case approveChanges = "approve-changes"
        /// Send a system its records again.
        case resend
        /// Keep role plans for others to approve.
        case planRoles = "plan-roles"
        /// Approve role plans that others have made.
        case approveRoles = "approve-roles"
        /// Have approved role plans carried out, and stop them.
        case applyRoles = "apply-roles"
        /// Read systems to compare what they hold with what they should.
        case reconcile
        /// Have the hub mend what such a run found, and say which rows are the same person.
        case repair
        /// Approve large repairs that others have made.
        case approveRepairs = "approve-repairs"
        /// Send a probe's synthetic records into systems.
        case probe
        /// End the hub's own protection of persons, record consents to fictitious identities, and keep guardians from being told of a
        /// child. To protect somebody needs no permission.
        case protect
        /// Erase persons, let them be taken in again, and have their data kept by a legal hold.
        case erase
        /// Change the hub's key.
        case keys
        /// Make, change and remove accounts of the console.
        case accounts
        /// See what the vault has of a protected person. Nobody does without being named for it, see ``Permissions/byNameAlone``.
        case seeProtected = "see-protected"
    }

    /// The systems on which an action is allowed.
    public enum Scope: Sendable, Hashable, Codable {
        case all
        case systems(Set<String>)

        public func has(_ system: String) -> Bool {
            switch self {
            case .all: true
            case .systems(let systems): systems.contains(system)
            }
        }
    }

    /// The entry for those who have none of their own.
    public static let everybodyElse = "*"

    /// What nobody may where there are no permissions, and nobody as one of everybody else.
    public static let byNameAlone: Set<Action> = [.seeProtected]

    public var grants: [String: [Action: Scope]]

    public init(grants: [String: [Action: Scope]]) { self.grants = grants }

    /// On which of these systems a person may not do this; what isn't about a system is about all of them.
    ///
    /// - Returns: `nil` when it is allowed on all of them.
    public func refusal(of action: Action, on systems: Set<String>, by person: String) -> Refusal? {
        let others = Self.byNameAlone.contains(action) ? nil : self.grants[Self.everybodyElse]
        let scope = (person == Self.everybodyElse ? others : self.grants[person] ?? others)?[action]
        if systems.isEmpty, scope == .all { return nil }
        let refused = systems.filter { scope?.has($0) != true }
        return systems.isEmpty || !refused.isEmpty ? Refusal(action: action, systems: refused, person: person) : nil
    }

    /// Something that isn't allowed.
    public struct Refusal: Sendable, Hashable {
        public let action: Action
        /// Empty for what is about all systems.
        public let systems: Set<String>
        public let person: String
    }
}

/// The permissions that a hub was started with: they hold for every command on its data, whatever that is told.
public protocol PermissionBook: Sendable {
    /// - Returns: `nil` when there are none.
    func permissions() async throws -> Permissions?

    /// Puts permissions in force; what has changed is in the audit log.
    func keep(_ permissions: Permissions?, by person: String, time: String) async throws

    /// Notes in the audit log what a person did, or was refused, without anything else being written.
    func note(_ action: String, subject: String, reason: String?, by person: String, time: String) async throws
}
