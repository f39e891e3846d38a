import Mapping
import SchoolRecords

/// Who is withheld now: tells real ids from opaque ones, puts opaque ids in the place of real ones, and takes out of others' records
/// what would tell where somebody protected lives, or a guardian who must not be told.
struct ProtectedPersons: Sendable {
    private let key: HubKey
    /// Opaque ids.
    private(set) var opaqueIDs: Set<String>
    /// Persons found protected in this reading that weren't before, and the other way: by opaque id.
    private(set) var appeared: Set<String> = []
    private(set) var released: [String: String] = [:]
    /// Persons whom the source says to be protected no more: real id by opaque id. They stay protected until ``releaseEnding()``.
    private(set) var ending: [String: String] = [:]

    /// Those whom the hub itself calls protected, or a source beside the person's own, whatever that one says.
    private let marked: Set<String>
    /// Those of them whom no source has given.
    let absent: Set<String>
    /// Numbers that sources have marked, as keyed hashes.
    private let numbers: Set<String>
    private let blocks: RelationBlocks
    private var homes: ProtectedHomes
    /// Records through which others are about protected persons (their placements), by opaque id.
    private var carriers: Set<String>
    /// Whether there are such that weren't withheld before.
    private var hasNewCarriers = false

    init(
        key: HubKey, opaqueIDs: Set<String>, marked: Set<String> = [], numbers: Set<String> = [], blocks: Set<RelationBlock> = [],
        homes: ProtectedHomes? = nil, carriers: Set<String> = []
    ) {
        self.key = key
        self.carriers = carriers
        self.numbers = numbers
        self.opaqueIDs = opaqueIDs.union(marked)
        self.marked = marked
        self.absent = marked.subtracting(opaqueIDs)
        self.blocks = RelationBlocks(blocks, key: key)
        self.homes = homes ?? ProtectedHomes(key: key, rules: FamilyRules())
    }

    /// What the store knows, as it is now.
    static func read(_ store: any HubStore, key: HubKey, family: FamilyRules) async throws -> ProtectedPersons {
        var homes = ProtectedHomes(key: key, rules: family)
        for record in try await store.vaultRecords() where record.opaqueKey.entity == .person {
            if let body = try? JSONValue(parsing: record.body) { homes.add(body) }
        }
        // Whoever was erased is treated alike: whatever a source says, nothing of the person goes anywhere.
        let erased = try await store.erasedPersons()
        let marks = try await store.sourceMarks()
        let marked = Set(try await store.hubMarks().keys).union(marks.compactMap(\.person)).union(erased)
        let withheld = try await store.withheldPersons().subtracting(erased)
        for known in try await ProtectedHomes.remembered(store, of: withheld.union(marked)).values { homes.add(homes: known) }
        homes.settle()
        return ProtectedPersons(
            key: key, opaqueIDs: withheld, marked: marked, numbers: Set(marks.map(\.number)),
            blocks: try await store.relationBlocks(), homes: homes,
            carriers: Set(try await store.withheldSources(of: .placement).keys))
    }

    /// A number of the person that a source has marked; `nil` for none.
    func markedNumber(of person: JSONValue) -> String? {
        guard !self.numbers.isEmpty, let number = person["civicNo"]?["value"]?.stringValue else { return nil }
        let term = RecordTerms.number(number, key: self.key)
        return self.numbers.contains(term) ? term : nil
    }

    /// Whether the hub itself, or a source beside the person's own, calls the person protected.
    func isMarked(_ person: RecordKey) -> Bool {
        !self.marked.isEmpty && self.marked.contains(self.opaqueKey(of: person).id)
    }

    /// Where a protected person lives, and with whom.
    mutating func learn(_ person: JSONValue) { self.homes.add(person) }

    /// Remembers the homes that masking takes out of a person's record.
    func remember(_ person: JSONValue, in store: any HubStore) async throws {
        let homes = self.homes.hiddenHomes(in: person)
        guard !homes.isEmpty, let id = person["id"]?.stringValue else { return }
        try await store.setMark(
            homes.joined(separator: " "), source: ProtectedHomes.mark, entity: self.opaqueKey(of: RecordKey(.person, id)).id)
    }

    /// Whether something has been learnt that earlier records may tell.
    var hasLearnt: Bool { self.homes.hasGrown }

    func opaqueKey(of key: RecordKey) -> RecordKey { self.key.opaqueKey(for: key) }

    func isProtected(_ person: RecordKey) -> Bool {
        person.entity == .person && !self.opaqueIDs.isEmpty && self.opaqueIDs.contains(self.opaqueKey(of: person).id)
    }

    /// Whether a record is about somebody who is protected: of itself, or through another record.
    func isAbout(_ entity: Entity, _ body: JSONValue) -> Bool {
        if let subject = SchoolRecord.subject(entity, body) { return self.isProtected(subject) }
        guard !self.carriers.isEmpty, let carrier = SchoolRecord.carrier(entity, body) else { return false }
        return self.carriers.contains(self.opaqueKey(of: carrier).id)
    }

    /// A record about somebody protected has gone to the vault: what it carries goes there too.
    mutating func carry(_ opaque: RecordKey) {
        guard SchoolRecord.carriers.contains(opaque.entity), self.carriers.insert(opaque.id).inserted else { return }
        self.hasNewCarriers = true
    }

    /// Returns whether the person wasn't protected before.
    mutating func protect(_ person: RecordKey) -> Bool {
        let opaque = self.opaqueKey(of: person).id
        self.ending[opaque] = nil
        guard self.opaqueIDs.insert(opaque).inserted else { return false }
        self.appeared.insert(opaque)
        return true
    }

    /// The source says that the person is protected no more. In a reading that has called the person protected as well, the
    /// protection stands.
    mutating func end(_ person: RecordKey) {
        let opaque = self.opaqueKey(of: person).id
        guard self.opaqueIDs.contains(opaque), !self.appeared.contains(opaque), !self.marked.contains(opaque) else { return }
        self.ending[opaque] = person.id
    }

    /// The protections that end are over.
    mutating func releaseEnding() {
        for (opaque, real) in self.ending {
            self.opaqueIDs.remove(opaque)
            self.released[opaque] = real
        }
        self.ending = [:]
    }

    /// The protections that would end go on.
    mutating func keepEnding() { self.ending = [:] }

    /// What appeared and was released has been worked into the register.
    mutating func settle() {
        self.appeared = []
        self.released = [:]
        self.hasNewCarriers = false
        self.homes.settle()
    }

    var changed: Bool { !self.appeared.isEmpty || !self.released.isEmpty || self.homes.hasGrown || self.hasNewCarriers }

    /// Real ids again for somebody who is released outside of a reading.
    mutating func release(_ person: RecordKey) {
        let opaque = self.opaqueKey(of: person).id
        self.opaqueIDs.remove(opaque)
        self.released[opaque] = person.id
    }

    /// Records about somebody released have left the vault.
    mutating func uncarry(_ opaqueKeys: [RecordKey]) { self.carriers.subtract(opaqueKeys.map(\.id)) }

    /// The record as it may stand outside of the vault: with opaque ids for protected persons, real ids for those released in this
    /// reading, without what tells where a protected person lives, and without guardians who must not be told of a child.
    func masked(_ body: JSONValue, _ entity: Entity) -> JSONValue {
        guard entity == .person, let id = body["id"]?.stringValue else { return self.renamed(body, entity) }
        return self.homes.hidden(in: self.renamed(self.blocks.applied(to: body, child: id), entity))
    }

    private func renamed(_ body: JSONValue, _ entity: Entity) -> JSONValue {
        guard !self.opaqueIDs.isEmpty || !self.released.isEmpty else { return body }
        return RecordReferences.replacing(body, entity: entity) { reference in
            guard reference.entity == .person else { return nil }
            if let real = self.released[reference.id] { return real }
            let opaque = self.opaqueKey(of: reference).id
            return self.opaqueIDs.contains(opaque) ? opaque : nil
        }
    }
}
