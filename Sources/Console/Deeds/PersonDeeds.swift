import Hub
import SchoolRecords

/// Looking at one person, on a page or by the API.
struct PersonDeeds: Sendable {
    let desk: ConsoleDesk

    /// Whether a text is an identity number: persons are looked at by their ids, see ``PersonFinder``.
    private func isIdentityNumber(_ text: String) -> Bool {
        (try? PersonalIdentityNumber(text, today: self.desk.clock.calendarDate)) != nil
    }

    /// What systems have of a person; the audit log has who looks, and why, first.
    ///
    /// - Returns: `nil` when the hub knows of no such person.
    /// - Throws: ``ConsoleRefusal``; of a person who belongs to units that aren't the visitor's too, see ``PersonScope``.
    func look(at asked: String, showsValues: Bool, reason: String, _ visit: Visit) async throws -> PersonView? {
        guard !self.isIdentityNumber(asked) else {
            throw ConsoleRefusal.wrongInput(
                sv: "Sök inte med personnummer. Ange personens id, som det står i källan.",
                en: "Don't search by identity number. Give the person's id, as the source has it.")
        }
        if showsValues, !visit.user.does(.see) || visit.user.systems != .all { throw ConsoleRefusal.forbidden("see") }
        let id = RecordKey.normalID(asked.hasPrefix("person/") ? String(asked.dropFirst(7)) : asked)
        let reader = PersonReader(
            store: self.desk.store, mappings: self.desk.mappings.set, key: self.desk.key, today: self.desk.clock.calendarDate)
        try await self.desk.store.note(
            showsValues ? "person.values" : "person.show", of: try await reader.subject(of: id), reason: reason,
            by: visit.user.name, time: self.desk.clock.timestamp)
        try await PersonScope(store: self.desk.store).require(id, for: visit.user)
        if showsValues { try await self.desk.require(.see, [], visit.user.name) }
        return try await reader.view(of: id, systems: nil, showsValues: showsValues)
    }
}
