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
    let key: HubKey
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
            // Another source may have told of it already.
            guard try await !self.isTold(change) else { continue }
            changes.append(try Self.state(change))
        }
        try await self.take(changes)
    }

    /// Takes the changes of number that the population register knows of, where the student register has the number before: whoever knows
    /// people by number learns it now, and once.
    ///
    /// - Parameters:
    ///   - readings: registrations with their persons.
    ///   - protected: of those who are nothing is told.
    func tell(of readings: [RecordReader.Reading], _ protected: ProtectedPersons) async throws {
        var registrations: [RecordKey: Registration] = [:]
        for case .record(_, let body, _) in readings where body["formerCivicNo"] != nil {
            let registration = try Registration(json: body)
            guard let person = registration.person.map({ RecordKey(.person, $0.id) }), !protected.isProtected(person) else {
                continue
            }
            registrations[person] = registration
        }
        guard !registrations.isEmpty else { return }
        let known = try await self.store.records(Array(registrations.keys))
        var changes: [RecordState] = []
        for (key, registration) in registrations.sorted(by: { $0.key < $1.key }) {
            guard let record = known[key], record.isLive, let former = registration.formerCivicNo else { continue }
            let before = try Person(json: JSONValue(parsing: record.body))
            guard before.civicNo?.isSame(as: former) == true else { continue }
            var after = before
            after.civicNo = registration.civicNo
            // The sequence stays while the student register has the number before: the change is told once.
            let id = DerivedID.of(
                flow: Self.name, key.id, self.system, self.key.contentHash(Data(registration.civicNo.value.utf8)))
            guard let change = IdentityChange(id: id, from: before, to: after), try await !self.isTold(change) else { continue }
            changes.append(try Self.state(change))
        }
        try await self.take(changes)
    }

    /// Whether such a change of the person stands already, whoever told of it.
    private func isTold(_ change: IdentityChange) async throws -> Bool {
        let told = try await self.store.records(about: change.person.id, entities: [.identityChange]).filter(\.isLive)
        return try told.contains { record in
            let other = try IdentityChange(json: JSONValue(parsing: record.body))
            guard let numbers = [change.civicNo, change.formerCivicNo, other.civicNo, other.formerCivicNo] as? [CivicNumber]
            else {
                return false
            }
            return numbers[0].isSame(as: numbers[2]) && numbers[1].isSame(as: numbers[3])
        }
    }

    private static func state(_ change: IdentityChange) throws -> RecordState {
        let record = try SchoolRecord.validate(.identityChange, change.json)
        return RecordState(key: RecordKey(.identityChange, change.id), owner: change.person.id, body: record.canonicalData)
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
