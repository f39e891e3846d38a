public import Hub
public import SchoolRecords

extension SQLStore: Counters {
    static func count(_ connection: any SQLConnection, _ name: String, _ amount: Int = 1) throws {
        guard amount > 0 else { return }
        try connection.execute(
            "INSERT INTO counter (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = counter.value + excluded.value",
            [.text(name), .integer(Int64(amount))])
    }

    public func counts() async throws -> HubCounts {
        let rows = try await self.database.read { try $0.query("SELECT name, value FROM counter", []) }
        let values = Dictionary(rows.map { ($0.text(0), Int($0.integer(1))) }, uniquingKeysWith: { first, _ in first })
        var counts = HubCounts()
        counts.published = values["published"] ?? 0
        counts.delivered = values["delivered"] ?? 0
        counts.superseded = values["superseded"] ?? 0
        counts.failed = values["failed"] ?? 0
        counts.replayed = values["replayed"] ?? 0
        counts.batches = values["batches"] ?? 0
        return counts
    }

    public func lag(of system: String, entities: Set<Entity>) async throws -> Int {
        try await self.database.read { connection in
            try entities.reduce(0) { sum, entity in
                let row = try connection.first(
                    """
                    SELECT COUNT(*) FROM record r
                    LEFT JOIN delivery d ON d.system = ? AND d.entity = r.entity AND d.id = r.id
                    WHERE r.entity = ? AND (r.receiver IS NULL OR r.receiver = ?)
                      AND ((r.operation = 'upserted' AND (d.sequence IS NULL OR d.sequence < r.sequence))
                        OR (r.operation = 'deleted' AND d.sequence IS NOT NULL AND d.sequence < r.sequence))
                      AND NOT EXISTS (SELECT 1 FROM failure f WHERE f.system = ? AND f.entity = r.entity
                            AND f.record_id = r.id AND f.stage = 'delivery' AND (f.state IN ('failed', 'replaying')
                                OR (f.state = 'discarded' AND f.sequence >= r.sequence)))
                    """, [.text(system), .text(entity.rawValue), .text(system), .text(system)])
                return sum + Int(row?.integer(0) ?? 0)
            }
        }
    }
}
