import Foundation
public import Hub
public import SchoolRecords

extension SQLStore: HeldChanges {
    @discardableResult
    public func hold(
        _ change: HeldChange, marks: [UInt64], samples: [HeldSample], aside: Set<RecordKey>, replacing earlier: String?
    ) async throws -> Bool {
        let content = String(decoding: try JSONEncoder().encode(change), as: UTF8.self)
        let sealed = try samples.enumerated().map { number, sample in
            (sample.key, try self.seals.seal(try JSONEncoder().encode(sample), context: "held/\(change.id)/\(number)"))
        }
        return try await self.database.write { connection in
            try Self.setAside(aside, with: change.id, in: change.system, connection)
            if let known = try Self.heldChange(change.id, connection), !known.state.allows(.held) {
                try Self.seeAgain(change.id, time: change.lastAt, connection)
                return false
            }
            try connection.execute(
                """
                INSERT INTO held_change (id, direction, system, entity, state, content, marks, first_at, last_at)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
                ON CONFLICT (id) DO UPDATE SET state = excluded.state, content = excluded.content, marks = excluded.marks,
                    first_at = excluded.first_at, last_at = excluded.last_at, decided_by = NULL, decided_at = NULL, reason = NULL
                """,
                [
                    .text(change.id), .text(change.direction.rawValue), .text(change.system), .text(change.entity),
                    .text(change.state.rawValue), .text(content), .blob(Self.data(marks)), .text(change.firstAt),
                    .text(change.lastAt),
                ])
            try connection.execute("DELETE FROM held_sample WHERE held = ?", [.text(change.id)])
            for (number, (key, body)) in sealed.enumerated() {
                try connection.execute(
                    "INSERT INTO held_sample (held, number, entity, id, body) VALUES (?, ?, ?, ?, ?)",
                    [.text(change.id), .integer(Int64(number))] + key.columns + [.blob(body)])
            }
            try Self.note(
                HeldEvent(time: change.firstAt, event: change.state.rawValue, by: nil, note: nil), change.id, connection)
            if let earlier {
                try connection.execute("UPDATE held_delivery SET held = ? WHERE held = ?", [.text(change.id), .text(earlier)])
                try Self.end(earlier, .superseded, note: "goes up in \(change.id)", time: change.firstAt, connection)
            }
            return true
        }
    }

    /// Ends a set that nobody has to decide about any more.
    static func end(
        _ id: String, _ state: HeldChange.State, note: String, time: String, _ connection: any SQLConnection
    ) throws {
        try connection.execute("UPDATE held_change SET state = ? WHERE id = ?", [.text(state.rawValue), .text(id)])
        try connection.execute("DELETE FROM held_sample WHERE held = ?", [.text(id)])
        try Self.note(HeldEvent(time: time, event: state.rawValue, by: "hub", note: note), id, connection)
    }

    public func setAside(_ records: Set<RecordKey>, with id: String) async throws {
        try await self.database.write { connection in
            guard let change = try Self.heldChange(id, connection) else { return }
            try Self.setAside(records, with: id, in: change.system, connection)
        }
    }

    private static func setAside(
        _ records: Set<RecordKey>, with id: String, in system: String, _ connection: any SQLConnection
    ) throws {
        for record in records.sorted() {
            try connection.execute(
                """
                INSERT INTO held_delivery (system, entity, id, held) VALUES (?, ?, ?, ?)
                ON CONFLICT (system, entity, id) DO UPDATE SET held = excluded.held
                """, [.text(system)] + record.columns + [.text(id)])
        }
    }

    public func aside(with id: String) async throws -> Set<RecordKey> {
        try await self.database.read { try Self.aside(with: id, $0) }
    }

    private static func aside(with id: String, _ connection: any SQLConnection) throws -> Set<RecordKey> {
        Set(
            try connection.query("SELECT entity, id FROM held_delivery WHERE held = ?", [.text(id)]).compactMap { $0.key(0, 1) })
    }

    public func rowCounts(in system: String) async throws -> [String: Int] {
        let rows = try await self.database.read {
            try $0.query(
                "SELECT kind, COUNT(DISTINCT row_hash) FROM delivery_row WHERE system = ? AND kind IS NOT NULL GROUP BY kind",
                [.text(system)])
        }
        return Dictionary(rows.map { ($0.text(0), Int($0.integer(1))) }, uniquingKeysWith: { first, _ in first })
    }

    public func seeAgain(_ id: String, time: String) async throws {
        try await self.database.write { try Self.seeAgain(id, time: time, $0) }
    }

    private static func seeAgain(_ id: String, time: String, _ connection: any SQLConnection) throws {
        try connection.execute("UPDATE held_change SET last_at = ? WHERE id = ?", [.text(time), .text(id)])
    }

    public func heldChanges(_ filter: HeldFilter) async throws -> [HeldChange] {
        var conditions: [String] = []
        var arguments: [SQLValue] = []
        for (column, value) in [
            ("direction", filter.direction?.rawValue), ("system", filter.system), ("entity", filter.entity),
        ] {
            guard let value else { continue }
            conditions.append("\(column) = ?")
            arguments.append(.text(value))
        }
        if !filter.states.isEmpty {
            conditions.append("state IN (\(filter.states.map { _ in "?" }.joined(separator: ", ")))")
            arguments += filter.states.map { .text($0.rawValue) }
        }
        let condition = conditions.isEmpty ? "" : "WHERE " + conditions.joined(separator: " AND ")
        let limit = filter.limit.map { " LIMIT \($0)" } ?? ""
        let sql = "SELECT \(Self.heldColumns) FROM held_change \(condition) ORDER BY first_at DESC, id\(limit)"
        let values = arguments
        return try await self.database.read { try $0.query(sql, values).map(Self.heldChange) }
    }

    private static let heldColumns = "content, state, first_at, last_at, decided_by, decided_at, reason"

    private static func heldChange(_ row: SQLRow) throws -> HeldChange {
        var change = try JSONDecoder().decode(HeldChange.self, from: Data(row.text(0).utf8))
        if let state = HeldChange.State(rawValue: row.text(1)) { change.state = state }
        change.firstAt = row.text(2)
        change.lastAt = row.text(3)
        change.decidedBy = row.optionalText(4)
        change.decidedAt = row.optionalText(5)
        change.reason = row.optionalText(6)
        return change
    }

    private static func heldChange(_ id: String, _ connection: any SQLConnection) throws -> HeldChange? {
        try connection.first("SELECT \(Self.heldColumns) FROM held_change WHERE id = ?", [.text(id)]).map(Self.heldChange)
    }

    public func marks(ofHeld id: String) async throws -> [UInt64] {
        let row = try await self.database.read { try $0.first("SELECT marks FROM held_change WHERE id = ?", [.text(id)]) }
        return Self.marks(row?.optionalBlob(0) ?? Data())
    }

    private static func data(_ marks: [UInt64]) -> Data {
        var data = Data(capacity: marks.count * 8)
        for mark in marks {
            for shift in stride(from: UInt64(0), to: 64, by: 8) { data.append(UInt8(truncatingIfNeeded: mark >> shift)) }
        }
        return data
    }

    private static func marks(_ data: Data) -> [UInt64] {
        let bytes = Array(data)
        return stride(from: 0, to: bytes.count - 7, by: 8).map { start in
            (0..<8).reduce(UInt64(0)) { $0 | UInt64(bytes[start + $1]) << UInt64($1 * 8) }
        }
    }

    public func samples(ofHeld id: String) async throws -> [HeldSample] {
        let rows = try await self.database.read {
            try $0.query("SELECT number, body FROM held_sample WHERE held = ? ORDER BY number", [.text(id)])
        }
        return try rows.compactMap { row in
            guard let sealed = row.optionalBlob(1) else { return nil }
            let body = try self.seals.open(sealed, context: "held/\(id)/\(row.integer(0))")
            return try JSONDecoder().decode(HeldSample.self, from: body)
        }
    }

    @discardableResult
    public func decide(_ id: String, _ decision: HeldDecision) async throws -> HeldChange? {
        let key = self.seals.key
        let decided = try await self.database.write { connection -> HeldChange? in
            guard let known = try Self.heldChange(id, connection), known.state.allows(decision.state) else { return nil }
            // Who approved stays known when the hub has applied it.
            let isPersons = decision.state == .approved || decision.state == .rejected || known.state == .told
            let set = isPersons ? ", decided_by = ?, decided_at = ?, reason = ?" : ""
            let values: [SQLValue] =
                isPersons ? [.text(decision.by), .text(decision.time), .optional(decision.reason)] : []
            try connection.execute(
                "UPDATE held_change SET state = ?\(set) WHERE id = ?", [.text(decision.state.rawValue)] + values + [.text(id)])
            if known.direction == .target, decision.state == .approved || decision.state == .superseded {
                try Self.redeliver(try Self.aside(with: id, connection), to: known.system, reason: "approved", connection)
            }
            if decision.state == .superseded {
                try connection.execute("DELETE FROM held_delivery WHERE held = ?", [.text(id)])
            }
            if decision.state == .superseded || decision.state == .applied {
                try connection.execute("DELETE FROM held_sample WHERE held = ?", [.text(id)])
            }
            try Self.note(
                HeldEvent(time: decision.time, event: decision.state.rawValue, by: decision.by, note: decision.reason), id,
                connection)
            if decision.isPersons {
                let deed = Deed(
                    action: Self.action(from: known.state, decision.state), subject: "held/\(id)", reason: decision.reason)
                try Self.audit([deed], by: decision.by, time: decision.time, key: key, connection)
            }
            return try Self.heldChange(id, connection)
        }
        if decided != nil { self.bell.ring() }
        return decided
    }

    /// What a decision is called in the audit log.
    private static func action(from known: HeldChange.State, _ state: HeldChange.State) -> String {
        switch state {
        case .approved: "held.approve"
        case .rejected: "held.reject"
        case .applied: known == .told ? "held.seen" : "held.apply"
        case .held, .superseded, .told: "held.\(state.rawValue)"
        }
    }

    public func note(_ event: HeldEvent, ofHeld id: String) async throws {
        let key = self.seals.key
        try await self.database.write { connection in
            try Self.note(event, id, connection)
            guard let person = event.by else { return }
            let deed = Deed(action: "held.\(event.event)", subject: "held/\(id)", reason: event.note)
            try Self.audit([deed], by: person, time: event.time, key: key, connection)
        }
    }

    private static func note(_ event: HeldEvent, _ id: String, _ connection: any SQLConnection) throws {
        try connection.execute(
            "INSERT INTO held_event (held, time, event, made_by, note) VALUES (?, ?, ?, ?, ?)",
            [.text(id), .text(event.time), .text(event.event), .optional(event.by), .optional(event.note)])
    }

    public func events(ofHeld id: String) async throws -> [HeldEvent] {
        let rows = try await self.database.read {
            try $0.query("SELECT time, event, made_by, note FROM held_event WHERE held = ? ORDER BY number", [.text(id)])
        }
        return rows.map {
            HeldEvent(time: $0.text(0), event: $0.text(1), by: $0.optionalText(2), note: $0.optionalText(3))
        }
    }
}
