public import Foundation
import GRDB
public import SQLStores

/// SQLite in one file, with write-ahead logging: the embedded default.
///
/// Several processes may have it open; every transaction is on disk when it returns (`synchronous=FULL`).
public final class SQLiteDatabase: SQLStores.SQLDatabase {
    private let pool: DatabasePool

    public let name: String
    public let numberedKey = "INTEGER PRIMARY KEY AUTOINCREMENT"
    public let bytesType = "BLOB"

    private init(pool: DatabasePool, path: String) {
        self.pool = pool
        self.name = path
    }

    /// Opens the file, making it when it isn't there. It and its companions (`-wal`, `-shm`) are readable by their
    /// owner only, also when they weren't before.
    ///
    /// - Parameter patience: how long a transaction waits for another process's, in seconds.
    /// - Throws: ``StoreError``.
    public static func open(path: String, patience: TimeInterval = 10) throws -> SQLiteDatabase {
        FileModes.own(path)
        var configuration = Configuration()
        configuration.busyMode = .timeout(patience)
        configuration.foreignKeysEnabled = true
        configuration.maximumReaderCount = 4
        configuration.prepareDatabase { database in
            try database.execute(sql: "PRAGMA temp_store = MEMORY")
            // What is deleted is overwritten where that takes no page more to be written.
            try database.execute(sql: "PRAGMA secure_delete = FAST")
            // The log of a large load shrinks again.
            try database.execute(sql: "PRAGMA journal_size_limit = 16777216")
        }
        do {
            let pool = try Self.pool(path, configuration, patience: patience)
            // The pool sets NORMAL while it opens, which syncs at checkpoints only: a power cut could take back what has
            // been acknowledged.
            try pool.writeWithoutTransaction { database in
                try database.execute(sql: "PRAGMA synchronous = FULL")
                // In KiB. With the usual 2 MiB a large load reads its own indexes again and again.
                try database.execute(sql: "PRAGMA cache_size = -16384")
                // In pages of 4 KiB. A page that changes again and again is carried over to the file once in 16 MiB of log, not
                // once in four.
                try database.execute(sql: "PRAGMA wal_autocheckpoint = 4096")
            }
            return SQLiteDatabase(pool: pool, path: path)
        } catch {
            throw StoreError(error, path: path, isOpening: true)
        }
    }

    /// Changing a new file to a write-ahead log is refused at once, whatever the patience, while another process does the
    /// same: tried again until the time is over.
    private static func pool(
        _ path: String, _ configuration: Configuration, patience: TimeInterval
    ) throws -> DatabasePool {
        let deadline = ContinuousClock.now + .seconds(patience)
        while true {
            do {
                return try DatabasePool(path: path, configuration: configuration)
            } catch let error as DatabaseError where error.resultCode == .SQLITE_BUSY && ContinuousClock.now < deadline {
                Thread.sleep(forTimeInterval: 0.01)
            }
        }
    }

    public func read<Result: Sendable>(
        _ body: @escaping @Sendable (any SQLConnection) throws -> Result
    ) async throws -> Result {
        do {
            return try await self.pool.read { try body(Connection(database: $0)) }
        } catch {
            throw self.translated(error)
        }
    }

    public func write<Result: Sendable>(
        _ body: @escaping @Sendable (any SQLConnection) throws -> Result
    ) async throws -> Result {
        do {
            return try await self.pool.write { try body(Connection(database: $0)) }
        } catch {
            throw self.translated(error)
        }
    }

    public func purge() async throws -> Bool {
        do {
            try await self.pool.barrierWriteWithoutTransaction { database in
                _ = try database.checkpoint(.truncate)
            }
            return true
        } catch let error as DatabaseError where [.SQLITE_BUSY, .SQLITE_LOCKED].contains(error.resultCode) {
            return false
        } catch {
            throw self.translated(error)
        }
    }

    /// What is wrong with the file, a line each; empty when it is sound.
    public func integrityCheck() async throws -> [String] {
        do {
            let lines = try await self.pool.read { try String.fetchAll($0, sql: "PRAGMA integrity_check") }
            return lines == ["ok"] ? [] : lines
        } catch {
            throw self.translated(error)
        }
    }

    private func translated(_ error: any Error) -> any Error {
        error is DatabaseError ? StoreError(error, path: self.name, isOpening: false) : error
    }
}

/// A connection of GRDB's, seen as the stores see it.
private struct Connection: SQLConnection {
    let database: Database

    func execute(_ sql: String, _ arguments: [SQLValue]) throws -> Int {
        let statement = try self.database.cachedStatement(sql: sql)
        try statement.execute(arguments: StatementArguments(arguments.map(\.databaseValue)))
        return self.database.changesCount
    }

    func forEach(_ sql: String, _ arguments: [SQLValue], _ body: (SQLRow) throws -> Void) throws {
        let statement = try self.database.cachedStatement(sql: sql)
        let cursor = try Row.fetchCursor(statement, arguments: StatementArguments(arguments.map(\.databaseValue)))
        while let row = try cursor.next() { try body(SQLRow(row.databaseValues.map(SQLValue.init))) }
    }
}

extension SQLValue {
    fileprivate var databaseValue: DatabaseValue {
        switch self {
        case .null: .null
        case .integer(let number): number.databaseValue
        case .text(let text): text.databaseValue
        case .blob(let data): data.databaseValue
        }
    }

    fileprivate init(_ value: DatabaseValue) {
        switch value.storage {
        case .null: self = .null
        case .int64(let number): self = .integer(number)
        case .double(let number): self = .integer(Int64(number))
        case .string(let text): self = .text(text)
        case .blob(let data): self = .blob(data)
        }
    }
}
