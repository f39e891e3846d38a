import ConnectorKit
import Hub
import SchoolRecords

/// Finds a person by identity number, in the index of terms, where numbers stand as keyed hashes alone. Whoever is protected isn't in it.
struct PersonFinder: Sendable {
    private static let batch = 500
    /// So many batches of changes that aren't indexed yet are waited for.
    private static let mostBatches = 40
    /// Persons of one number that are told: more than one is a fault in a source.
    private static let most = 20

    let desk: ConsoleDesk

    /// Why nobody was found.
    struct Unfound: Error {
        let text: Bilingual
    }

    /// The person whom somebody means: by id, or by an identity number. That a number was looked up is in the audit log before it is.
    ///
    /// - Throws: ``Unfound``; ``ConsoleRefusal`` (503) while so much has just been taken in that the index is behind.
    func person(_ asked: String, reason: String, by visit: Visit) async throws -> String {
        let text = asked.filter { !$0.isWhitespace }
        guard let number = try? PersonalIdentityNumber(text, today: self.desk.clock.calendarDate) else {
            return RecordKey.normalID(asked.hasPrefix("person/") ? String(asked.dropFirst(7)) : asked)
        }
        let term = RecordTerms.value("civicNo.value", number.formatted(.digits12), key: self.desk.key)
        // Always the same for a number, and nobody without the hub's key finds the number by it.
        try await self.desk.store.note(
            "person.find", of: "number/\(term.split(separator: "#").last ?? "")", reason: reason, by: visit.user.name,
            time: self.desk.clock.timestamp)
        let ids = try await self.persons(with: term)
        // Whoever sees some units' persons alone isn't told whether somebody elsewhere has the number.
        guard ids.count == 1 || visit.user.sees(unit: nil) else { throw PersonScope.refusal }
        guard ids.count < 2 else {
            let names = ids.joined(separator: ", ")
            throw Unfound(
                text: Bilingual(
                    sv: "Flera personer har det numret, vilket är ett fel i källan: \(names)",
                    en: "Several persons have that number, which is a fault in the source: \(names)"))
        }
        guard let id = ids.first else {
            throw Unfound(
                text: Bilingual(
                    sv: "Hubben känner ingen med det numret, eller får inte visa det.",
                    en: "The hub knows nobody with that number, or may not show it."))
        }
        return id
    }

    private func persons(with term: String) async throws -> [String] {
        var batches = 0
        while try await self.desk.store.index(limit: Self.batch) == Self.batch {
            batches += 1
            guard batches < Self.mostBatches else {
                throw ConsoleRefusal(
                    503, title: Bilingual(sv: "Försök igen om en stund", en: "Try again in a while"),
                    text: Bilingual(
                        sv: "Hubben har just tagit emot så mycket att numren inte går att slå upp än.",
                        en: "The hub has just taken in so much that numbers can't be looked up yet."))
            }
        }
        return try await self.desk.store.identities(of: .person, terms: [term], limit: Self.most)[term] ?? []
    }
}
