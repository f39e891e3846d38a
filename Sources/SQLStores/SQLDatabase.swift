public import Foundation

/// A value of a column or an argument.
public enum SQLValue: Sendable, Hashable {
    case null
    case integer(Int64)
    case text(String)
    case blob(Data)

    /// The text, or nothing for `NULL`.
    public static func optional(_ text: String?) -> SQLValue { text.map(SQLValue.text) ?? .null }
    /// The number, or nothing for `NULL`.
    public static func optional(_ number: Int64?) -> SQLValue { number.map(SQLValue.integer) ?? .null }
    /// The bytes, or nothing for `NULL`.
    public static func optional(_ data: Data?) -> SQLValue { data.map(SQLValue.blob) ?? .null }
}

/// One row of an answer, by column position.
public struct SQLRow: Sendable {
    private let values: [SQLValue]

    public init(_ values: [SQLValue]) { self.values = values }

    /// The text of a column; empty for `NULL` and anything else.
    public func text(_ column: Int) -> String { self.optionalText(column) ?? "" }

    public func optionalText(_ column: Int) -> String? {
        if case .text(let text) = self.values[column] { return text }
        return nil
    }

    /// The number of a column; 0 for `NULL` and anything else.
    public func integer(_ column: Int) -> Int64 { self.optionalInteger(column) ?? 0 }

    public func optionalInteger(_ column: Int) -> Int64? {
        if case .integer(let number) = self.values[column] { return number }
        return nil
    }

    public func optionalBlob(_ column: Int) -> Data? {
        if case .blob(let data) = self.values[column] { return data }
        return nil
    }
}

/// A connection within a read or a transaction; not kept beyond it. Statements are prepared once and kept.
public protocol SQLConnection {
    /// Runs a statement that answers nothing.
    ///
    /// - Returns: how many rows it changed.
    /// - Throws: ``StoreError``.
    @discardableResult
    func execute(_ sql: String, _ arguments: [SQLValue]) throws -> Int

    /// Runs a query.
    ///
    /// - Throws: ``StoreError``.
    func query(_ sql: String, _ arguments: [SQLValue]) throws -> [SQLRow]
}

extension SQLConnection {
    /// The first row of an answer.
    func first(_ sql: String, _ arguments: [SQLValue]) throws -> SQLRow? { try self.query(sql, arguments).first }
}

/// What the stores need of a database.
public protocol SQLDatabase: Sendable {
    /// Reads one state of the database.
    func read<Result: Sendable>(_ body: @escaping @Sendable (any SQLConnection) throws -> Result) async throws -> Result

    /// Runs one transaction: everything or, when `body` throws, nothing; durable when it returns.
    @discardableResult
    func write<Result: Sendable>(_ body: @escaping @Sendable (any SQLConnection) throws -> Result) async throws -> Result

    /// How this database writes a column that numbers rows by itself, e.g. `INTEGER PRIMARY KEY AUTOINCREMENT`.
    var numberedKey: String { get }

    /// How this database writes the type of bytes, e.g. `BLOB`.
    var bytesType: String { get }
}
