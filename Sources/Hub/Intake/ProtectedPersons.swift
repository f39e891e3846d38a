import SchoolRecords

/// Who is withheld now: tells real ids from opaque ones and puts opaque ids in the place of real ones.
struct ProtectedPersons: Sendable {
    private let key: HubKey
    /// Opaque ids.
    private(set) var opaqueIDs: Set<String>
    /// Persons found protected in this reading that weren't before, and the other way: by opaque id.
    private(set) var appeared: Set<String> = []
    private(set) var released: [String: String] = [:]

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
        guard self.opaqueIDs.insert(opaque).inserted else { return false }
        self.appeared.insert(opaque)
        return true
    }

    /// The person is protected no more. Returns whether it was.
    mutating func release(_ person: RecordKey) -> Bool {
        let opaque = self.opaqueKey(of: person).id
        guard self.opaqueIDs.remove(opaque) != nil else { return false }
        self.appeared.remove(opaque)
        self.released[opaque] = person.id
        return true
    }

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
