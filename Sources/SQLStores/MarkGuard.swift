import Foundation
import Hub
import SchoolRecords

/// Keeps persons whom the hub itself has marked as protected out of the register, those whom another source has called protected since the
/// reading began, and those who were erased out of the store, whoever brings them: a reading that was under way when that was decided doesn't
/// know of it.
struct MarkGuard {
    let source: String
    /// When the reading began that the states are from.
    let readAt: String?
    let seals: Seals
    let connection: any SQLConnection

    /// Opaque ids of records that have come to the vault from elsewhere since the reading began.
    private func arrived(_ entity: Entity) throws -> Set<String> {
        guard let readAt = self.readAt else { return [] }
        let rows = try self.connection.query(
            "SELECT id FROM vault WHERE entity = ? AND source <> ? AND time >= ?",
            [.text(entity.rawValue), .text(self.source), .text(readAt)])
        return Set(rows.map { $0.text(0) })
    }

    /// What may go into the register, with opaque ids for whom it mustn't name, and what goes to the vault.
    func sorted(
        _ states: [HashedState], withheld: [WithheldRecord]
    ) throws -> (states: [HashedState], withheld: [WithheldRecord]) {
        guard states.contains(where: { !$0.state.isGone }) else { return (states, withheld) }
        let erased = try SQLStore.erased(self.connection)
        let arrived = try self.arrived(.person)
        let marks = try self.connection.query(
            "SELECT person FROM hub_mark UNION SELECT person FROM source_mark WHERE person IS NOT NULL", [])
        let marked = erased.union(marks.map { $0.text(0) }).union(arrived)
        let numbers = Set(try self.connection.query("SELECT number FROM source_mark", []).map { $0.text(0) })
        let carriers = try SchoolRecord.carriers.reduce(into: Set<String>()) { $0.formUnion(try self.arrived($1)) }
        guard !marked.isEmpty || !carriers.isEmpty || !numbers.isEmpty else { return (states, withheld) }
        let key = self.seals.key
        func opaque(_ record: RecordKey) -> String { key.opaqueKey(for: record).id }
        var kept: [HashedState] = []
        var taken = withheld
        for hashed in states {
            guard let data = hashed.state.body, !hashed.state.isGone else {
                kept.append(hashed)
                continue
            }
            let record = hashed.state.key
            let body = try JSONValue(parsing: data)
            let carrier = SchoolRecord.carrier(record.entity, body)
            if let carrier, carriers.contains(opaque(carrier)) {
                taken.append(WithheldRecord(opaqueKey: key.opaqueKey(for: record), key: record, body: data))
                kept.append(HashedState(RecordState(key: record, owner: nil, body: nil), key: key))
                continue
            }
            // A number may have been marked before it was known whose it is.
            let number = record.entity == .person ? body["civicNo"]?["value"]?.stringValue : nil
            if !numbers.isEmpty, let number, numbers.contains(RecordTerms.number(number, key: key)) {
                taken.append(WithheldRecord(opaqueKey: key.opaqueKey(for: record), key: record, body: data))
                kept.append(HashedState(RecordState(key: record, owner: nil, body: nil), key: key))
                continue
            }
            if let subject = SchoolRecord.subject(record.entity, body), marked.contains(opaque(subject)) {
                // Of the person, the vault keeps what the source says that protects.
                if !erased.contains(opaque(subject)), record.entity != .person || !arrived.contains(opaque(subject)) {
                    taken.append(WithheldRecord(opaqueKey: key.opaqueKey(for: record), key: record, body: data))
                }
                kept.append(HashedState(RecordState(key: record, owner: nil, body: nil), key: key))
                continue
            }
            let masked = RecordReferences.replacing(body, entity: record.entity) { reference in
                guard reference.entity == .person else { return nil }
                let id = opaque(reference)
                return marked.contains(id) ? id : nil
            }
            guard masked != body else {
                kept.append(hashed)
                continue
            }
            let state = hashed.state
            kept.append(
                HashedState(
                    RecordState(key: record, owner: state.owner, body: masked.canonicalData, unit: state.unit), key: key))
        }
        return (kept, taken)
    }
}
