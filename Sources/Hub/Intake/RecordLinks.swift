import Foundation
import Mapping
import SchoolRecords

/// Who and what records of a source without the hub's ids are about: the person with the same identity number, the school unit with the same
/// code.
///
/// Persons in the vault are found too: what is read of somebody protected goes there. A number that nobody has, or several, leads to
/// nobody. Numbers are looked up by keyed hashes and kept nowhere.
struct RecordLinks: Sendable {
    private let store: any HubStore
    private let key: HubKey
    /// Identity number → real id, of protected persons.
    private let withheld: [String: String]

    /// What is known now; brings the index of numbers and codes up to date.
    static func read(_ store: any HubStore, key: HubKey) async throws -> RecordLinks {
        while try await store.index(limit: 1000) == 1000 {}
        var withheld: [String: String] = [:]
        for record in try await store.vaultRecords() where record.opaqueKey.entity == .person {
            let body = try JSONValue(parsing: record.body)
            if let number = body["civicNo"]?["value"]?.stringValue { withheld[number] = record.key.id }
        }
        return RecordLinks(store: store, key: key, withheld: withheld)
    }

    /// The same readings, with persons and school units where there are any.
    func linked(
        _ readings: [RecordReader.Reading], of entity: Entity, _ completion: any RecordCompletion
    ) async throws -> [RecordReader.Reading] {
        var numbers: Set<String> = []
        var codes: Set<String> = []
        for case .record(_, let body, _) in readings {
            numbers.formUnion(completion.numbers(in: body))
            codes.formUnion(completion.codes(in: body))
        }
        let persons = try await self.ids(of: .person, "civicNo.value", numbers).merging(
            self.withheld.filter { numbers.contains($0.key) }, uniquingKeysWith: { _, withheld in withheld })
        let units = try await self.ids(of: .organisation, "schoolUnitCode", codes)
        return try readings.map { reading in
            guard case .record(let key, let body, let protection) = reading else { return reading }
            let linked = try SchoolRecord.validate(
                entity, completion.linked(body, person: { persons[$0] }, unit: { units[$0] }))
            return .record(
                key: RecordKey(entity, linked["id"]?.stringValue ?? key.id), body: linked, protection: protection)
        }
    }

    /// Value → the id of the only record that has it.
    private func ids(of entity: Entity, _ path: String, _ values: Set<String>) async throws -> [String: String] {
        guard !values.isEmpty else { return [:] }
        let terms = Dictionary(
            values.map { (RecordTerms.value(path, $0, key: self.key), $0) }, uniquingKeysWith: { first, _ in first })
        let found = try await self.store.identities(of: entity, terms: Set(terms.keys), limit: 4 * terms.count + 100)
        var ids: [String: String] = [:]
        for (term, records) in found where Set(records).count == 1 {
            if let value = terms[term] { ids[value] = records.first }
        }
        return ids
    }
}
