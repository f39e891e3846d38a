import Foundation
public import Hub

extension SQLStore: PermissionBook {
    private static let permissionsName = "permissions"

    public func permissions() async throws -> Permissions? {
        let row = try await self.database.read { connection in
            try connection.first("SELECT value FROM setting WHERE name = ?", [.text(Self.permissionsName)])
        }
        guard let sealed = row?.optionalBlob(0) else { return nil }
        return try JSONDecoder().decode(Permissions.self, from: try self.seals.open(sealed, context: Self.permissionsName))
    }

    public func keep(_ permissions: Permissions?, by person: String, time: String) async throws {
        guard try await self.permissions() != permissions else { return }
        let key = self.seals.key
        let name = SQLValue.text(Self.permissionsName)
        let sealed = try permissions.map { try key.seal(try JSONEncoder().encode($0), context: Self.permissionsName) }
        try await self.database.write { connection in
            try connection.execute("DELETE FROM setting WHERE name = ?", [name])
            if let sealed {
                try connection.execute("INSERT INTO setting (name, value) VALUES (?, ?)", [name, .blob(sealed)])
            }
            let deed = Deed(
                action: "permissions", subject: "permissions",
                reason: permissions.map { "for \($0.grants.keys.sorted().joined(separator: ", "))" } ?? "none")
            try Self.audit([deed], by: person, time: time, key: key, connection)
        }
    }

    public func note(_ action: String, subject: String, reason: String?, by person: String, time: String) async throws {
        let key = self.seals.key
        try await self.database.write { connection in
            try Self.audit(
                [Deed(action: action, subject: subject, reason: reason)], by: person, time: time, key: key, connection)
        }
    }
}
