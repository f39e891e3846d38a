import SchoolRecords

/// Who is withheld now: tells real ids from opaque ones and puts opaque ids in the place of real ones.
struct ProtectedPersons: Sendable {
    private let key: HubKey
    /// Opaque ids.
    private(set) var opaqueIDs: Set<String>
    /// Persons found protected in this reading that weren't before, and the other way: by opaque id.
    private(set) var appeared: Set<String> = []
    private(set) var released: [String: String] = [:]
    /// Persons whom the source says to be protected no more: real id by opaque id. They stay protected until ``releaseEnding()``.
    private(set) var ending: [String: String] = [:]

    init(key: HubKey, opaqueIDs: Set<String>) {
        self.key = key
        self.opaqueIDs = opaqueIDs
    }

    func opaqueKey(of key: RecordKey) -> RecordKey { self.key.opaqueKey(for: key) }

    func isProtected(_ person: RecordKey) -> Bool {
        person.entity == .person && !self.opaqueIDs.isEmpty && self.opaqueIDs.contains(self.opaqueKey(of: person).id)
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
        guard self.opaqueIDs.contains(opaque), !self.appeared.contains(opaque) else { return }
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
    }

    var changed: Bool { !self.appeared.isEmpty || !self.released.isEmpty }

    /// The record with opaque ids for protected persons, and real ids for those released in this reading.
    func masked(_ body: JSONValue, _ entity: Entity) -> JSONValue {
        guard !self.opaqueIDs.isEmpty || !self.released.isEmpty else { return body }
        return RecordReferences.replacing(body, entity: entity) { reference in
            guard reference.entity == .person else { return nil }
            if let real = self.released[reference.id] { return real }
            let opaque = self.opaqueKey(of: reference).id
            return self.opaqueIDs.contains(opaque) ? opaque : nil
        }
    }
}
