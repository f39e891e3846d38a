import Foundation
public import SchoolRecords

/// What the source holds, and how it is changed.
extension EdlevoStandIn {
    /// The records of an entity now, in the order of their making.
    public func records(of entity: Entity) -> [SyntheticRecord] { self.tables[entity]?.records ?? [] }

    /// What is true in the source now: every document of an entity, by id.
    public func truth(_ entity: Entity) throws(JSONSyntaxError) -> [String: JSONValue] {
        var documents: [String: JSONValue] = [:]
        for record in self.records(of: entity) { documents[record.key.id] = try record.document() }
        return documents
    }

    /// How many records of an entity there are now.
    public func count(of entity: Entity) -> Int { self.tables[entity]?.count ?? 0 }

    /// A record's document now; `nil` when there is none.
    public func document(_ key: RecordKey) -> JSONValue? {
        guard let record = self.tables[key.entity]?.record(key.id) else { return nil }
        return try? record.document()
    }

    /// Every state a record has had, oldest first, the present one last; `nil` stands for being deleted.
    public func history(of key: RecordKey) -> [JSONValue?] {
        var states = self.earlier[key] ?? []
        if let record = self.tables[key.entity]?.record(key.id) {
            states.append(record)
        } else if !states.isEmpty {
            states.append(nil)
        }
        return states.map { state in state.flatMap { try? $0.document() } }
    }

    /// Puts a document in place of the one with its id, or adds it.
    ///
    /// `meta` is set here: `modified` to an instant above every one before, `created` kept or set to the same.
    ///
    /// - Returns: the document as it is served from now on.
    /// - Throws: ``StandInError`` when it is no object with an id.
    @discardableResult
    public func upsert(_ entity: Entity, _ document: JSONValue) throws(StandInError) -> JSONValue {
        guard document.objectValue != nil, let id = document["id"]?.stringValue, !id.isEmpty else {
            throw StandInError(.badInput, "a \(entity.rawValue) needs an id; give the document one")
        }
        let key = RecordKey(entity, id)
        let stamp = self.nextStamp()
        let before = self.tables[entity]?.record(id)
        let stamps = RecordStamps(created: before?.stamps.created ?? stamp, modified: stamp)
        var document = document
        document["meta"] = ["created": .string(stamps.created.text), "modified": .string(stamps.modified.text)]
        let record = SyntheticRecord(key: key, stamps: stamps, bytes: Array(document.canonicalData))
        if let before {
            self.earlier[key, default: []].append(before)
        } else if self.tombstones.contains(where: { $0.key == key }) {
            self.earlier[key, default: []].append(nil)
            self.tombstones.removeAll { $0.key == key }
        }
        self.tables[entity]?.put(record)
        self.subscriptions.note(entity, deleted: false)
        return document
    }

    /// Takes a record away; it is told under deleted entities from then on. Records that refer to it stay as they are.
    ///
    /// - Returns: whether there was one.
    @discardableResult
    public func delete(_ key: RecordKey) -> Bool {
        guard let record = self.tables[key.entity]?.record(key.id) else { return false }
        self.earlier[key, default: []].append(record)
        self.tables[key.entity]?.remove(key.id)
        self.tombstones.append((key, self.nextStamp()))
        self.subscriptions.note(key.entity, deleted: true)
        return true
    }

    /// Above every stamp before, in whole milliseconds.
    private func nextStamp() -> Timestamp {
        self.bell.ring()
        let clock = Int64(self.now().timeIntervalSince1970 * 1000) * 1000
        self.lastStamp = Timestamp(microseconds: max(clock, self.lastStamp.microseconds / 1000 * 1000 + 1000))
        return self.lastStamp
    }
}
