import ConnectorKit
import Foundation
import Messaging
import SchoolRecords

/// Tells which messages must not be carried out any more because of who is protected by now: they were made, and perhaps handed to
/// the broker, before.
struct Withdrawal: Sendable {
    let store: any HubStore

    /// The changes that are overtaken by a protection, or by another clearance: their places in the list.
    ///
    /// - Parameters:
    ///   - forms: what the system is given, or was, of those among the changes that are about protected persons.
    ///   - allowed: whether the system may be given anything of protected persons.
    func overtaken(
        _ changes: [RecordChange], forms: [RecordKey: ProtectedForm], isAllowed: Bool
    ) async throws -> Set<Int> {
        var overtaken: Set<Int> = []
        var open: [(place: Int, change: RecordChange)] = []
        for (place, change) in changes.enumerated() {
            if let form = forms[change.key] {
                // What was wanted then is no more what is wanted now, or the policy has changed since.
                let isPresent = form.sequence == change.sequence && form.operation == change.operation
                if !isPresent || form.isLive && !isAllowed { overtaken.insert(place) }
            } else if change.isSealed {
                overtaken.insert(place)
            } else if change.operation == .upserted {
                open.append((place, change))
            }
        }
        // Whoever becomes protected, and whatever refers to them, gets a new state: only what is older can tell anything.
        let present = try await self.store.registerSequences(of: Set(open.map(\.change.key)))
        var involved: [Int: Set<RecordKey>] = [:]
        var hasProtected: Bool?
        for (place, change) in open where (present[change.key] ?? change.sequence) > change.sequence {
            guard let body = try? JSONValue(parsing: change.body) else { continue }
            if change.key.entity == .person, body["addresses"] != nil {
                // Where somebody lives may be what the newer state doesn't tell any more.
                if hasProtected == nil { hasProtected = try await !self.store.withheldPersons().isEmpty }
                if hasProtected == true { overtaken.insert(place) }
            }
            involved[place] = self.opaqueKeys(change.key, RecordReferences.of(change.key.entity, body).map(\.key))
        }
        guard !involved.isEmpty else { return overtaken }
        let held = try await self.store.holds(involved.values.reduce(into: []) { $0.formUnion($1) })
        for (place, keys) in involved where !keys.isDisjoint(with: held) { overtaken.insert(place) }
        return overtaken
    }

    private func opaqueKeys(_ key: RecordKey, _ references: some Sequence<RecordKey>) -> Set<RecordKey> {
        Set(references.filter { $0.entity == .person }.map(self.store.opaqueKey(of:))).union([self.store.opaqueKey(of: key)])
    }

    /// The records of a batch that mustn't be written any more.
    func overtaken(_ batch: PreparedBatch) async throws -> Set<RecordKey> {
        var involved: [RecordKey: Set<RecordKey>] = [:]
        var sequences: [RecordKey: Int64] = [:]
        let setting = Set(batch.batch.writes.filter { !$0.set.isEmpty }.map(\.record))
        for settlement in batch.settlements where setting.contains(settlement.key) {
            guard case .applied(_, let references, _) = settlement.outcome else { continue }
            involved[settlement.key] = self.opaqueKeys(settlement.key, references)
            sequences[settlement.key] = settlement.sequence
        }
        let forms = try await self.store.forms(
            of: Set(involved.keys).union(batch.settlements.flatMap(\.references)), for: batch.system)
        var overtaken = Set(
            sequences.filter { key, sequence in
                guard let form = forms[key] else { return false }
                return form.sequence != sequence || !form.isLive
            }.keys)
        // Where somebody lives may be what a person's newer state doesn't tell any more.
        let persons = try await self.store.registerSequences(of: Set(sequences.keys.filter { $0.entity == .person }))
        let stale = persons.filter { key, present in sequences[key].map { present > $0 } ?? false }
        if !stale.isEmpty, try await !self.store.withheldPersons().isEmpty { overtaken.formUnion(stale.keys) }
        let held = try await self.store.holds(involved.values.reduce(into: []) { $0.formUnion($1) })
        for (key, keys) in involved {
            if !keys.isDisjoint(with: held) { overtaken.insert(key) }
        }
        // A row of somebody else's that shows a form which is no more.
        for settlement in batch.settlements where involved[settlement.key] != nil {
            if settlement.references.contains(where: { forms[$0]?.isLive == false }) { overtaken.insert(settlement.key) }
        }
        return overtaken
    }
}

extension Settlement {
    /// The records that were looked at for it.
    var references: Set<RecordKey> {
        guard case .applied(_, let references, _) = self.outcome else { return [] }
        return references
    }
}
