import SchoolRecords

/// Whom the vault's records are about: of themselves, or through another of them (a stay schedule through the child's placement).
struct VaultSubjects {
    /// Person of a record that others are about somebody through.
    private var carried: [RecordKey: String] = [:]

    init(_ records: [VaultRecord]) {
        for record in records where SchoolRecord.carriers.contains(record.key.entity) {
            guard let body = try? JSONValue(parsing: record.body) else { continue }
            self.carried[record.key] = SchoolRecord.subject(record.key.entity, body)?.id
        }
    }

    /// The person's id in the source.
    func person(of record: VaultRecord) -> String? {
        guard let body = try? JSONValue(parsing: record.body) else { return nil }
        return self.person(of: record.key.entity, body)
    }

    func person(of entity: Entity, _ body: JSONValue) -> String? {
        if let subject = SchoolRecord.subject(entity, body) { return subject.id }
        return SchoolRecord.carrier(entity, body).flatMap { self.carried[$0] }
    }
}
