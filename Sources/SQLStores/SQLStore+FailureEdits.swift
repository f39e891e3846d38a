import Foundation
public import Hub

extension SQLStore: FailureEdits {
    public func edit(_ edit: FailureEdit) async throws {
        let seals = self.seals
        try await self.database.write { connection in
            let id = SQLValue.integer(edit.failure)
            try Self.requireFree(edit.failure, connection)
            if let other = try connection.first("SELECT person FROM failure_edit WHERE failure = ?", [id]) {
                throw EditRefusal(failure: edit.failure, reason: .edited(by: other.text(0)))
            }
            let current = try connection.first(
                """
                SELECT r.sequence FROM failure f JOIN record r ON r.entity = f.entity AND r.id = f.record_id
                WHERE f.id = ? AND f.stage = 'delivery' AND r.operation = 'upserted' AND r.sequence = f.sequence
                """, [id])
            guard current?.integer(0) == edit.sequence else { throw EditRefusal(failure: edit.failure, reason: .overtaken) }
            try connection.execute(
                """
                INSERT INTO failure_edit (failure, sequence, body, fields, reason, person, time, needs_approval)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?)
                """,
                [
                    id, .integer(edit.sequence), .blob(try seals.seal(edit.body, context: "failure_edit/\(edit.failure)")),
                    .text(edit.fields.joined(separator: ",")), .text(edit.reason), .text(edit.person), .text(edit.time),
                    .integer(edit.needsApproval ? 1 : 0),
                ])
            let deed = Deed(
                action: "edit", subject: "failure/\(edit.failure)",
                reason: "\(edit.reason) (\(edit.fields.joined(separator: ", ")))")
            try Self.audit([deed], by: edit.person, time: edit.time, key: seals.key, connection)
        }
    }

    public func approveEdit(of failure: Int64, by person: String, time: String) async throws {
        let key = self.seals.key
        try await self.database.write { connection in
            try Self.requireFree(failure, connection)
            let author = try Self.author(of: failure, connection)
            guard author != person else { throw EditRefusal(failure: failure, reason: .ownEdit) }
            try connection.execute(
                "UPDATE failure_edit SET approver = ? WHERE failure = ?", [.text(person), .integer(failure)])
            let deed = Deed(action: "edit.approve", subject: "failure/\(failure)")
            try Self.audit([deed], by: person, time: time, key: key, connection)
        }
    }

    public func undoEdit(of failure: Int64, by person: String, time: String) async throws {
        let key = self.seals.key
        try await self.database.write { connection in
            try Self.requireFree(failure, connection)
            _ = try Self.author(of: failure, connection)
            try connection.execute("DELETE FROM failure_edit WHERE failure = ?", [.integer(failure)])
            let deed = Deed(action: "edit.undo", subject: "failure/\(failure)")
            try Self.audit([deed], by: person, time: time, key: key, connection)
        }
    }

    public func edits(of failures: [Int64]) async throws -> [Int64: FailureEdit] {
        let rows = try await self.database.read { connection in
            var rows: [SQLRow] = []
            for chunk in SQLChunk.of(failures.map(SQLValue.integer)) {
                rows += try connection.query(
                    """
                    SELECT failure, sequence, body, fields, reason, person, time, needs_approval, approver FROM failure_edit
                    WHERE failure IN (\(chunk.marks))
                    """, chunk.values)
            }
            return rows
        }
        var edits: [Int64: FailureEdit] = [:]
        for row in rows {
            guard let body = try row.optionalBlob(2).map({ try self.editedBody($0, of: row.integer(0)) }) else { continue }
            edits[row.integer(0)] = FailureEdit(
                failure: row.integer(0), sequence: row.integer(1), body: body,
                fields: row.text(3).split(separator: ",").map(String.init), reason: row.text(4), person: row.text(5),
                time: row.text(6), needsApproval: row.integer(7) == 1, approver: row.optionalText(8))
        }
        return edits
    }

    /// Opens the content of a correction.
    func editedBody(_ sealed: Data, of failure: Int64) throws -> Data {
        try self.seals.open(sealed, context: "failure_edit/\(failure)")
    }

    /// - Throws: ``EditRefusal`` unless the failure is open and no replay has it.
    private static func requireFree(_ failure: Int64, _ connection: any SQLConnection) throws {
        let row = try connection.first("SELECT state FROM failure WHERE id = ?", [.integer(failure)])
        guard let row, let state = FailedMessage.State(rawValue: row.text(0)) else {
            throw EditRefusal(failure: failure, reason: .unknown)
        }
        let claim = try connection.first(
            "SELECT batch FROM replay_item WHERE failure = ? AND outcome IN ('waiting', 'sent')", [.integer(failure)])
        // Sent, and the outcome noted by nobody yet: the state tells.
        guard claim == nil || (state != .failed && state != .replaying) else {
            throw EditRefusal(failure: failure, reason: .inReplay)
        }
        guard state == .failed else { throw EditRefusal(failure: failure, reason: .notOpen(state)) }
    }

    private static func author(of failure: Int64, _ connection: any SQLConnection) throws -> String {
        let row = try connection.first("SELECT person FROM failure_edit WHERE failure = ?", [.integer(failure)])
        guard let row else { throw EditRefusal(failure: failure, reason: .notEdited) }
        return row.text(0)
    }
}
