/// A connection within a read or a transaction; not kept beyond it. Statements are prepared once and kept.
public protocol SQLConnection {
    /// Runs a statement that answers nothing.
    ///
    /// - Returns: how many rows it changed.
    /// - Throws: ``StoreError``.
    @discardableResult
    func execute(_ sql: String, _ arguments: [SQLValue]) throws -> Int

    /// Runs a query and hands out its rows one by one, as the database finds them; `body` runs no statement itself.
    ///
    /// - Throws: ``StoreError``, and what `body` throws.
    func forEach(_ sql: String, _ arguments: [SQLValue], _ body: (SQLRow) throws -> Void) throws
}

extension SQLConnection {
    /// All rows of an answer.
    ///
    /// - Throws: ``StoreError``.
    public func query(_ sql: String, _ arguments: [SQLValue]) throws -> [SQLRow] {
        var rows: [SQLRow] = []
        try self.forEach(sql, arguments) { rows.append($0) }
        return rows
    }

    /// The first row of an answer.
    func first(_ sql: String, _ arguments: [SQLValue]) throws -> SQLRow? { try self.query(sql, arguments).first }
}

/// What the stores need of a database.
public protocol SQLDatabase: Sendable {
    /// What people know it by, e.g. its file: for messages. Holds no secret.
    var name: String { get }

    /// Reads one state of the database.
    ///
    /// - Throws: ``StoreError``, and what `body` throws.
    func read<Result: Sendable>(_ body: @escaping @Sendable (any SQLConnection) throws -> Result) async throws -> Result

    /// Runs one transaction: everything or, when `body` throws, nothing; durable when it returns.
    ///
    /// - Throws: ``StoreError``, and what `body` throws.
    @discardableResult
    func write<Result: Sendable>(_ body: @escaping @Sendable (any SQLConnection) throws -> Result) async throws -> Result

    /// How this database writes a column that numbers rows by itself, e.g. `INTEGER PRIMARY KEY AUTOINCREMENT`.
    var numberedKey: String { get }

    /// How this database writes the type of bytes, e.g. `BLOB`.
    var bytesType: String { get }

    /// Removes what was deleted or replaced from logs, as far as nobody reads it just now.
    ///
    /// - Returns: whether all of it went.
    func purge() async throws -> Bool
}

extension SQLDatabase {
    /// A database that keeps no log in reach.
    public func purge() async throws -> Bool { true }
}
