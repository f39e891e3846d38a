public import Hub

/// What the console has the program do that takes more than the store: each as the command line does it.
public struct ConsoleActions: Sendable {
    /// Begins a comparison, which goes on behind the page: what is compared, and who asked.
    let compare: @Sendable (ReconcileScope, String) async throws -> Void
    let repairer: Repairer
    /// Decides about a role plan, by its id, for somebody.
    let roles: @Sendable (RoleOrder, String, String) async throws -> Void
    /// Approves or rejects a held change, by its id, for a reason and somebody.
    let held: @Sendable (String, Bool, String, String) async throws -> HeldChange
    /// Takes what somebody hands in for a source.
    let handIn: @Sendable (HandedIn) async throws -> UploadReport

    public init(
        compare: @escaping @Sendable (_ scope: ReconcileScope, _ person: String) async throws -> Void, repairer: Repairer,
        roles: @escaping @Sendable (_ order: RoleOrder, _ plan: String, _ person: String) async throws -> Void,
        held: @escaping @Sendable (_ id: String, _ approves: Bool, _ reason: String, _ person: String) async throws -> HeldChange,
        handIn: @escaping @Sendable (_ what: HandedIn) async throws -> UploadReport
    ) {
        self.compare = compare
        self.repairer = repairer
        self.roles = roles
        self.held = held
        self.handIn = handIn
    }
}

/// What somebody decides about a role plan.
public enum RoleOrder: Sendable, Hashable {
    /// - `units`: ids of units; `nil` = all parts.
    case approve(units: Set<String>?, reason: String)
    /// Carry out what has been approved.
    case apply
    case stop
}
