import Foundation
import SchoolRecords

/// What is kept of a record's states for its journey: those before the present one, and the traces that they go on with.
enum PastStates {
    /// So many earlier states are kept of a record: their messages' ids and times, no content.
    static let most: Int64 = 20

    /// Keeps the present state's passage before another takes its place.
    static func remember(_ key: RecordKey, before sequence: Int64, _ connection: any SQLConnection) throws {
        try connection.execute(
            """
            INSERT INTO record_past (entity, id, sequence, source, operation, time, event_id, trace, read_at, published_at)
            SELECT entity, id, sequence, source, operation, time, event_id, trace, read_at, published_at FROM record
            WHERE entity = ? AND id = ? ON CONFLICT DO NOTHING
            """, key.columns)
        guard sequence > Self.most + 1 else { return }
        try connection.execute(
            "DELETE FROM record_past WHERE entity = ? AND id = ? AND sequence < ?", key.columns + [.integer(sequence - Self.most)]
        )
    }

    /// The traces that records which a flow makes, or takes back, go on with: for each that of the latest among the records it
    /// was made of.
    static func traces(
        ofDerived keys: [RecordKey], by flow: String, _ connection: any SQLConnection
    ) throws -> [RecordKey: String] {
        var origins: [RecordKey: [RecordKey]] = [:]
        try connection.inChunks(keys) { entity, ids in
            try connection.forEach(
                "SELECT entity, id, origins FROM derivation WHERE entity = ? AND id IN (\(ids.marks)) AND flow = ?",
                [entity] + ids.values + [.text(flow)]
            ) { row in
                guard let key = row.key(0, 1) else { return }
                let names = try JSONDecoder().decode([String].self, from: Data(row.text(2).utf8))
                origins[key] = names.compactMap(SQLStore.recordKey)
            }
        }
        var latest: [RecordKey: (time: String, trace: String)] = [:]
        try connection.inChunks(origins.values.flatMap { $0 }) { entity, ids in
            try connection.forEach(
                "SELECT entity, id, time, trace, event_id FROM record WHERE entity = ? AND id IN (\(ids.marks))",
                [entity] + ids.values
            ) { row in
                guard let key = row.key(0, 1) else { return }
                let own = row.optionalText(4).flatMap(TraceContext.id(ofMessage:))
                if let trace = row.optionalText(3) ?? own { latest[key] = (row.text(2), trace) }
            }
        }
        return origins.compactMapValues { $0.compactMap { latest[$0] }.max { ($0.time, $0.trace) < ($1.time, $1.trace) }?.trace }
    }
}
