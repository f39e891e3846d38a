public import Hub

/// What the console has the program do that takes more than the store: each as the command line does it.
public struct ConsoleActions: Sendable {
    /// Begins a comparison, which goes on behind the page: what is compared, and who asked.
    let compare: @Sendable (ReconcileScope, String) async throws -> Void
    let repairer: Repairer
    /// Decides about a role plan, by its id, for somebody.
    let roles: @Sendable (RoleOrder, String, String) async throws -> Void
    /// Makes and keeps a role plan for somebody; its id, or `nil` when there is nothing to do.
    let planRoles: @Sendable (RolePlanRequest, String) async throws -> String?
    /// Tells somebody why a person has roles or doesn't, which goes into the audit log before anything is looked up.
    let explainRoles: @Sendable (RoleExplanationRequest, Language, String) async throws -> RolesTold
    let tools: ConsoleTools
    /// Approves or rejects a held change, by its id, for a reason and somebody.
    let held: @Sendable (String, Bool, String, String) async throws -> HeldChange
    /// Takes what somebody hands in for a source.
    let handIn: @Sendable (HandedIn) async throws -> UploadReport

    public init(
        compare: @escaping @Sendable (_ scope: ReconcileScope, _ person: String) async throws -> Void, repairer: Repairer,
        roles: @escaping @Sendable (_ order: RoleOrder, _ plan: String, _ person: String) async throws -> Void,
        planRoles: @escaping @Sendable (_ request: RolePlanRequest, _ person: String) async throws -> String?,
        explainRoles:
            @escaping @Sendable (
                _ request: RoleExplanationRequest, _ language: Language, _ person: String
            ) async throws -> RolesTold,
        held: @escaping @Sendable (_ id: String, _ approves: Bool, _ reason: String, _ person: String) async throws -> HeldChange,
        handIn: @escaping @Sendable (_ what: HandedIn) async throws -> UploadReport, tools: ConsoleTools
    ) {
        self.compare = compare
        self.repairer = repairer
        self.roles = roles
        self.planRoles = planRoles
        self.explainRoles = explainRoles
        self.tools = tools
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
