import Hub
import Messaging
import SchoolRecords

/// The index of records by their terms: who changes a record marks it, and the index follows.
enum TermIndex {
    /// Marks a record as changed, in the transaction of the change.
    static func mark(_ key: RecordKey, sequence: Int64, _ connection: any SQLConnection) throws {
        try connection.execute(
            """
            INSERT INTO unindexed (entity, id, sequence) VALUES (?, ?, ?)
            ON CONFLICT (entity, id) DO UPDATE SET sequence = excluded.sequence
            """, key.columns + [.integer(sequence)])
    }

    /// Takes away by what records that are gone were found, also while nobody brings the index up to date.
    static func forget(_ entity: SQLValue, _ ids: SQLChunk, _ connection: any SQLConnection) throws {
        try connection.execute("DELETE FROM record_term WHERE entity = ? AND id IN (\(ids.marks))", [entity] + ids.values)
    }

    /// A record that is to be indexed as it was when it was looked at.
    struct Entry: Sendable {
        let key: RecordKey
        let sequence: Int64
        let isLive: Bool
        let terms: Set<String>
    }

    /// Brings records into the index. One that has changed since it was looked at is left for the next time.
    static func keep(_ entries: [Entry], _ connection: any SQLConnection) throws {
        var numbers: [Entity: ChangeNumbers] = [:]
        for entry in entries {
            let columns = entry.key.columns
            let isCurrent =
                try connection.execute(
                    "DELETE FROM unindexed WHERE entity = ? AND id = ? AND sequence = ?", columns + [.integer(entry.sequence)])
                > 0
            guard isCurrent else { continue }
            try connection.execute("DELETE FROM record_term WHERE entity = ? AND id = ?", columns)
            for term in entry.terms.sorted() {
                try connection.execute(
                    "INSERT INTO record_term (entity, term, id) VALUES (?, ?, ?)", [columns[0], .text(term), columns[1]])
            }
            if entry.isLive {
                numbers[entry.key.entity, default: ChangeNumbers()].upserted += 1
            } else {
                numbers[entry.key.entity, default: ChangeNumbers()].deleted += 1
            }
        }
        for (entity, number) in numbers.sorted(by: { $0.key < $1.key }) {
            try connection.execute(
                """
                INSERT INTO change_number (entity, upserted, deleted) VALUES (?, ?, ?)
                ON CONFLICT (entity) DO UPDATE SET upserted = change_number.upserted + excluded.upserted,
                    deleted = change_number.deleted + excluded.deleted
                """, [.text(entity.rawValue), .integer(number.upserted), .integer(number.deleted)])
        }
    }
}
