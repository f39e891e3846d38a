import Foundation
public import Hub
public import SchoolRecords

extension SQLStore: PersonHoldings {
    public func holdings(of person: String, realID: String, keys: Set<RecordKey>) async throws -> [HeldItem] {
        let real = keys.union([RecordKey(.person, realID)])
        let all = real.union(real.map(self.key.opaqueKey(for:)))
        let seals = self.seals
        return try await self.database.read { connection in
            var items: [HeldItem] = []
            for table in HeldTable.all {
                items += try table.items(person: person, realID: realID, keys: all, seals: seals, connection)
            }
            return items
        }
    }
}

/// A table that holds something about persons, and how what is one person's is found in it. A test compares the list with the tables.
struct HeldTable: Sendable {
    enum Finding: Sendable {
        /// By the columns that hold entity and id of a record.
        case record(String, String)
        /// By columns that hold the person's id, the source's or the opaque one.
        case person([String])
        /// By another condition; arguments are both ids.
        case other(String)
    }

    let table: String
    let columns: [String]
    let finding: Finding
    /// Of tables that are sealed, how a row's sealed column is opened.
    let sealed: SealedColumn?

    init(_ table: String, _ columns: [String], by finding: Finding) {
        self.table = table
        self.columns = columns
        self.finding = finding
        self.sealed = SealedColumn.all.first { $0.table == table }
    }

    static let all: [HeldTable] = [
        HeldTable(
            "record", ["entity", "id", "source", "sequence", "operation", "unit", "created", "read_at", "time", "published_at"],
            by: .record("entity", "id")),
        HeldTable(
            "record_past", ["entity", "id", "sequence", "source", "operation", "time", "read_at", "published_at"],
            by: .record("entity", "id")),
        HeldTable("vault", ["entity", "id", "source", "time"], by: .record("entity", "id")),
        HeldTable(
            "vault_form", ["system", "entity", "id", "sequence", "operation", "form", "time"], by: .record("entity", "id")),
        HeldTable("staged", ["run", "entity", "id"], by: .record("entity", "id")),
        HeldTable("outbox", ["entity", "id", "sequence", "routing_key", "reason"], by: .record("entity", "id")),
        HeldTable("delivery", ["system", "entity", "id", "sequence", "mapped_at", "time", "batch"], by: .record("entity", "id")),
        HeldTable("delivery_row_past", ["system", "entity", "id", "time"], by: .record("entity", "id")),
        HeldTable("waiting", ["system", "entity", "id", "for_entity", "for_id"], by: .record("entity", "id")),
        HeldTable("retry", ["system", "entity", "id", "due", "reason"], by: .record("entity", "id")),
        HeldTable("held_delivery", ["system", "entity", "id", "held"], by: .record("entity", "id")),
        HeldTable("held_sample", ["held", "number", "entity", "id"], by: .record("entity", "id")),
        HeldTable(
            "failure",
            [
                "id", "stage", "system", "entity", "record_id", "sequence", "kind", "code", "field", "message", "state",
                "first_at", "last_at",
            ],
            by: .record("entity", "record_id")),
        HeldTable(
            "failure_attempt", ["failure", "number", "time", "kind", "code", "field", "message"],
            by: .other("failure IN (SELECT f.id FROM failure f WHERE f.record_id IN (?, ?))")),
        HeldTable(
            "failure_edit", ["failure", "fields", "reason", "person", "time"],
            by: .other("failure IN (SELECT f.id FROM failure f WHERE f.record_id IN (?, ?))")),
        HeldTable(
            "failure_form", ["failure", "mappings"],
            by: .other("failure IN (SELECT f.id FROM failure f WHERE f.record_id IN (?, ?))")),
        HeldTable(
            "quality_finding", ["run", "rule", "entity", "id", "related", "unit", "field", "since"],
            by: .record("entity", "id")),
        HeldTable(
            "reconcile_finding", ["run", "number", "system", "kind", "situation", "cause", "entity", "record_id", "first_at"],
            by: .record("entity", "record_id")),
        HeldTable("derivation", ["entity", "id", "flow", "rule", "origins"], by: .person(["subject"])),
        HeldTable(
            "role_decision",
            ["kind", "person", "system", "role", "scope", "reason", "made_by", "made_at", "first", "last", "withdrawn_at"],
            by: .person(["person"])),
        HeldTable("held_role", ["person", "system", "role", "scope", "began", "ended"], by: .person(["person"])),
        HeldTable("account_state", ["id", "system", "person", "state"], by: .person(["person"])),
        HeldTable("hub_mark", ["person"], by: .person(["person"])),
        HeldTable("source_mark", ["source", "person", "level", "time"], by: .person(["person"])),
        HeldTable("identity_consent", ["person"], by: .person(["person"])),
        HeldTable("fictitious_identity", ["person"], by: .person(["person"])),
        HeldTable("vault_guardian", ["person"], by: .person(["person"])),
        HeldTable("relation_block", ["child", "guardian"], by: .person(["child", "guardian"])),
        HeldTable("recall", ["person", "time"], by: .person(["person"])),
        HeldTable("legal_hold", ["person"], by: .person(["person"])),
        HeldTable("erasure", ["person", "time", "state", "content"], by: .person(["person"])),
        HeldTable(
            "audit", ["number", "time", "person", "action", "subject", "operation", "reason"],
            by: .other("subject IN ('person/' || ?, 'person/' || ?)")),
    ]

    /// Tables that say of a person nothing but that something is done for its records, or where an index finds them again: ids and keyed
    /// hashes.
    static let indexes = [
        "data_key", "delivery_row", "delivery_reference", "record_term", "unindexed", "flow_read", "mark",
        "legal_hold_record",
    ]

    func items(
        person: String, realID: String, keys: Set<RecordKey>, seals: Seals, _ connection: any SQLConnection
    ) throws -> [HeldItem] {
        switch self.finding {
        case .record(let entity, let id):
            var items: [HeldItem] = []
            for (kind, keys) in Dictionary(grouping: keys, by: \.entity).sorted(by: { $0.key < $1.key }) {
                for chunk in SQLChunk.of(keys.map(\.id).sorted().map { .text($0) }) {
                    items += try self.rows(
                        "\(entity) = ? AND \(id) IN (\(chunk.marks))", [.text(kind.rawValue)] + chunk.values, seals, connection)
                }
            }
            return items
        case .person(let columns):
            let condition = columns.map { "\($0) IN (?, ?)" }.joined(separator: " OR ")
            return try self.rows(condition, columns.flatMap { _ in [.text(realID), .text(person)] }, seals, connection)
        case .other(let condition): return try self.rows(condition, [.text(realID), .text(person)], seals, connection)
        }
    }

    private func rows(
        _ condition: String, _ arguments: [SQLValue], _ seals: Seals, _ connection: any SQLConnection
    ) throws -> [HeldItem] {
        let sealing = self.sealed.map { $0.key + $0.extra + [$0.column] } ?? []
        // A record's own body may be sealed with its person's data key.
        let owned = self.table == "record" ? ["owner", "(SELECT k.wrapped FROM data_key k WHERE k.owner = record.owner)"] : []
        let select = (self.columns + sealing + owned).joined(separator: ", ")
        return try connection.query("SELECT \(select) FROM \(self.table) WHERE \(condition)", arguments).map { row in
            var fields: [String: String] = [:]
            for (place, name) in self.columns.enumerated() { fields[name] = row.value(place).shown }
            var content: JSONValue?
            if let sealed = self.sealed {
                let first = self.columns.count
                let parts = (0..<(sealed.key.count + sealed.extra.count)).map { row.value(first + $0).shown ?? "" }
                let data = row.optionalBlob(first + parts.count)
                let owner = owned.isEmpty ? nil : row.optionalText(first + parts.count + 1)
                content = try data.flatMap { data in
                    let context = sealed.context(parts)
                    guard let owner else { return Self.json(try seals.open(data, context: context)) }
                    guard let wrapped = row.optionalBlob(first + parts.count + 2) else { return nil }
                    return Self.json(try seals.open(data, wrapped: wrapped, owner: owner, context: context))
                }
            }
            return HeldItem(kind: self.table, fields: fields, content: content)
        }
    }

    /// What was sealed is JSON, in which a document may stand as base64.
    private static func json(_ data: Data) -> JSONValue {
        guard let value = try? JSONValue(parsing: data) else { return .string(String(decoding: data, as: UTF8.self)) }
        guard var object = value.objectValue, let body = object["body"]?.stringValue.flatMap({ Data(base64Encoded: $0) }),
            let document = try? JSONValue(parsing: body)
        else { return value }
        object["body"] = document
        return .object(object)
    }
}

extension SQLValue {
    /// For people and contexts; `nil` for what isn't there and for bytes.
    fileprivate var shown: String? {
        switch self {
        case .text(let text): text
        case .integer(let number): String(number)
        case .null, .blob: nil
        }
    }
}
