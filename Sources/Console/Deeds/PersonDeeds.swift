import Hub
import SchoolRecords

/// Looking at one person, on a page or by the API.
struct PersonDeeds: Sendable {
    let desk: ConsoleDesk

    /// What the vault has of a protected person, for who is cleared: by the role, and by name in the hub's permissions. Who looks, and
    /// why, is in the audit log before the vault is opened.
    ///
    /// - Returns: `nil` when the vault has no such person.
    /// - Throws: ``ConsoleRefusal`` (403) for everybody else, who has been written to the audit log where the hub's permissions refuse.
    func lookInVault(at asked: String, reason: String, _ visit: Visit) async throws -> PersonView? {
        guard !self.isIdentityNumber(asked) else { throw Self.noNumber }
        try await self.desk.require(.seeProtected, on: [], of: visit)
        let reader = PersonReader(
            store: self.desk.store, mappings: self.desk.mappings.set, key: self.desk.key, today: self.desk.clock.calendarDate)
        let id = Self.id(asked)
        try await self.desk.store.note(
            "person.protected", of: try await reader.subject(of: id), reason: reason, by: visit.user.name,
            time: self.desk.clock.timestamp)
        return try await reader.clearedView(of: id)
    }

    /// Whether somebody is told where a record has been when that tells of a protected person: who sees persons does, with all units, and
    /// the audit log has that they asked. For everybody else there is no such record.
    ///
    /// What was found by a message, a trace or a failure is shown without the records that are protected.
    ///
    /// - Returns: `nil` when there is nothing to tell.
    func told(_ found: JourneyReader.Answer, _ visit: Visit) async throws -> JourneyReader.Answer? {
        var answer = found
        guard answer.about != .person, answer.about != .record else {
            return try await self.mayBeTold(of: answer, visit) ? answer : nil
        }
        func key(_ journey: Journey) -> RecordKey? {
            let parts = journey.record.split(separator: "/", maxSplits: 1).map(String.init)
            return parts.count == 2 ? Entity(rawValue: parts[0]).map { RecordKey($0, parts[1]) } : nil
        }
        let names = try await ShownNames(of: answer.journeys.compactMap(key), on: self.desk)
        guard !names.hidden.isEmpty else { return answer }
        answer.journeys.removeAll { journey in key(journey).map(names.hides) ?? false }
        return answer.journeys.isEmpty ? nil : answer
    }

    private func mayBeTold(of answer: JourneyReader.Answer, _ visit: Visit) async throws -> Bool {
        guard answer.isProtected else { return true }
        guard visit.user.may(.person), visit.user.sees(unit: nil) else { return false }
        let parts = answer.subject.split(separator: "/", maxSplits: 1).map(String.init)
        guard parts.count == 2, let entity = Entity(rawValue: parts[0]) else { return false }
        let key = RecordKey(entity, parts[1])
        let isKnownSo = try await !self.desk.store.holds([key]).isEmpty
        try await self.desk.store.note(
            "person.trace", subject: isKnownSo ? "\(key)" : "\(self.desk.key.opaqueKey(for: key))", reason: nil,
            by: visit.user.name, time: self.desk.clock.timestamp)
        return true
    }

    private static let noNumber = ConsoleRefusal.wrongInput(
        sv: "Sök inte med personnummer. Ange personens id, som det står i källan.",
        en: "Don't search by identity number. Give the person's id, as the source has it.")

    private static func id(_ asked: String) -> String {
        RecordKey.normalID(asked.hasPrefix("person/") ? String(asked.dropFirst(7)) : asked)
    }

    /// Whether a text is an identity number: persons are looked at by their ids, see ``PersonFinder``.
    private func isIdentityNumber(_ text: String) -> Bool {
        (try? PersonalIdentityNumber(text, today: self.desk.clock.calendarDate)) != nil
    }

    /// What systems have of a person; the audit log has who looks, and why, first.
    ///
    /// - Returns: `nil` when the hub knows of no such person.
    /// - Throws: ``ConsoleRefusal``; of a person who belongs to units that aren't the visitor's too, see ``PersonScope``.
    func look(at asked: String, showsValues: Bool, reason: String, _ visit: Visit) async throws -> PersonView? {
        guard !self.isIdentityNumber(asked) else { throw Self.noNumber }
        if showsValues, !visit.user.does(.see) || visit.user.systems != .all { throw ConsoleRefusal.forbidden("see") }
        let id = Self.id(asked)
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
