import Foundation
import Mapping
import SchoolRecords

/// Who the employees of a personnel system are, and where they work: the person with the same identity number, and the school unit
/// with the same code.
///
/// Persons in the vault are found too: what is read of an employee who is protected goes there. A number that nobody has, or several,
/// leads to nobody: the student register may get to know the person from this very record. Numbers are looked up by keyed hashes and
/// kept nowhere.
struct EmployeeLinks: Sendable {
    private let store: any HubStore
    private let key: HubKey
    /// Identity number → real id, of protected persons.
    private let withheld: [String: String]

    private static let number = "civicNo.value"
    private static let unitCode = "schoolUnitCode"

    /// What is known now; brings the index of numbers and codes up to date.
    static func read(_ store: any HubStore, key: HubKey) async throws -> EmployeeLinks {
        while try await store.index(limit: 1000) == 1000 {}
        var withheld: [String: String] = [:]
        for record in try await store.vaultRecords() where record.opaqueKey.entity == .person {
            let body = try JSONValue(parsing: record.body)
            if let number = body["civicNo"]?["value"]?.stringValue { withheld[number] = record.key.id }
        }
        return EmployeeLinks(store: store, key: key, withheld: withheld)
    }

    /// The same readings, with persons and school units where there are any.
    func linked(_ readings: [RecordReader.Reading]) async throws -> [RecordReader.Reading] {
        var numbers: Set<String> = []
        var codes: Set<String> = []
        for case .record(_, let body, _) in readings {
            if let number = body["civicNo"]?["value"]?.stringValue { numbers.insert(number) }
            for employment in body["employments"]?.arrayValue ?? [] {
                if let code = employment[Self.unitCode]?.stringValue { codes.insert(code) }
            }
        }
        let persons = try await self.ids(of: .person, Self.number, numbers).merging(
            self.withheld.filter { numbers.contains($0.key) }, uniquingKeysWith: { _, withheld in withheld })
        let units = try await self.ids(of: .organisation, Self.unitCode, codes)
        return try readings.map { reading in
            guard case .record(let key, let body, let protection) = reading, case .object(var members) = body else {
                return reading
            }
            members["person"] = body["civicNo"]?["value"]?.stringValue.flatMap { persons[$0] }.map { ["id": .string($0)] }
            let employments = (body["employments"]?.arrayValue ?? []).map { employment -> JSONValue in
                guard case .object(var fields) = employment else { return employment }
                fields["organisation"] = employment[Self.unitCode]?.stringValue.flatMap { units[$0] }.map { ["id": .string($0)] }
                return .object(fields)
            }
            if !employments.isEmpty { members["employments"] = .array(employments) }
            return .record(key: key, body: try SchoolRecord.validate(.employee, .object(members)), protection: protection)
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
