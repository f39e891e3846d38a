import Foundation
import Messaging
import SchoolRecords

/// Tells when a person's identity number becomes another (decision 7): by a record of its own beside the person's, so that
/// receivers that know people by number can move what they have of somebody instead of losing it.
///
/// It is taken before the person's new state. Its id is made of the person and the state that is left, so that a crash between
/// the two leads to the same record again; no number is in the id.
struct IdentityWatch: Sendable {
    /// The system whose reading it is.
    let system: String
    let store: any HubStore
    let clock: HubClock

    private static let name = "identity-number"

    /// The source of these records. The system itself doesn't give them, so that nothing of them goes by its absence there.
    static func source(of system: String) -> String { "\(system)-identity" }

    /// Takes the changes of number that these states of persons come with.
    ///
    /// - Parameter states: persons about to be taken.
    func tell(before states: [RecordState]) async throws {
        let known = try await self.store.records(states.filter { $0.body != nil }.map(\.key))
        var changes: [RecordState] = []
        for state in states {
            guard let body = state.body, let left = known[state.key], left.operation == .upserted, left.body != body else {
                continue
            }
            let id = DerivedID.of(flow: Self.name, state.key.id, "\(left.sequence)")
            let before = try Person(json: JSONValue(parsing: left.body))
            guard let change = IdentityChange(id: id, from: before, to: try Person(json: JSONValue(parsing: body))) else {
                continue
            }
            let record = try SchoolRecord.validate(.identityChange, change.json)
            changes.append(
                RecordState(key: RecordKey(.identityChange, id), owner: state.key.id, body: record.canonicalData))
        }
        try await self.take(changes)
    }

    /// Takes away what was told of persons who are gone: a former number is kept no longer than the person.
    func forget(_ persons: [RecordKey]) async throws {
        var told: [RecordState] = []
        for person in persons {
            for record in try await self.store.records(about: person.id, entities: [.identityChange])
            where record.source == Self.source(of: self.system) {
                told.append(RecordState(key: record.key, owner: nil, body: nil))
            }
        }
        try await self.take(told)
    }

    private func take(_ states: [RecordState]) async throws {
        guard !states.isEmpty else { return }
        _ = try await self.store.take(
            states, withheld: [], failures: [], source: Self.source(of: self.system), time: self.clock.timestamp)
    }
}
