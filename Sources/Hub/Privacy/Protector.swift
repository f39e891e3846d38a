import Foundation
public import Mapping
import Messaging
import SchoolRecords

/// Carries out what people decide about protected persons, at once: the store is changed before the answer comes, and a running
/// hub goes by the store.
public struct Protector: Sendable {
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

    /// What came of a decision.
    public struct Outcome: Sendable, Hashable, Codable {
        /// The opaque id.
        public let person: String
        /// Whether the person is protected now.
        public var isProtected: Bool
        /// Whether the hub had the person outside of the vault.
        public var wasOpen = false
        /// What had left before, by system: deletions are on their way.
        public var departed: [DepartedData] = []
        /// Why nothing changed, where nothing did.
        public var note: Note?

        public enum Note: String, Sendable, Codable {
            /// No source has given such a person: the mark waits for one.
            case unknownPerson
            /// The hub hadn't marked the person.
            case notMarked
            /// The source's own mark stands.
            case protectedBySource
        }
    }

    /// The real id behind what somebody names a person by: an id, or an opaque one.
    public func realID(of person: String) async throws -> String {
        try await self.store.realKey(of: RecordKey(.person, person))?.id ?? person
    }

    /// Marks a person as protected by the hub's own word, whatever sources say.
    ///
    /// When this returns, nothing real of the person is anywhere outside the vault but in messages that are handed to a broker or
    /// being written; those are looked at again before they are written.
    ///
    /// - Parameter person: the id in the source.
    public func protect(
        _ person: String, level: ProtectionLevel, by: String, reason: String
    ) async throws -> Outcome {
        let key = RecordKey(.person, try await self.realID(of: person))
        let opaque = self.key.opaqueKey(for: key)
        let time = self.clock.timestamp
        let before = try await self.store.holds([opaque])
        // First of all: from now on no reading can take the person in, also one that is under way.
        try await self.store.mark(HubMark(person: opaque.id, level: level, by: by, reason: reason, time: time))
        let hidden = try await self.hide([key], known: before)[key]
        return Outcome(
            person: opaque.id, isProtected: true, wasOpen: hidden?.wasOpen ?? false, departed: hidden?.departed ?? [],
            note: hidden?.wasOpen == true || !before.isEmpty ? nil : .unknownPerson)
    }

    /// Marks numbers as protected by the word of a source that isn't the persons' own.
    ///
    /// - Parameter persons: the real ids of those whose numbers they are and whom the hub knows.
    /// - Returns: the opaque ids of those whom the hub had outside of the vault.
    func protect(marks: [SourceMark], persons: Set<String>) async throws -> Set<String> {
        try await self.store.mark(marks)
        let keys = persons.map { RecordKey(.person, $0) }
        // Asked of what is, not of what is new: a run that broke off between the two is made good by the next.
        let open = try await self.store.records(keys).filter { $0.value.isLive }.keys.sorted()
        guard !open.isEmpty else { return [] }
        _ = try await self.hide(open, known: [])
        return Set(open.map { self.key.opaqueKey(for: $0).id })
    }

    /// What was found of somebody who is hidden.
    private struct Hidden {
        var wasOpen = false
        var departed: [DepartedData] = []
    }

    /// Hides persons who have been marked.
    ///
    /// - Parameter known: those of them whom the vault had, by their opaque keys.
    private func hide(_ persons: [RecordKey], known: Set<RecordKey>) async throws -> [RecordKey: Hidden] {
        let time = self.clock.timestamp
        var hidden: [RecordKey: Hidden] = [:]
        var all: Set<RecordKey> = []
        var protected = try await self.persons()
        let records = try await self.store.records(persons)
        for key in persons {
            let keys = Set(try await self.store.records(about: key.id, entities: Set(Entity.allCases)).map(\.key)).union([key])
            all.formUnion(keys)
            let departed = try await self.store.departed(keys)
            hidden[key] = Hidden(wasOpen: records[key]?.operation == .upserted, departed: departed)
            if let record = records[key], record.operation == .upserted, let body = try? JSONValue(parsing: record.body) {
                protected.learn(body)
            }
        }
        // What is the persons' own goes first; the walk over the register takes its time.
        try await self.remasking.run(protected, only: all)
        let isNew = persons.contains { hidden[$0]?.wasOpen == true || !known.contains(self.key.opaqueKey(for: $0)) }
        if isNew || protected.hasLearnt { try await self.remasking.run(protected) }
        try await self.store.forgetTraces(of: all)
        for key in persons {
            guard let departed = hidden[key]?.departed, !departed.isEmpty else { continue }
            try await self.store.keepRecall(of: self.key.opaqueKey(for: key).id, departed, time: time)
        }
        try await self.keeper.refresh()
        return hidden
    }

    /// Takes the hub's own mark away. Who is protected by the source's mark stays protected.
    public func unprotect(_ person: String, by: String, reason: String) async throws -> Outcome {
        let key = RecordKey(.person, try await self.realID(of: person))
        let opaque = self.key.opaqueKey(for: key)
        let held = try await self.store.vaultRecords()
        let own = held.first { $0.opaqueKey == opaque }
        let body = try own.map { try JSONValue(parsing: $0.body) }
        let others = try await self.store.sourceMarks()
        let isMarkedBySource =
            SecurityMarking(json: body?["securityMarking"]).isProtected || others.contains { $0.person == opaque.id }
        guard try await self.store.unmark(opaque.id, by: by, reason: reason, time: self.clock.timestamp) else {
            return Outcome(person: opaque.id, isProtected: own != nil, note: .notMarked)
        }
        guard own != nil, !isMarkedBySource else {
            try await self.keeper.refresh()
            return Outcome(person: opaque.id, isProtected: own != nil, note: own == nil ? .unknownPerson : .protectedBySource)
        }
        try await self.release(key, held)
        return Outcome(person: opaque.id, isProtected: false)
    }

    /// Takes the mark of a source away by somebody's word, where the source itself doesn't say that it is over. A notice of the source's that is
    /// read again and still says so marks anew.
    ///
    /// - Parameter source: one whose word counts beside the persons' own: the population register.
    public func unprotect(_ person: String, markedBy source: String, by: String, reason: String) async throws -> Outcome {
        let key = RecordKey(.person, try await self.realID(of: person))
        let opaque = self.key.opaqueKey(for: key)
        let marks = try await self.store.sourceMarks().filter { $0.source == source && $0.person == opaque.id }
        guard !marks.isEmpty else {
            return Outcome(person: opaque.id, isProtected: try await !self.store.holds([opaque]).isEmpty, note: .notMarked)
        }
        try await self.store.note(
            "unmark-\(source)", subject: opaque.description, reason: reason, by: by, time: self.clock.timestamp)
        try await self.unprotect(numbers: Set(marks.map(\.number)), person: key.id, bySource: source)
        let isProtected = try await !self.store.holds([opaque]).isEmpty
        return Outcome(person: opaque.id, isProtected: isProtected, note: isProtected ? .protectedBySource : nil)
    }

    /// Takes a source's marks away. Whom another source, the persons' own or the hub itself marks stays protected.
    ///
    /// - Parameters:
    ///   - numbers: as keyed hashes.
    ///   - person: the real id, where the hub knows whose they are.
    func unprotect(numbers: Set<String>, person: String?, bySource source: String) async throws {
        let key = person.map { RecordKey(.person, $0) }
        let opaque = key.map(self.key.opaqueKey(for:))
        let isOver = try await self.store.unmark(numbers, of: opaque?.id, source: source, time: self.clock.timestamp)
        guard isOver, let key, let opaque else { return }
        let held = try await self.store.vaultRecords()
        let body = try held.first { $0.opaqueKey == opaque }.map { try JSONValue(parsing: $0.body) }
        let (own, others) = (try await self.store.hubMarks(), try await self.store.sourceMarks())
        let isMarked = own[opaque.id] != nil || others.contains { $0.person == opaque.id }
        guard let body, !isMarked, !SecurityMarking(json: body["securityMarking"]).isProtected else {
            try await self.keeper.refresh()
            return
        }
        try await self.release(key, held)
    }

    /// Takes somebody out of the vault whom nobody marks any more.
    ///
    /// - Parameter held: what the vault has.
    private func release(_ key: RecordKey, _ held: [VaultRecord]) async throws {
        let opaque = self.key.opaqueKey(for: key)
        // The opaque form is taken back before the real record is given: a system never has both.
        let subjects = VaultSubjects(held)
        let released =
            held.filter { $0.opaqueKey == opaque } + held.filter { $0.opaqueKey != opaque && subjects.person(of: $0) == key.id }
        try await self.store.release(released.map(\.opaqueKey))
        try await self.keeper.refresh()
        var protected = try await self.persons()
        protected.release(key)
        try await Releasing(store: self.store, sources: Set(self.mappings.set.sourceNames), clock: self.clock)
            .take(released, protected)
        try await self.remasking.run(protected)
    }

    /// Records whether a person has consented to a fictitious identity.
    public func consent(_ person: String, isGiven: Bool, by: String, reason: String) async throws -> Outcome {
        let opaque = self.key.opaqueKey(for: RecordKey(.person, try await self.realID(of: person)))
        try await self.store.record(
            IdentityConsent(person: opaque.id, isGiven: isGiven, by: by, reason: reason, time: self.clock.timestamp))
        try await self.keeper.refresh()
        let isProtected = try await !self.store.holds([opaque]).isEmpty
        return Outcome(person: opaque.id, isProtected: isProtected)
    }

    /// Keeps a guardian from being told of a child, or lets it be told again.
    ///
    /// - Returns: whether anything changed.
    public func block(
        child: String, guardian: String, isBlocked: Bool, by: String, reason: String
    ) async throws -> Bool {
        let childKey = RecordKey(.person, try await self.realID(of: child))
        let relation = RelationBlock(
            child: self.key.opaqueKey(for: childKey).id,
            guardian: self.key.opaqueKey(for: RecordKey(.person, try await self.realID(of: guardian))).id)
        let time = self.clock.timestamp
        if isBlocked {
            guard try await !self.store.relationBlocks().contains(relation) else { return false }
            try await self.store.block(relation, by: by, reason: reason, time: time)
            let protected = try await self.persons()
            if let record = try await self.store.records([childKey])[childKey], record.operation == .upserted {
                let body = try JSONValue(parsing: record.body)
                try await protected.remember(body, in: self.store)
                let masked = protected.masked(body, .person)
                if masked != body {
                    _ = try await self.store.take(
                        [
                            RecordState(
                                key: childKey, owner: childKey.id, body: masked.canonicalData,
                                unit: SchoolUnit.of(.person, body))
                        ], withheld: [], failures: [], source: record.source, time: time)
                    try await self.store.forgetTraces(of: [childKey])
                }
            }
        } else {
            // The relation comes again with the next full reading.
            guard try await self.store.unblock(relation, by: by, reason: reason, time: time) else { return false }
        }
        try await self.keeper.refresh()
        return true
    }

    private var keeper: FormKeeper {
        FormKeeper(store: self.store, key: self.key, mappings: self.mappings, clock: self.clock)
    }

    private var remasking: Remasking {
        Remasking(store: self.store, key: self.key, sources: Set(self.mappings.set.sourceNames), clock: self.clock)
    }

    private func persons() async throws -> ProtectedPersons {
        try await ProtectedPersons.read(self.store, key: self.key, family: self.mappings.set.privacy.family)
    }
}
