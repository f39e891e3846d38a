import Foundation
import Mapping
import Messaging
import SchoolRecords

/// What a system gives back of what flows made and the hub wrote to it. That is no report of its own: it isn't taken. Where it has
/// been changed or removed there, the system is given again what the flow decided: the word of the record that it was made of counts.
struct EchoWatch {
    /// What flows make, and roles: what a system says of those has keys of its own, and must never take the place of what the hub
    /// decided.
    private static let entities: Set<Entity> = [.absence, .notice, .transportDecision, .transportEligibility, .roleGrant]

    let system: String
    let entity: Entity
    let store: any HubStore
    /// What the system has now of what flows made.
    private var seen: [RecordKey: Data?] = [:]
    /// What it had been given when the reading began: what is still on its way to it can't be there yet.
    private var given: [RecordKey: Int64] = [:]

    init(system: String, entity: Entity, store: any HubStore) {
        self.system = system
        self.entity = entity
        self.store = store
    }

    /// Notes what the system should have, before it is read.
    mutating func begin() async throws {
        guard Self.entities.contains(self.entity) else { return }
        var keys: Set<RecordKey> = []
        for flow in FlowCatalog.names {
            keys.formUnion(try await self.store.liveIDs(of: self.entity, source: flow).map { RecordKey(self.entity, $0) })
        }
        if !keys.isEmpty { self.given = try await self.store.sequences(of: keys, in: self.system) }
    }

    /// Takes echoes out of what was read.
    ///
    /// - Returns: how many.
    mutating func take(from states: inout [RecordState]) async throws -> Int {
        let made = try await self.made(states.map(\.key))
        guard !made.isEmpty else { return 0 }
        for state in states where made[state.key] != nil { self.seen[state.key] = state.body }
        states.removeAll { made[$0.key] != nil }
        return made.count
    }

    /// Of records that the system says are gone, those that it may say that of: not what a flow made and it only holds.
    func own(_ keys: [RecordKey]) async throws -> [RecordKey] {
        let made = try await self.made(keys)
        return keys.filter { made[$0] == nil }
    }

    /// Has what was changed or removed in the system written there again.
    ///
    /// - Parameters:
    ///   - isFull: everything was read: what wasn't seen isn't there.
    ///   - gone: what the system says was deleted.
    /// - Returns: how many records.
    func putRight(isFull: Bool, gone: [RecordKey]) async throws -> Int {
        let missing = Set(gone)
        var lost: [RecordKey] = []
        for (key, record) in try await self.made(Array(self.given.keys)) {
            guard record.operation == .upserted, self.given[key] == record.sequence else { continue }
            if let body = self.seen[key].flatMap({ $0 }) {
                if try !Self.agree(JSONValue(parsing: body), JSONValue(parsing: record.body)) { lost.append(key) }
            } else if isFull || missing.contains(key), try await self.wasWritten(key) {
                lost.append(key)
            }
        }
        if !lost.isEmpty { try await self.store.giveAgain(lost, to: self.system) }
        return lost.count
    }

    /// A system takes not all that flows make: its mapping may leave some out.
    private func wasWritten(_ key: RecordKey) async throws -> Bool {
        try await self.store.states(of: [key], in: self.system)[key]?.rows.isEmpty == false
    }

    /// Records that are there, or were, because a flow made them.
    private func made(_ keys: [RecordKey]) async throws -> [RecordKey: RegisteredRecord] {
        // Looking opens the records: only where there can be any.
        guard Self.entities.contains(self.entity) else { return [:] }
        return try await self.store.records(keys).filter { _, record in
            FlowCatalog.names.contains(record.source) || RoleAddress.isRole(record.key, source: record.source)
        }
    }

    /// Whether two documents say the same in all that both have. Times are compared as points in time, however they are written.
    static func agree(_ left: JSONValue, _ right: JSONValue) -> Bool {
        switch (left, right) {
        case (.object(let left), .object(let right)):
            return left.allSatisfy { name, value in right[name].map { Self.agree(value, $0) } ?? true }
        case (.array(let left), .array(let right)):
            return left.count == right.count && zip(left, right).allSatisfy(Self.agree)
        case (.string(let left), .string(let right)):
            if left == right { return true }
            guard let left = Moment(left), let right = Moment(right) else { return false }
            return left.secondsSinceEpoch == right.secondsSinceEpoch
        default: return left == right
        }
    }
}
