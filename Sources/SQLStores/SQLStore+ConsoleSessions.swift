import Foundation
public import Hub

extension SQLStore: ConsoleSessions {
    private static func context(session digest: String) -> String { "console_session/\(digest)" }

    public func begin(_ session: ConsoleSession, by person: String, reason: String) async throws -> Bool {
        let key = self.seals.key
        let sealed = try self.seals.seal(session.content, context: Self.context(session: session.digest))
        return try await self.database.write { connection in
            if let account = session.account {
                let row = try connection.first("SELECT revision FROM console_account WHERE name = ?", [.text(account.name)])
                guard row?.integer(0) == account.revision else { return false }
            }
            try connection.execute(
                """
                INSERT INTO console_session (digest, account, revision, content, started_at, seen_at) VALUES (?, ?, ?, ?, ?, ?)
                """,
                [
                    .text(session.digest), .optional(session.account?.name), .optional(session.account?.revision), .blob(sealed),
                    .text(session.startedAt), .text(session.seenAt),
                ])
            let deed = Deed(action: "console.sign-in", subject: "console", reason: reason)
            try Self.audit([deed], by: person, time: session.startedAt, key: key, connection)
            return true
        }
    }

    public func consoleSession(_ digest: String) async throws -> ConsoleSession? {
        let row = try await self.database.read { connection in
            try connection.first(
                "SELECT account, revision, content, started_at, seen_at FROM console_session WHERE digest = ?", [.text(digest)])
        }
        guard let row else { return nil }
        return ConsoleSession(
            digest: digest,
            account: row.optionalText(0).map { ConsoleSession.Account(name: $0, revision: row.integer(1)) },
            content: try self.seals.open(row.optionalBlob(2) ?? Data(), context: Self.context(session: digest)),
            startedAt: row.text(3), seenAt: row.text(4))
    }

    public func seeConsoleSession(_ digest: String, time: String) async throws {
        try await self.database.write { connection in
            try connection.execute(
                "UPDATE console_session SET seen_at = ? WHERE digest = ? AND seen_at < ?",
                [.text(time), .text(digest), .text(time)])
        }
    }

    @discardableResult
    public func endConsoleSession(_ digest: String, by person: String, time: String) async throws -> Bool {
        let key = self.seals.key
        return try await self.database.write { connection in
            guard try connection.execute("DELETE FROM console_session WHERE digest = ?", [.text(digest)]) > 0 else {
                return false
            }
            let deed = Deed(action: "console.sign-out", subject: "console", reason: nil)
            try Self.audit([deed], by: person, time: time, key: key, connection)
            return true
        }
    }

    @discardableResult
    public func forgetConsoleSessions(startedBefore: String, seenBefore: String) async throws -> Int {
        try await self.database.write { connection in
            try connection.execute(
                "DELETE FROM console_session WHERE started_at < ? OR seen_at < ?", [.text(startedBefore), .text(seenBefore)])
        }
    }
}
