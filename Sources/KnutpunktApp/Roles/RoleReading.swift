public import Hub
public import Provisioning

/// What the register says of persons and of the roles that systems hold.
public struct RoleReading: Sendable {
    public internal(set) var population = Population()
    public internal(set) var held = HeldRoles(systems: [])
    /// Organisation or group id → its name.
    public internal(set) var places: [String: String] = [:]
    /// Person id → name, when names were asked for; of nobody whose identity is protected.
    public internal(set) var names: [String: String] = [:]
    /// What somebody has decided by hand, also what is over.
    public internal(set) var decisions: [KeptRoleDecision] = []
    public internal(set) var protectedPersons: Set<String> = []
}
