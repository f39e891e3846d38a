import Foundation
public import Hub

extension SQLStore: ConsoleAccounts {
    private static func context(_ name: String) -> String { "console_account/\(name)" }

    public func consoleAccount(_ name: String) async throws -> ConsoleAccount? {
        let row = try await self.database.read { connection in
            try connection.first("SELECT name, revision, content FROM console_account WHERE name = ?", [.text(name)])
        }
        return try row.map(self.account)
    }

    public func consoleAccounts() async throws -> [ConsoleAccount] {
        try await self.database.read { connection in
            try connection.query("SELECT name, revision, content FROM console_account ORDER BY name", [])
        }.map(self.account)
    }

    public func add(_ account: ConsoleAccount, by person: String, time: String) async throws -> Bool {
        let seals = self.seals
        return try await self.database.write { connection in
            let name = SQLValue.text(account.name)
            guard try connection.first("SELECT 1 FROM console_account WHERE name = ?", [name]) == nil else { return false }
            // An account that is made again never has a number that a removed one of its name has had.
            let last = try connection.first("SELECT MAX(number) FROM audit", [])?.integer(0) ?? 0
            try Self.write(account.numbered(last + 1), seals: seals, connection)
            let deed = Deed(action: "console.account.add", subject: "account/\(account.name)", reason: Self.words(account))
            try Self.audit([deed], by: person, time: time, key: seals.key, connection)
            return true
        }
    }

    public func changeConsoleAccount(
        _ name: String, action: String, reason: String?, by person: String, time: String,
        _ change: @escaping @Sendable (inout ConsoleAccount) -> Void
    ) async throws -> ConsoleAccount? {
        let seals = self.seals
        return try await self.database.write { connection in
            guard
                let row = try connection.first(
                    "SELECT name, revision, content FROM console_account WHERE name = ?", [.text(name)])
            else { return nil }
            let before = try self.account(row)
            var account = before
            change(&account)
            account = account.numbered(before.revision + 1)
            try Self.write(account, seals: seals, connection)
            try connection.execute("DELETE FROM console_session WHERE account = ?", [.text(name)])
            let deed = Deed(action: action, subject: "account/\(name)", reason: reason)
            try Self.audit([deed], by: person, time: time, key: seals.key, connection)
            return account
        }
    }

    public func removeConsoleAccount(_ name: String, by person: String, time: String) async throws -> Bool {
        let key = self.seals.key
        return try await self.database.write { connection in
            guard try connection.execute("DELETE FROM console_account WHERE name = ?", [.text(name)]) > 0 else { return false }
            try connection.execute("DELETE FROM console_session WHERE account = ?", [.text(name)])
            let deed = Deed(action: "console.account.remove", subject: "account/\(name)", reason: nil)
            try Self.audit([deed], by: person, time: time, key: key, connection)
            return true
        }
    }

    private func account(_ row: SQLRow) throws -> ConsoleAccount {
        let content = try self.seals.open(row.optionalBlob(2) ?? Data(), context: Self.context(row.text(0)))
        return try JSONDecoder().decode(ConsoleAccount.self, from: content).numbered(row.integer(1))
    }

    private static func write(_ account: ConsoleAccount, seals: Seals, _ connection: any SQLConnection) throws {
        let sealed = try seals.seal(try JSONEncoder().encode(account), context: Self.context(account.name))
        try connection.execute(
            """
            INSERT INTO console_account (name, revision, content) VALUES (?, ?, ?)
            ON CONFLICT (name) DO UPDATE SET revision = excluded.revision, content = excluded.content
            """, [.text(account.name), .integer(account.revision), .blob(sealed)])
    }

    /// What somebody may do by an account, for the audit log.
    private static func words(_ account: ConsoleAccount) -> String {
        let units =
            switch account.units {
            case .all: "all units"
            case .units(let units): "units \(units.sorted().joined(separator: ", "))"
            }
        let systems =
            switch account.systems {
            case .all: "all systems"
            case .systems(let systems): "systems \(systems.sorted().joined(separator: ", "))"
            }
        return "\(account.roles.sorted().joined(separator: ", ")); \(units); \(systems)"
    }
}
