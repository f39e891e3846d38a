import ConnectorKit
import Foundation
public import Hub
public import Reconciliation
public import SchoolRecords

extension SQLStore: RowEvidence {
    public func evidence(of keys: Set<RecordKey>, in system: String) async throws -> [RecordKey: RecordEvidence] {
        try await self.database.read { connection in
            var found: [RecordKey: RecordEvidence] = [:]
            var published: [RecordKey: String] = [:]
            try connection.inChunks(keys) { entity, ids in
                let sql = """
                    SELECT r.entity, r.id, r.sequence, r.operation, r.source, r.unit, r.time, r.published_at, d.sequence, d.time
                    FROM record r LEFT JOIN delivery d ON d.system = ? AND d.entity = r.entity AND d.id = r.id
                    WHERE r.entity = ? AND r.id IN (\(ids.marks))
                    """
                try connection.forEach(sql, [.text(system), entity] + ids.values) { row in
                    guard let key = row.key(0, 1) else { return }
                    var evidence = RecordEvidence(
                        sequence: row.integer(2), isDeleted: row.text(3) == "deleted", source: row.text(4),
                        unit: row.optionalText(5), time: row.text(6))
                    published[key] = row.optionalText(7)
                    if let sequence = row.optionalInteger(8) {
                        evidence.delivered = .init(sequence: sequence, time: row.optionalText(9))
                    }
                    found[key] = evidence
                }
            }
            let present = Present(system: system, keys: Set(found.keys), connection: connection)
            try present.forEach("SELECT entity, id, for_entity, for_id FROM waiting", "entity", "id") { key, row in
                if let other = row.key(2, 3) { found[key]?.waits.insert(other) }
            }
            try Self.passOverPassing(&found, system: system, connection)
            for key in try present.keys("SELECT entity, id FROM retry", "entity", "id") { found[key]?.hasRetry = true }
            try present.forEach("SELECT entity, id, held FROM held_delivery", "entity", "id") { key, row in
                found[key]?.held = row.text(2)
            }
            try Self.addFailures(&found, present)
            try connection.inChunks(found.keys) { entity, ids in
                let sql = """
                    SELECT entity, id FROM outbox WHERE entity = ? AND id IN (\(ids.marks)) AND (exchange <> '' OR routing_key = ?
                        OR routing_key LIKE ?)
                    """
                let queue = "deliver.\(system)"
                try connection.forEach(sql, [entity] + ids.values + [.text(queue), .text("\(queue).%")]) { row in
                    if let key = row.key(0, 1) { found[key]?.isUnconfirmed = true }
                }
            }
            try Self.addReferences(&found, system: system, connection)
            let pending = found.filter { $0.value.isPending }.keys
            if !pending.isEmpty, let latest = try Self.latestPublished(in: system, connection) {
                for key in pending {
                    found[key]?.isOvertaken =
                        published[key].map { RFC3339.later($0, by: Self.overtakingSeconds) < latest } ?? false
                }
            }
            return found
        }
    }

    /// A message isn't lost because another one, published a moment later, came first: there may be several queues.
    private static let overtakingSeconds = 120.0

    /// When the broker confirmed the message that, of those given to the system, was published last.
    private static func latestPublished(in system: String, _ connection: any SQLConnection) throws -> String? {
        try connection.first(
            """
            SELECT MAX(r.published_at) FROM delivery d JOIN record r ON r.entity = d.entity AND r.id = d.id
            WHERE d.system = ? AND d.sequence = r.sequence AND r.source <> d.system
            """, [.text(system)])?.optionalText(0)
    }

    private static func addFailures(_ found: inout [RecordKey: RecordEvidence], _ present: Present) throws {
        var given: [RecordKey: RecordEvidence.Failure] = [:]
        try present.forEach(
            "SELECT entity, record_id, id, code, state, sequence FROM failure", "entity", "record_id",
            also: "AND stage = 'delivery'"
        ) { key, row in
            let state: RecordEvidence.Failure.State
            switch row.text(4) {
            case "failed": state = .open
            case "replaying": state = .replaying
            case "discarded":
                // Given up was that state; a later one is another matter.
                guard let evidence = found[key], (row.optionalInteger(5) ?? 0) >= evidence.sequence else { return }
                state = .discarded
            default: return
            }
            let failure = RecordEvidence.Failure(message: row.integer(2), code: row.text(3), state: state)
            if let known = given[key], known.state != .discarded || state == .discarded, known.message > failure.message {
                return
            }
            given[key] = failure
        }
        for (key, failure) in given { found[key]?.failure = failure }
    }

    /// Waiting for a record that has been given, or is on its way, ends by itself.
    private static func passOverPassing(
        _ found: inout [RecordKey: RecordEvidence], system: String, _ connection: any SQLConnection
    ) throws {
        let awaited = Set(found.values.flatMap(\.waits))
        guard !awaited.isEmpty else { return }
        var passing: Set<RecordKey> = []
        try connection.inChunks(awaited) { entity, ids in
            let sql = """
                SELECT r.entity, r.id FROM record r WHERE r.entity = ? AND r.id IN (\(ids.marks))
                    AND NOT EXISTS (SELECT 1 FROM failure x WHERE x.entity = r.entity AND x.record_id = r.id AND x.system = ?
                        AND x.stage = 'delivery' AND x.state IN ('failed', 'discarded'))
                    AND NOT EXISTS (SELECT 1 FROM held_delivery h WHERE h.system = ? AND h.entity = r.entity AND h.id = r.id)
                """
            try connection.forEach(sql, [entity] + ids.values + [.text(system), .text(system)]) { row in
                if let key = row.key(0, 1) { passing.insert(key) }
            }
        }
        for (key, evidence) in found where !evidence.waits.isEmpty {
            found[key]?.referencesUnderWay.formUnion(evidence.waits.intersection(passing))
            found[key]?.waits.subtract(passing)
        }
    }

    /// When what the records looked at was taken last.
    private static func addReferences(
        _ found: inout [RecordKey: RecordEvidence], system: String, _ connection: any SQLConnection
    ) throws {
        var moved: [RecordKey: String] = [:]
        try connection.inChunks(found.keys) { entity, ids in
            let sql = """
                SELECT f.entity, f.id, MAX(r.time) FROM delivery_reference f
                JOIN record r ON r.entity = f.ref_entity AND r.id = f.ref_id
                WHERE f.system = ? AND f.entity = ? AND f.id IN (\(ids.marks)) GROUP BY f.entity, f.id
                """
            try connection.forEach(sql, [.text(system), entity] + ids.values) { row in
                if let key = row.key(0, 1) { moved[key] = row.optionalText(2) }
            }
        }
        for (key, time) in moved { found[key]?.referencesMovedAt = time }
        try connection.inChunks(found.keys) { entity, ids in
            let sql = """
                SELECT f.entity, f.id, r.entity, r.id, EXISTS (SELECT 1 FROM failure x WHERE x.entity = r.entity
                        AND x.record_id = r.id AND x.system = f.system AND x.stage = 'delivery' AND x.state = 'failed')
                    OR EXISTS (SELECT 1 FROM held_delivery h WHERE h.system = f.system AND h.entity = r.entity AND h.id = r.id)
                FROM delivery_reference f
                JOIN record r ON r.entity = f.ref_entity AND r.id = f.ref_id AND r.source <> f.system
                LEFT JOIN delivery d ON d.system = f.system AND d.entity = r.entity AND d.id = r.id
                WHERE f.system = ? AND f.entity = ? AND f.id IN (\(ids.marks)) AND d.sequence < r.sequence
                """
            try connection.forEach(sql, [.text(system), entity] + ids.values) { row in
                guard let key = row.key(0, 1), let other = row.key(2, 3) else { return }
                if row.integer(4) != 0 {
                    found[key]?.referencesStopped.insert(other)
                } else {
                    found[key]?.referencesUnderWay.insert(other)
                }
            }
        }
    }

    public func formerGivers(of rows: Set<RowIdentity>, in system: String) async throws -> [RowIdentity: FormerGiver] {
        let key = self.key
        let hashes = Dictionary(rows.map { (RowCoding.hash($0, key: key), $0) }, uniquingKeysWith: { first, _ in first })
        return try await self.database.read { connection in
            var givers: [RowIdentity: FormerGiver] = [:]
            for chunk in SQLChunk.of(hashes.keys.map(SQLValue.text)) {
                let sql = """
                    SELECT row_hash, entity, id, time FROM delivery_row_past p WHERE system = ? AND row_hash IN (\(chunk.marks))
                        AND NOT EXISTS (SELECT 1 FROM delivery_row d WHERE d.system = p.system AND d.row_hash = p.row_hash)
                    """
                try connection.forEach(sql, [.text(system)] + chunk.values) { found in
                    guard let row = hashes[found.text(0)], let giver = found.key(1, 2) else { return }
                    let former = FormerGiver(record: giver, time: found.text(3))
                    if let known = givers[row], known.time > former.time { return }
                    givers[row] = former
                }
            }
            return givers
        }
    }

    public func sources(of keys: Set<RecordKey>) async throws -> [RecordKey: String] {
        try await self.database.read { connection in
            var found: [RecordKey: String] = [:]
            try connection.inChunks(keys) { entity, ids in
                let sql = "SELECT entity, id, source FROM record WHERE entity = ? AND id IN (\(ids.marks))"
                try connection.forEach(sql, [entity] + ids.values) { row in
                    if let key = row.key(0, 1) { found[key] = row.text(2) }
                }
            }
            return found
        }
    }

    public func correct(
        _ corrections: [RecordKey: [RowCorrection]], in system: String, unlessMovedSince instant: String
    ) async throws -> Set<RecordKey> {
        let seals = self.seals
        let sent = try await self.database.write { connection in
            var sent: Set<RecordKey> = []
            for (key, rows) in corrections.sorted(by: { $0.key < $1.key }) {
                let place = [.text(system)] + key.columns
                let record = try connection.first("SELECT time FROM record WHERE entity = ? AND id = ?", key.columns)
                guard let record, record.text(0) < instant else { continue }
                let given = try connection.first(
                    "SELECT body, time FROM delivery WHERE system = ? AND entity = ? AND id = ?", place)
                if let given, let sealed = given.optionalBlob(0) {
                    guard (given.optionalText(1) ?? "") < instant else { continue }
                    let context = "delivery/\(system)/\(key)"
                    let believed = try RowCoding.rows(try seals.open(sealed, context: context))
                    let data = RowCoding.data(try Self.correct(believed, rows, place: place, seals.key, connection))
                    try connection.execute(
                        "UPDATE delivery SET rows_hash = ?, body = ? WHERE system = ? AND entity = ? AND id = ?",
                        [.text(seals.key.contentHash(data)), .blob(try seals.seal(data, context: context))] + place)
                }
                sent.insert(key)
            }
            try Self.redeliver(sent.sorted(), to: system, reason: "repair", connection)
            return sent
        }
        if !sent.isEmpty { self.bell.ring() }
        return sent
    }

    /// What a record gives, as the system really has it. What stands in a row that differs isn't kept: it is written whole.
    private static func correct(
        _ believed: [TargetRow], _ corrections: [RowCorrection], place: [SQLValue], _ key: HubKey,
        _ connection: any SQLConnection
    ) throws -> [TargetRow] {
        var rows = believed
        for correction in corrections {
            let hash = RowCoding.hash(correction.row, key: key)
            rows.removeAll { $0.identity == correction.row }
            if correction.isHeld {
                rows.append(TargetRow(kind: correction.row.kind, key: correction.row.key, fields: [:]))
                try connection.execute(
                    "INSERT INTO delivery_row (system, row_hash, entity, id, kind) VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
                    [place[0], .text(hash), place[1], place[2], .text(correction.row.kind)])
            } else {
                try connection.execute(
                    "DELETE FROM delivery_row WHERE system = ? AND entity = ? AND id = ? AND row_hash = ?", place + [.text(hash)])
            }
        }
        return rows
    }
}
