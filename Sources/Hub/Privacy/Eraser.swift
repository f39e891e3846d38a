import Foundation
import Mapping
import Messaging
import SchoolRecords

/// Why somebody isn't erased.
public enum ErasureRefusal: Error, Sendable, Hashable {
    /// Somebody has said that the data must be kept.
    case held(LegalHold)
    /// A source has the person now.
    case active
    /// Erased already.
    case again(Erasure)
}

/// Erases persons: in the store at once, at systems as soon as they confirm, and in every older copy of the store by giving the hub
/// another key ([0029](0029-erasure.md)).
public struct Eraser: Sendable {
    private let store: any HubStore
    private let key: HubKey
    private let mappings: MappingBook
    private let clock: HubClock

    public init(store: any HubStore, key: HubKey, mappings: MappingBook, clock: HubClock = .system) {
        self.store = store
        self.key = key
        self.mappings = mappings
        self.clock = clock
    }

    /// What there is of a person.
    public struct Outlook: Sendable, Hashable {
        /// The opaque id.
        public let person: String
        /// Whether a source gives the person now.
        public let isActive: Bool
        /// Whether the hub knows of the person at all.
        public let isKnown: Bool
        /// Records of and about the person, by entity.
        public let records: [String: Int]
        /// What systems have.
        public let departed: [DepartedData]
        public let hold: LegalHold?
        public let earlier: Erasure?
    }

    private struct Found {
        let key: RecordKey
        var keys: Set<RecordKey>
        let isActive: Bool
        let isKnown: Bool
    }

    private func find(_ person: String) async throws -> Found {
        let id = try await self.store.realKey(of: RecordKey(.person, person))?.id ?? person
        let key = RecordKey(.person, id)
        let opaque = self.key.opaqueKey(for: key)
        var keys = Set(try await self.store.records(about: id, entities: Set(Entity.allCases)).map(\.key)).union([key])
        let held = try await self.store.vaultRecords()
        let subjects = VaultSubjects(held)
        let isHidden = held.contains { $0.opaqueKey == opaque }
        for record in held where subjects.person(of: record) == id { keys.insert(record.key) }
        let record = try await self.store.records([key])[key]
        return Found(
            key: key, keys: keys, isActive: record?.operation == .upserted || isHidden, isKnown: record != nil || isHidden)
    }

    private func hold(of opaque: String) async throws -> LegalHold? {
        try await self.store.legalHolds()[opaque].flatMap { $0.holds(on: self.clock.calendarDate) ? $0 : nil }
    }

    private func erasure(of opaque: String) async throws -> Erasure? {
        try await self.store.erasures().first { $0.person == opaque }
    }

    /// What erasing would find; changes nothing.
    public func look(at person: String) async throws -> Outlook {
        let found = try await self.find(person)
        let opaque = self.key.opaqueKey(for: found.key)
        let known = try await self.store.records(Array(found.keys))
        var records: [String: Int] = [:]
        for key in found.keys where known[key]?.operation == .upserted || found.isActive && key == found.key {
            records[key.entity.rawValue, default: 0] += 1
        }
        return Outlook(
            person: opaque.id, isActive: found.isActive, isKnown: found.isKnown, records: records,
            departed: try await self.store.departed(found.keys.union(found.keys.map(self.key.opaqueKey(for:)))),
            hold: try await self.hold(of: opaque.id), earlier: try await self.erasure(of: opaque.id))
    }

    /// Erases a person here, and has every system told to delete.
    ///
    /// When this returns, nothing in the store says who the person was but what systems have still to delete, and nothing can bring the
    /// person back. ``settle(with:)`` ends it.
    ///
    /// - Parameters:
    ///   - person: the id in the source, or an opaque one that the vault has.
    ///   - isActive: erase although a source gives the person: readings will leave the person out from now on.
    ///   - remembering: called with the erasure before anything is changed.
    /// - Throws: ``ErasureRefusal``.
    public func erase(
        _ person: String, although isActive: Bool, by: String, reason: String,
        remembering: (Erasure) throws -> Void = { _ in }
    ) async throws -> Erasure {
        let found = try await self.find(person)
        let opaque = self.key.opaqueKey(for: found.key)
        if let hold = try await self.hold(of: opaque.id) { throw ErasureRefusal.held(hold) }
        if let earlier = try await self.erasure(of: opaque.id), earlier.state == .pending || earlier.state == .done {
            throw ErasureRefusal.again(earlier)
        }
        if found.isActive, !isActive { throw ErasureRefusal.active }
        let erasure = Erasure(person: opaque.id, time: self.clock.timestamp, by: by, reason: reason)
        try remembering(erasure)
        return try await self.carryOut(erasure, found)
    }

    private func carryOut(_ begun: Erasure, _ found: Found) async throws -> Erasure {
        var erasure = begun
        erasure.state = .pending
        let all = found.keys.union(found.keys.map(self.key.opaqueKey(for:)))
        erasure.systems = try await self.store.departed(all).map { Erasure.System(system: $0.system, rows: $0.rows) }
        // First of all: from now on no reading can take the person in, also one that is under way.
        try await self.store.begin(erasure, keys: found.keys)
        let protected = try await ProtectedPersons.read(
            self.store, key: self.key, family: self.mappings.set.privacy.family)
        let remasking = Remasking(
            store: self.store, key: self.key, sources: Set(self.mappings.set.sourceNames), clock: self.clock)
        try await remasking.run(protected, only: found.keys)
        erasure.destroyed = try await self.store.shred(erasure.person, realID: found.key.id, keys: found.keys)
        try await self.store.keep(erasure, action: nil, by: erasure.by, reason: erasure.reason, time: self.clock.timestamp)
        try await FormKeeper(store: self.store, key: self.key, mappings: self.mappings, clock: self.clock).refresh()
        // Others' records name the person by an opaque id.
        try await remasking.run(protected)
        return erasure
    }

    /// Carries out again what the list outside of the store says, after an older store was put back.
    ///
    /// - Returns: those that were.
    public func reapply() async throws -> [Erasure] {
        let listed = Dictionary(
            try await self.store.erasures().filter { $0.state == .listed }.map { ($0.person, $0) },
            uniquingKeysWith: { first, _ in first })
        guard !listed.isEmpty else { return [] }
        var ids: [String: String] = [:]
        var after: String?
        while true {
            let persons = try await self.store.liveRecords(of: .person, after: after, limit: 500)
            guard let last = persons.last else { break }
            after = last.key.id
            for person in persons {
                let opaque = self.key.opaqueKey(for: person.key).id
                if listed[opaque] != nil { ids[opaque] = person.key.id }
            }
        }
        for record in try await self.store.vaultRecords() where listed[record.opaqueKey.id] != nil {
            ids[record.opaqueKey.id] = record.key.id
        }
        var done: [Erasure] = []
        for (person, erasure) in listed.sorted(by: { $0.key < $1.key }) {
            guard let id = ids[person] else {
                // The restored store has nothing of the person.
                var over = erasure
                (over.state, over.finishedAt) = (.done, self.clock.timestamp)
                try await self.store.keep(
                    over, action: "erase.done", by: erasure.by, reason: erasure.reason, time: self.clock.timestamp)
                continue
            }
            done.append(try await self.carryOut(erasure, try await self.find(id)))
        }
        return done
    }

    /// Notes which systems have confirmed. Whoever is gone everywhere is destroyed for good: the hub gets a new key, and with the old
    /// one goes every copy of the store that was made before.
    ///
    /// - Returns: those that are done now.
    @discardableResult
    public func settle(with rotator: KeyRotator) async throws -> [Erasure] {
        var ready: [Erasure] = []
        for var erasure in try await self.store.erasures() where erasure.state == .pending {
            let keys = try await self.store.keys(ofErased: erasure.person)
            let open = try await self.store.unconfirmed(keys)
            let before = erasure
            // A batch that was under way may have given something to a system that had nothing.
            for system in open.systems where !erasure.systems.contains(where: { $0.system == system }) {
                erasure.systems.append(Erasure.System(system: system, rows: [:]))
            }
            for index in erasure.systems.indices where !erasure.systems[index].isOver {
                if !open.isOnTheWay, !open.systems.contains(erasure.systems[index].system) {
                    erasure.systems[index].confirmedAt = self.clock.timestamp
                }
            }
            if !open.isOnTheWay, erasure.systems.allSatisfy(\.isOver) {
                ready.append(erasure)
            } else if erasure != before {
                try await self.store.keep(erasure, action: nil, by: "hub", reason: "", time: self.clock.timestamp)
            }
        }
        guard !ready.isEmpty else { return [] }
        for index in ready.indices {
            let person = ready[index].person
            let keys = try await self.store.keys(ofErased: person)
            for system in ready[index].systems where system.givenUpBy != nil {
                try await self.store.forgetGiven(keys, to: system.system)
            }
            // What came in between, e.g. failures of a reading that was under way.
            let own = keys.first { $0.entity == .person && self.key.opaqueKey(for: $0).id == person }
            let late = try await self.store.shred(person, realID: own?.id ?? person, keys: keys)
            ready[index].destroyed.merge(late) { $0 + $1 }
            try await self.store.keep(ready[index], action: nil, by: "hub", reason: "", time: self.clock.timestamp)
        }
        let rotation = try await rotator.rotate(by: "hub", reason: "erasure", needsNew: true)
        for index in ready.indices {
            ready[index].state = .done
            ready[index].droppedGeneration = rotation.dropped.last
            ready[index].finishedAt = self.clock.timestamp
            try await self.store.keep(
                ready[index], action: "erase.done", by: ready[index].by, reason: ready[index].reason, time: self.clock.timestamp)
        }
        // The keys that `body` held are gone with the last transactions: their pages too.
        _ = try await self.store.purge()
        return ready
    }

    /// Says that a system will never confirm: it is gone, or lets nobody delete.
    ///
    /// - Parameter person: the opaque id.
    /// - Returns: whether something was waiting for it.
    public func giveUp(_ system: String, for person: String, by: String, reason: String) async throws -> Bool {
        guard var erasure = try await self.erasure(of: person), erasure.state == .pending,
            let index = erasure.systems.firstIndex(where: { $0.system == system && !$0.isOver })
        else { return false }
        erasure.systems[index].givenUpBy = by
        try await self.store.keep(
            erasure, action: "erase.give-up", by: by, reason: "\(system): \(reason)", time: self.clock.timestamp)
        return true
    }

    /// Lets readings take the person in again.
    ///
    /// - Returns: the opaque id; `nil` when the person isn't erased.
    public func lift(_ person: String, by: String, reason: String) async throws -> String? {
        let erasures = try await self.store.erasures().filter { $0.state != .lifted }
        let opaque = self.key.opaqueKey(for: RecordKey(.person, person)).id
        guard var erasure = erasures.first(where: { $0.person == opaque || $0.person == person }) else { return nil }
        erasure.state = .lifted
        (erasure.liftedBy, erasure.liftedAt) = (by, self.clock.timestamp)
        try await self.store.keep(erasure, action: "erase.lift", by: by, reason: reason, time: self.clock.timestamp)
        return erasure.person
    }

    // MARK: Legal hold

    /// Has a person's data kept: it isn't erased, nor forgotten by time.
    ///
    /// - Parameter until: the last day, `YYYY-MM-DD`.
    public func hold(_ person: String, until: String?, by: String, reason: String) async throws -> LegalHold {
        let found = try await self.find(person)
        let hold = LegalHold(
            person: self.key.opaqueKey(for: found.key).id, realID: found.key.id, by: by, reason: reason,
            time: self.clock.timestamp, until: until)
        try await self.store.keep(
            hold, ids: Set(found.keys.union(found.keys.map(self.key.opaqueKey(for:))).map(\.id)))
        return hold
    }

    /// - Returns: whether there was one.
    public func liftHold(_ person: String, by: String, reason: String) async throws -> Bool {
        let holds = try await self.store.legalHolds()
        let opaque = self.key.opaqueKey(for: RecordKey(.person, person)).id
        guard let hold = holds[opaque] ?? holds[person] else { return false }
        return try await self.store.liftHold(of: hold.person, by: by, reason: reason, time: self.clock.timestamp)
    }
}
