public import ConnectorKit
public import Hub

/// What the console shows and works on.
public struct ConsoleDesk: Sendable {
    public let store: any HubStore
    public let mappings: MappingBook
    public let key: HubKey
    public let clock: HubClock
    /// What the program does for people's orders.
    let actions: ConsoleActions
    /// Whether a second person must approve corrections of messages.
    let editsNeedApproval: Bool
    /// How the hub is now.
    let reading: @Sendable () async -> HealthReading
    /// The alarms that are open.
    let alarms: @Sendable () async -> [Alarm]
    /// Ends what a person may not do by the hub's own permissions; what was refused is in the audit log.
    let require: @Sendable (Permissions.Action, Set<String>, String) async throws -> Void

    public init(
        store: any HubStore, mappings: MappingBook, key: HubKey, clock: HubClock = .system, actions: ConsoleActions,
        editsNeedApproval: Bool = false, reading: @escaping @Sendable () async -> HealthReading,
        alarms: @escaping @Sendable () async -> [Alarm],
        require: @escaping @Sendable (_ action: Permissions.Action, _ systems: Set<String>, _ person: String) async throws -> Void
    ) {
        self.store = store
        self.mappings = mappings
        self.key = key
        self.clock = clock
        self.actions = actions
        self.editsNeedApproval = editsNeedApproval
        self.reading = reading
        self.alarms = alarms
        self.require = require
    }

    /// Ends what this visitor may not do on these systems: neither by the roles of the console nor by the hub's permissions.
    ///
    /// - Parameter unit: the id of the school unit that it is about; `nil` for all of them, or none.
    /// - Throws: ``ConsoleRefusal`` (403).
    func require(_ action: Permissions.Action, on systems: Set<String>, unit: String? = nil, of visit: Visit) async throws {
        let may =
            systems.isEmpty
            ? visit.user.may(action, unit: unit) : systems.allSatisfy { visit.user.may(action, unit: unit, system: $0) }
        guard may else { throw ConsoleRefusal.forbidden(action.rawValue) }
        try await self.require(action, systems, visit.user.name)
    }

    /// What schools and units are called, by their ids.
    func placeNames() async throws -> [String: String] { try await RegisterReader(store: self.store).placeNames() }
}
