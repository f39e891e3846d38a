import Foundation
import Messaging
import SchoolRecords

/// Works a change of who is protected into the whole register: puts opaque ids in place of persons who are protected now (and real
/// ones in place of those released), and moves records about them to the vault: whichever source they are from, since a person is
/// protected in all of them. Records that no source gave (what a flow has derived) are taken away and derived anew.
struct Remasking: Sendable {
    let store: any HubStore
    let key: HubKey
    /// The systems that records come from.
    let sources: Set<String>
    let clock: HubClock

    func run(_ persons: ProtectedPersons) async throws {
        var protected = persons
        for entity in Entity.allCases {
            var after: String?
            while true {
                let records = try await self.store.liveRecords(of: entity, after: after, limit: 500)
                guard let last = records.last else { break }
                after = last.key.id
                try await self.work(records, of: entity, &protected)
            }
        }
    }

    /// The same for these records alone.
    func run(_ persons: ProtectedPersons, only keys: Set<RecordKey>) async throws {
        var protected = persons
        let records = try await self.store.records(Array(keys)).values.filter { $0.operation == .upserted }
        for (entity, records) in Dictionary(grouping: records, by: \.key.entity).sorted(by: { $0.key < $1.key }) {
            try await self.work(records.sorted { $0.key < $1.key }, of: entity, &protected)
        }
    }

    private func work(
        _ records: [RegisteredRecord], of entity: Entity, _ protected: inout ProtectedPersons
    ) async throws {
        var states: [String: [RecordState]] = [:]
        var withheld: [String: [WithheldRecord]] = [:]
        for record in records {
            let body = try JSONValue(parsing: record.body)
            let subject = SchoolRecord.subject(entity, body)
            if protected.isAbout(entity, body) {
                states[record.source, default: []].append(RecordState(key: record.key, owner: nil, body: nil))
                guard self.sources.contains(record.source) else { continue }
                // Load order: what is carried comes after what carries it.
                protected.carry(protected.opaqueKey(of: record.key))
                withheld[record.source, default: []].append(
                    WithheldRecord(opaqueKey: protected.opaqueKey(of: record.key), key: record.key, body: record.body))
                continue
            }
            let masked = protected.masked(body, entity)
            if masked != body {
                if entity == .person { try await protected.remember(body, in: self.store) }
                states[record.source, default: []].append(
                    RecordState(
                        key: record.key, owner: subject?.id, body: masked.canonicalData, unit: SchoolUnit.of(entity, body)))
            }
        }
        for (source, states) in states.sorted(by: { $0.key < $1.key }) {
            _ = try await self.store.take(
                states, withheld: withheld[source] ?? [], failures: [], source: source, counting: .seen,
                time: self.clock.timestamp)
            // What was kept of earlier states names who mustn't be named.
            try await self.store.forgetTraces(of: Set(states.map(\.key)))
        }
    }
}
