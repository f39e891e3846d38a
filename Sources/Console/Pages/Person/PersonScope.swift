import ConnectorKit
import Hub
import SchoolRecords

/// Whether somebody who has to do with some school units may look at a person: when everything that places the person somewhere places
/// them at these. Nothing in between: of a person who belongs elsewhere too, a part would be shown as the whole.
struct PersonScope: Sendable {
    let store: any HubStore

    /// - Throws: ``ConsoleRefusal`` (403), the same for who belongs elsewhere and for whom the hub doesn't know.
    func require(_ person: String, for user: ConsoleUser) async throws {
        if user.sees(unit: nil) { return }
        let units = try await self.units(of: person)
        guard !units.isEmpty, units.allSatisfy(user.sees) else { throw Self.refusal }
    }

    static let refusal = ConsoleRefusal(
        403, title: Bilingual(sv: "Du får inte se den här personen", en: "You may not see this person"),
        text: Bilingual(
            sv: "Hubben känner ingen sådan person som hör till dina enheter och inga andra.",
            en: "The hub knows of no such person who belongs to your units and no others."))

    /// The units where the person is enrolled, has a duty or is placed.
    private func units(of person: String) async throws -> Set<String> {
        let key = RecordKey(.person, person)
        var units: Set<String> = []
        if let own = try await self.store.records([key])[key], own.isLive {
            let body = try JSONValue(parsing: own.body)
            units.formUnion((body["enrolments"]?.arrayValue ?? []).compactMap { $0["enroledAt"]?["id"]?.stringValue })
        }
        for record in try await self.store.records(about: person, entities: [.duty, .placement]) where record.isLive {
            let body = try JSONValue(parsing: record.body)
            units.formUnion([body["dutyAt"], body["placedAt"]].compactMap { $0?["id"]?.stringValue })
        }
        return units
    }
}
