import SQLStores
import SQLiteDatabase
import Synchronization

/// A database that asks for the plan of every statement before it runs it, and keeps the plans.
final class PlannedDatabase: SQLDatabase {
    private let base: SQLiteDatabase
    private let kept = Mutex<[String: [String]]>([:])

    init(_ base: SQLiteDatabase) { self.base = base }

    var name: String { self.base.name }
    var numberedKey: String { self.base.numberedKey }
    var bytesType: String { self.base.bytesType }

    /// Statement → the steps of its plan.
    var plans: [String: [String]] { self.kept.withLock { $0 } }

    func forget() { self.kept.withLock { $0 = [:] } }

    func read<Result: Sendable>(
        _ body: @escaping @Sendable (any SQLConnection) throws -> Result
    ) async throws -> Result {
        try await self.base.read { try body(PlannedConnection(base: $0, keep: self.keep)) }
    }

    func write<Result: Sendable>(
        _ body: @escaping @Sendable (any SQLConnection) throws -> Result
    ) async throws -> Result {
        try await self.base.write { try body(PlannedConnection(base: $0, keep: self.keep)) }
    }

    private func keep(_ sql: String, _ plan: [String]) { self.kept.withLock { $0[sql] = plan } }
}

private struct PlannedConnection: SQLConnection {
    let base: any SQLConnection
    let keep: (String, [String]) -> Void

    func execute(_ sql: String, _ arguments: [SQLValue]) throws -> Int {
        try self.plan(sql, arguments)
        return try self.base.execute(sql, arguments)
    }

    func forEach(_ sql: String, _ arguments: [SQLValue], _ body: (SQLRow) throws -> Void) throws {
        try self.plan(sql, arguments)
        try self.base.forEach(sql, arguments, body)
    }

    private func plan(_ sql: String, _ arguments: [SQLValue]) throws {
        guard ["SELECT", "INSERT", "UPDATE", "DELETE"].contains(where: sql.hasPrefix) else { return }
        // The fourth column says what a step does.
        self.keep(sql, try self.base.query("EXPLAIN QUERY PLAN " + sql, arguments).map { $0.text(3) })
    }
}
