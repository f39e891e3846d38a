import Foundation
public import Hub

extension HubContext {
    /// The permissions in force: those that the hub was started with; before it ever was, those of this configuration.
    public func permissions() async throws -> Permissions? {
        try await self.store.permissions() ?? self.configuration.permissions
    }

    /// Ends a command that its person may not give. What was refused is in the audit log.
    ///
    /// - Parameter systems: what it is about; empty for what is about all of them.
    /// - Throws: ``AppError`` (`not-allowed`).
    public func require(
        _ action: Permissions.Action, on systems: Set<String>, by person: String, clock: HubClock = .system
    ) async throws {
        var permissions = try await self.permissions()
        // Where there are none everybody may everything but this.
        if permissions == nil, Permissions.byNameAlone.contains(action) { permissions = Permissions(grants: [:]) }
        guard let refusal = permissions?.refusal(of: action, on: systems, by: person) else { return }
        let names = refusal.systems.sorted().joined(separator: ", ")
        try await self.store.note(
            "refused.\(action.rawValue)", subject: names.isEmpty ? "systems" : "system/\(names)", reason: nil, by: person,
            time: clock.timestamp)
        let (sv, en) = names.isEmpty ? ("alla system", "all systems") : (names, names)
        throw AppError(
            .notAllowed,
            sv: "\(person) får inte göra detta (\(action.rawValue)) för \(sv). Vem som får vad: knutpunkt permissions",
            en: "\(person) may not do this (\(action.rawValue)) for \(en). Who may do what: knutpunkt permissions")
    }
}
