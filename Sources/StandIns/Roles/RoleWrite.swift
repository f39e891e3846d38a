/// A role that was given or taken over a system's interface, in the order of the requests.
public struct RoleWrite: Sendable, Hashable {
    public enum Operation: Sendable, Hashable { case given, taken }

    /// Whose, which and where: `person|role|scope`; the scope of the whole municipality is `kommun`.
    public let address: String
    public let operation: Operation
    /// Whether anything is otherwise than before.
    public let hadEffect: Bool
}
