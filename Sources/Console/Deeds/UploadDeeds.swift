import Hub

/// Handing in records for a source is a reading of it that somebody else does.
struct UploadDeeds: Sendable {
    let desk: ConsoleDesk

    /// Whether somebody may hand in for a source; of their units' records alone, see `Upload`.
    ///
    /// - Throws: ``ConsoleRefusal`` (403).
    func require(_ source: String, of user: ConsoleUser) async throws {
        guard user.does(.sync), user.systems.has(source) else {
            throw ConsoleRefusal.forbidden(Permissions.Action.sync.rawValue)
        }
        try await self.desk.require(.sync, [source], user.name)
    }
}
