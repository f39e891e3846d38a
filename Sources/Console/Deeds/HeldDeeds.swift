import Hub

/// Deciding about mass changes that wait for a person.
struct HeldDeeds: Sendable {
    let desk: ConsoleDesk

    /// - Throws: ``ConsoleRefusal`` (404).
    func change(_ id: String) async throws -> HeldChange {
        guard let change = try await self.desk.store.heldChanges(HeldFilter()).first(where: { $0.id == id }) else {
            throw ConsoleRefusal.unknownPage
        }
        return change
    }

    @discardableResult
    func decide(_ change: HeldChange, approves: Bool, reason: String, _ visit: Visit) async throws -> HeldChange {
        try await self.desk.require(.approveChanges, on: [change.system], of: visit)
        return try await self.desk.actions.held(change.id, approves, reason, visit.user.name)
    }
}
