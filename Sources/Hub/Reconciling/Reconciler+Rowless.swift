import Mapping
import Reconciliation
import SchoolRecords

/// Findings that no row stands for.
extension Reconciler {
    func unmappable(
        _ unmapped: [RecordKey: MappingFailure], _ system: String
    ) async throws -> [Finding] {
        let evidence = try await self.store.evidence(of: Set(unmapped.keys), in: system)
        return unmapped.sorted { $0.key < $1.key }.map { key, failure in
            var finding = Finding(
                system: system, kind: key.entity.rawValue, key: key.id, situation: .unmappable, cause: .failed,
                remedy: .mendMapping)
            let known = evidence[key]
            finding.record = key
            finding.unit = known?.unit
            finding.authority = self.mappings.authority(for: key.entity) ?? known?.source
            finding.message = known?.failure?.message
            finding.code = failure.code
            finding.behind = known?.behind ?? 0
            finding.fields = [FieldDifference(name: failure.field, nature: .other, expected: nil, held: nil)]
            return finding
        }
    }

    func withheld(_ system: String, _ reading: Reading, _ given: SystemForms) -> [Finding] {
        guard !reading.protected.isEmpty,
            self.mappings.outboundEntities(system: system).contains(where: { $0 == .person || $0 == .placement || $0 == .duty })
        else { return [] }
        return reading.protected.subtracting(given.living.keys.map(\.id)).sorted().map { id in
            var finding = Finding(
                system: system, kind: Entity.person.rawValue, key: id, situation: .withheld, cause: .protected, remedy: .none)
            finding.record = RecordKey(.person, id)
            finding.authority = self.mappings.authority(for: .person)
            return finding
        }
    }
}
