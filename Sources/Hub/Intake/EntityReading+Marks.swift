import ConnectorKit
import Foundation
import Mapping
import SchoolRecords

/// A source whose word about protection counts beside the persons' own: the population register's. It is carried out before anything of what it
/// says is taken.
extension EntityReading {
    /// Takes the marks alone, while what they are about can't be read yet: whoever is marked is protected from the first reading on.
    func readMarks() async throws {
        try await self.intake.source.read(self.entity, scope: .full) { page in try await self.takeMarks(page) }
    }

    private func takeMarks(_ page: SourcePage) async throws {
        guard let completion = self.entity.completion, completion.marks else { return }
        try await self.takeMarks(of: try await self.linked(page.records.map(self.reader.read), completion))
    }

    /// Protects whom these readings mark, and ends what they say to be over.
    ///
    /// - Parameter readings: with the persons that are known.
    func takeMarks(of readings: [RecordReader.Reading]) async throws {
        let (store, key, time) = (self.intake.store, self.intake.key, self.intake.clock.timestamp)
        let known = try await store.sourceMarks().filter { $0.source == self.run }
        let levels = Dictionary(known.map { ($0.number, $0.level) }, uniquingKeysWith: { first, _ in first })
        var marks: [SourceMark] = []
        var persons: Set<String> = []
        var ending: [(numbers: Set<String>, person: String?)] = []
        for case .record(_, let body, _) in readings {
            let numbers = RegistrationCompletion.own(body).map { RecordTerms.number($0, key: key) }
            let person = body["person"]?["id"]?.stringValue
            let marking = SecurityMarking(json: body["securityMarking"])
            let isSaid = body["securityMarking"]?.isNull == false
            // Who is marked stays so under another number, unless the source says otherwise.
            guard marking.isProtected || !isSaid && numbers.contains(where: { levels[$0] != nil }) else {
                if isSaid { ending.append((Set(numbers), person)) }
                continue
            }
            let level = marking.isProtected ? ProtectionLevel(marking) : numbers.compactMap { levels[$0] }.first ?? nil
            let opaque = person.map { key.opaqueKey(for: RecordKey(.person, $0)).id }
            marks += numbers.map {
                SourceMark(source: self.run, number: $0, person: opaque, level: level, time: time)
            }
            if let person { persons.insert(person) }
        }
        let protector = Protector(store: store, key: key, mappings: self.intake.mappings, clock: self.intake.clock)
        if !marks.isEmpty {
            let appeared = try await protector.protect(marks: marks, persons: persons)
            self.newlyProtected.formUnion(appeared)
        }
        for (numbers, person) in ending {
            try await protector.unprotect(numbers: numbers, person: person, bySource: self.run)
        }
        if !persons.isEmpty || !ending.isEmpty {
            self.protected = try await ProtectedPersons.read(
                store, key: key, family: self.intake.mappings.set.privacy.family)
        }
    }

    /// Whether a source has marked the person's number, before it was known whose it is.
    func isMarked(_ person: JSONValue, _ key: RecordKey) -> Bool {
        guard let number = self.protected.markedNumber(of: person) else { return false }
        self.ties[number] = self.protected.opaqueKey(of: key).id
        return true
    }
}
