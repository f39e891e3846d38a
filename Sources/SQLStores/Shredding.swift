import Foundation
import Hub
import SchoolRecords

/// The destruction of what the store has of one person beside the records themselves, within a transaction.
struct Shredding {
    /// The opaque id.
    let person: String
    let realID: String
    /// By the source's ids and by opaque ones.
    let keys: Set<RecordKey>
    let seals: Seals
    let connection: any SQLConnection
    private(set) var destroyed: [String: Int] = [:]

    init(person: String, realID: String, keys: Set<RecordKey>, seals: Seals, connection: any SQLConnection) {
        self.person = person
        self.realID = realID
        self.keys = keys
        self.seals = seals
        self.connection = connection
    }

    mutating func run() throws {
        try self.delete("data_key", "owner IN (?, ?)", [.text(self.realID), .text(self.person)])
        for table in ["hub_mark", "source_mark", "identity_consent", "fictitious_identity", "vault_guardian", "recall"] {
            try self.delete(table, "person = ?", [.text(self.person)])
        }
        try self.delete("relation_block", "child = ? OR guardian = ?", [.text(self.person), .text(self.person)])
        try self.delete("mark", "source = 'protected-home' AND entity = ?", [.text(self.person)])
        for table in ["role_decision", "held_role", "account_state"] {
            try self.delete(table, "person IN (?, ?)", [.text(self.realID), .text(self.person)])
        }
        for (entity, keys) in Dictionary(grouping: self.keys, by: \.entity).sorted(by: { $0.key < $1.key }) {
            for chunk in SQLChunk.of(keys.map { .text($0.id) }) { try self.records(.text(entity.rawValue), chunk) }
        }
        // What a flow couldn't decide about the person.
        try self.failures("stage = 'flow' AND record_id IN (?, ?)", [.text(self.realID), .text(self.person)])
        try self.answers()
    }

    private mutating func records(_ entity: SQLValue, _ ids: SQLChunk) throws {
        let place = "entity = ? AND id IN (\(ids.marks))"
        let arguments = [entity] + ids.values
        for table in ["vault", "staged", "held_sample", "quality_finding", "record_past", "record_term", "delivery_row_past"] {
            try self.delete(table, place, arguments)
        }
        try self.delete("reconcile_finding", "entity = ? AND record_id IN (\(ids.marks))", arguments)
        try self.failures("entity = ? AND record_id IN (\(ids.marks))", arguments)
        try SQLStore.forgetTraces(entity, ids, self.connection)
    }

    /// What is left of a failure says nothing of anybody.
    private mutating func failures(_ condition: String, _ arguments: [SQLValue]) throws {
        let those = "failure IN (SELECT id FROM failure WHERE \(condition))"
        for table in ["failure_edit", "failure_attempt", "failure_form"] { try self.delete(table, those, arguments) }
        try FailureCount.move(
            to: .superseded, where: "\(condition) AND \(FailureCount.state) IN ('failed', 'replaying')", arguments,
            self.connection)
        let emptied = try self.connection.execute(
            "UPDATE failure SET body = NULL, message = '', place = NULL, record_id = NULL WHERE \(condition)", arguments)
        self.destroyed["failure", default: 0] += emptied
    }

    /// Answers that a program may ask for again: whoever does is told that it isn't known what became of its request.
    private mutating func answers() throws {
        let rows = try self.connection.query("SELECT name, content FROM kept_answer WHERE content IS NOT NULL", [])
        for row in rows {
            guard let sealed = row.optionalBlob(1) else { continue }
            let answer = try self.seals.open(sealed, context: "kept_answer/\(row.text(0))")
            let names = [self.realID, self.person].contains { answer.range(of: Data($0.utf8)) != nil }
            // An answer may hold its body in base64.
            let body = try? JSONDecoder().decode(KeptAnswer.self, from: answer).body
            let isIn = names || [self.realID, self.person].contains { body?.range(of: Data($0.utf8)) != nil }
            guard isIn else { continue }
            try self.connection.execute("UPDATE kept_answer SET content = NULL WHERE name = ?", [.text(row.text(0))])
            self.destroyed["kept_answer", default: 0] += 1
        }
    }

    private mutating func delete(_ table: String, _ condition: String, _ arguments: [SQLValue]) throws {
        self.destroyed[table, default: 0] += try self.connection.execute("DELETE FROM \(table) WHERE \(condition)", arguments)
    }
}
