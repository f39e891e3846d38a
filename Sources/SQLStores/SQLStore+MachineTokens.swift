import Foundation
public import Hub

extension SQLStore: MachineTokens {
    private static func context(token digest: String) -> String { "machine_token/\(digest)" }

    public func add(_ token: MachineToken, by person: String, time: String) async throws -> Bool {
        let key = self.seals.key
        let sealed = try self.seals.seal(try JSONEncoder().encode(token), context: Self.context(token: token.digest))
        return try await self.database.write { connection in
            guard try connection.first("SELECT 1 FROM machine_token WHERE name = ?", [.text(token.name)]) == nil else {
                return false
            }
            try connection.execute(
                "INSERT INTO machine_token (name, digest, content) VALUES (?, ?, ?)",
                [.text(token.name), .text(token.digest), .blob(sealed)])
            let deed = Deed(
                action: "console.token.add", subject: "token/\(token.name)",
                reason: "until \(token.expiresAt)\(token.account.map { ", for \($0)" } ?? "")")
            try Self.audit([deed], by: person, time: time, key: key, connection)
            return true
        }
    }

    public func machineToken(digest: String) async throws -> MachineToken? {
        let row = try await self.database.read { connection in
            try connection.first("SELECT digest, content FROM machine_token WHERE digest = ?", [.text(digest)])
        }
        return try row.map(self.token)
    }

    public func machineTokens() async throws -> [MachineToken] {
        let rows = try await self.database.read { connection in
            try connection.query("SELECT digest, content FROM machine_token ORDER BY name", [])
        }
        return try rows.map(self.token)
    }

    public func removeMachineToken(_ name: String, by person: String, time: String) async throws -> Bool {
        let key = self.seals.key
        return try await self.database.write { connection in
            guard try connection.execute("DELETE FROM machine_token WHERE name = ?", [.text(name)]) > 0 else { return false }
            try Self.audit(
                [Deed(action: "console.token.remove", subject: "token/\(name)")], by: person, time: time, key: key, connection)
            return true
        }
    }

    private func token(_ row: SQLRow) throws -> MachineToken {
        let content = try self.seals.open(row.optionalBlob(1) ?? Data(), context: Self.context(token: row.text(0)))
        return try JSONDecoder().decode(MachineToken.self, from: content)
    }
}
