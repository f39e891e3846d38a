import Foundation
import Hub
import SchoolRecords

/// Keeps persons whom the hub itself has marked as protected out of the register, and those who were erased out of the store, whoever brings
/// them: a reading that was under way when that was decided doesn't know of it.
struct MarkGuard {
    let seals: Seals
    let connection: any SQLConnection

    /// What may go into the register, with opaque ids for whom it mustn't name, and what goes to the vault.
    func sorted(
        _ states: [HashedState], withheld: [WithheldRecord]
    ) throws -> (states: [HashedState], withheld: [WithheldRecord]) {
        guard states.contains(where: { !$0.state.isGone }) else { return (states, withheld) }
        let erased = try SQLStore.erased(self.connection)
        let marked = erased.union(try self.connection.query("SELECT person FROM hub_mark", []).map { $0.text(0) })
        guard !marked.isEmpty else { return (states, withheld) }
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
            if let subject = SchoolRecord.subject(record.entity, body), marked.contains(opaque(subject)) {
                if !erased.contains(opaque(subject)) {
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
