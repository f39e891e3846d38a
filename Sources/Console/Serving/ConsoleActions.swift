public import Hub

/// What the console has the program do that takes more than the store: each as the command line does it.
public struct ConsoleActions: Sendable {
    /// Begins a comparison, which goes on behind the page: what is compared, and who asked.
    let compare: @Sendable (ReconcileScope, String) async throws -> Void
    let repairer: Repairer

    public init(
        compare: @escaping @Sendable (_ scope: ReconcileScope, _ person: String) async throws -> Void, repairer: Repairer
    ) {
        self.compare = compare
        self.repairer = repairer
    }
}
