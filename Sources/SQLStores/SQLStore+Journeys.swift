import ConnectorKit
public import Hub
import Messaging
public import SchoolRecords

extension SQLStore: Journeys {
    public func records(withID id: String) async throws -> [RecordKey] {
        let entities = SQLChunk.of(Entity.allCases.map { .text($0.rawValue) })
        return try await self.database.read { connection in
            try entities.flatMap { chunk in
                try connection.query(
                    "SELECT entity, id FROM record WHERE entity IN (\(chunk.marks)) AND id = ?", chunk.values + [.text(id)]
                ).compactMap { $0.key(0, 1) }
            }
        }
    }

    public func record(ofMessage id: String) async throws -> RecordKey? {
        try await self.database.read { connection in
            for table in ["record", "record_past", "outbox"] {
                let row = try connection.first("SELECT entity, id FROM \(table) WHERE event_id = ?", [.text(id)])
                if let key = row?.key(0, 1) { return key }
            }
            return nil
        }
    }

    public func records(inTrace id: String, limit: Int) async throws -> JourneySearch {
        // The message that began the trace has no trace beside its id.
        let message = SQLValue.optional(TraceContext.message(ofID: id))
        return try await self.search(
            """
            SELECT entity, id, MIN(time) FROM (
                SELECT entity, id, time FROM record WHERE event_id = ? UNION ALL
                SELECT entity, id, time FROM record WHERE trace = ? UNION ALL
                SELECT entity, id, time FROM record_past WHERE event_id = ? UNION ALL
                SELECT entity, id, time FROM record_past WHERE trace = ?) AS states
            GROUP BY entity, id ORDER BY MIN(time), entity, id
            """, [message, .text(id), message, .text(id)], limit: limit)
    }

    public func records(inTraceOfBatch id: String, limit: Int) async throws -> JourneySearch {
        let batch = try await self.database.read { connection in
            var found: String?
            try connection.forEach("SELECT DISTINCT batch FROM delivery WHERE batch IS NOT NULL", []) { row in
                if found == nil, TargetBatch(id: row.text(0), writes: []).trace?.traceID == id { found = row.text(0) }
            }
            return found
        }
        guard let batch else { return JourneySearch() }
        return try await self.search(
            "SELECT entity, id, time FROM delivery WHERE batch = ? ORDER BY entity, id", [.text(batch)], limit: limit)
    }

    private func search(_ sql: String, _ arguments: [SQLValue], limit: Int) async throws -> JourneySearch {
        try await self.database.read { connection in
            var search = JourneySearch()
            try connection.forEach(sql, arguments) { row in
                search.total += 1
                if search.keys.count < limit, let key = row.key(0, 1) { search.keys.append(key) }
            }
            return search
        }
    }

    public func passages(of key: RecordKey) async throws -> [RecordPassage] {
        let columns = "sequence, source, operation, event_id, trace, read_at, time, published_at"
        return try await self.database.read { connection in
            func passages(_ table: String, isPresent: Bool) throws -> [RecordPassage] {
                try connection.query(
                    "SELECT \(columns) FROM \(table) WHERE entity = ? AND id = ? ORDER BY sequence", key.columns
                ).map { row in
                    RecordPassage(
                        key: key, sequence: row.integer(0), source: row.text(1),
                        isDeletion: row.text(2) == RecordChange.Operation.deleted.rawValue, message: row.optionalText(3),
                        trace: row.optionalText(4) ?? row.optionalText(3).flatMap(TraceContext.id(ofMessage:)),
                        readAt: row.optionalText(5), takenAt: row.text(6), publishedAt: row.optionalText(7), isPresent: isPresent)
                }
            }
            return try passages("record_past", isPresent: false) + passages("record", isPresent: true)
        }
    }

    public func whereabouts(of key: RecordKey, systems: [String]) async throws -> Whereabouts {
        let nothing = self.key.contentHash(RowCoding.data([]))
        return try await self.database.read { connection in
            var places = Whereabouts()
            try connection.forEach(
                "SELECT exchange, routing_key, reason FROM outbox WHERE entity = ? AND id = ? ORDER BY position", key.columns
            ) { row in
                places.outbox.append(.init(queue: row.text(0).isEmpty ? row.text(1) : nil, reason: row.optionalText(2)))
            }
            // Every table here is found by system first, and systems are few.
            for system in systems {
                let place = [.text(system)] + key.columns
                try connection.forEach(
                    "SELECT sequence, mapped_at, time, batch, rows_hash FROM delivery WHERE system = ? AND entity = ? AND id = ?",
                    place
                ) { row in
                    places.arrivals.append(
                        Arrival(
                            system: system, sequence: row.integer(0), mappedAt: row.optionalText(1), time: row.optionalText(2),
                            batch: row.optionalText(3), hasRows: row.text(4) != nothing))
                }
                try connection.forEach(
                    "SELECT for_entity, for_id FROM waiting WHERE system = ? AND entity = ? AND id = ?", place
                ) { row in
                    if let other = row.key(0, 1) { places.waits[system, default: []].insert(other) }
                }
                try connection.forEach("SELECT held FROM held_delivery WHERE system = ? AND entity = ? AND id = ?", place) {
                    row in
                    places.held[system] = row.text(0)
                }
                try connection.forEach("SELECT due, reason FROM retry WHERE system = ? AND entity = ? AND id = ?", place) { row in
                    places.retries[system] = .init(due: row.integer(0), reason: row.text(1))
                }
            }
            return places
        }
    }

    public func derived(from key: RecordKey) async throws -> [RecordKey] {
        try await self.database.read { connection in
            var found: Set<RecordKey> = []
            try connection.forEach(
                """
                SELECT d.entity, d.id, d.origins FROM flow_read f
                JOIN derivation d ON d.flow = f.flow AND d.subject = f.subject WHERE f.entity = ? AND f.id = ?
                """, key.columns
            ) { row in
                // Origins are a JSON list of `entity/id`.
                if row.text(2).replacing("\\/", with: "/").contains("\"\(key)\""), let made = row.key(0, 1) { found.insert(made) }
            }
            return found.sorted()
        }
    }
}
