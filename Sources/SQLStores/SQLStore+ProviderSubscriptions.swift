import Foundation
public import Hub
public import SchoolRecords

extension SQLStore: ProviderSubscriptions {
    /// What rests sealed.
    private struct Content: Codable {
        let name: String
        let target: String
        let entities: Set<Entity>
    }

    private static let subscriptionColumns = "id, client, content, expires, told, attempts, due"

    public func add(_ subscription: ProviderSubscription, atMost most: Int) async throws -> Bool {
        let content = try JSONEncoder().encode(
            Content(name: subscription.name, target: subscription.target, entities: subscription.entities))
        let sealed = try self.key.seal(content, context: "subscription/\(subscription.id)")
        let told = try Self.text(subscription.told)
        return try await self.database.write { connection in
            let count = try connection.first(
                "SELECT COUNT(*) FROM provider_subscription WHERE client = ?", [.text(subscription.client)])
            guard count?.integer(0) ?? 0 < Int64(most) else { return false }
            try connection.execute(
                """
                INSERT INTO provider_subscription (id, client, content, expires, told, attempts, due)
                VALUES (?, ?, ?, ?, ?, ?, ?)
                """,
                [
                    .text(subscription.id), .text(subscription.client), .blob(sealed), .text(subscription.expires), .text(told),
                    .integer(Int64(subscription.attempts)), .optional(subscription.due),
                ])
            return true
        }
    }

    public func subscriptions(of client: String?, after id: String?, limit: Int) async throws -> [ProviderSubscription] {
        var filter = "id > ?"
        var arguments: [SQLValue] = [.text(id ?? "")]
        if let client {
            filter += " AND client = ?"
            arguments.append(.text(client))
        }
        let sql = "SELECT \(Self.subscriptionColumns) FROM provider_subscription WHERE \(filter) ORDER BY id LIMIT ?"
        arguments.append(.integer(Int64(limit)))
        let rows = try await self.database.read { [arguments] in try $0.query(sql, arguments) }
        return try rows.compactMap { try self.subscription($0) }
    }

    public func subscription(_ id: String) async throws -> ProviderSubscription? {
        let row = try await self.database.read { connection in
            try connection.first(
                "SELECT \(Self.subscriptionColumns) FROM provider_subscription WHERE id = ?", [.text(id)])
        }
        return try row.flatMap { try self.subscription($0) }
    }

    public func renew(_ id: String, expires: String) async throws -> Bool {
        try await self.database.write { connection in
            try connection.execute(
                "UPDATE provider_subscription SET expires = ? WHERE id = ?", [.text(expires), .text(id)]) > 0
        }
    }

    public func remove(subscription id: String) async throws -> Bool {
        try await self.database.write { connection in
            try connection.execute("DELETE FROM provider_subscription WHERE id = ?", [.text(id)]) > 0
        }
    }

    public func dropSubscriptions(expiredAt moment: String) async throws -> Int {
        try await self.database.write { connection in
            try connection.execute("DELETE FROM provider_subscription WHERE expires <= ?", [.text(moment)])
        }
    }

    public func noteNotice(_ id: String, told: [Entity: ChangeNumbers], attempts: Int, due: String?) async throws {
        let told = try Self.text(told)
        try await self.database.write { connection in
            try connection.execute(
                "UPDATE provider_subscription SET told = ?, attempts = ?, due = ? WHERE id = ?",
                [.text(told), .integer(Int64(attempts)), .optional(due), .text(id)])
        }
    }

    private func subscription(_ row: SQLRow) throws -> ProviderSubscription? {
        guard let sealed = row.optionalBlob(2) else { return nil }
        let id = row.text(0)
        let content = try JSONDecoder().decode(Content.self, from: try self.key.open(sealed, context: "subscription/\(id)"))
        let told = try JSONDecoder().decode([String: ChangeNumbers].self, from: Data(row.text(4).utf8))
        return ProviderSubscription(
            id: id, client: row.text(1), name: content.name, target: content.target, entities: content.entities,
            expires: row.text(3),
            told: Dictionary(
                told.compactMap { name, numbers in Entity(rawValue: name).map { ($0, numbers) } },
                uniquingKeysWith: { first, _ in first }),
            attempts: Int(row.integer(5)), due: row.optionalText(6))
    }

    private static func text(_ told: [Entity: ChangeNumbers]) throws -> String {
        let named = Dictionary(uniqueKeysWithValues: told.map { ($0.key.rawValue, $0.value) })
        return String(decoding: try JSONEncoder().encode(named), as: UTF8.self)
    }
}
