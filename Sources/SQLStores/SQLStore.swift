import Foundation
public import Hub

/// Everything the hub keeps, in SQL.
///
/// Bodies, rows and messages are sealed; ids, hashes and times stand in clear. Record bodies are sealed with the data
/// key of the person they are about, everything else with the hub's.
public final class SQLStore: Sendable {
    let database: any SQLDatabase
    let seals: Seals
    let bell = Bell()

    private init(database: any SQLDatabase, seals: Seals) {
        self.database = database
        self.seals = seals
    }

    var key: HubKey { self.seals.key }

    /// Opens a store: makes or renews its tables, and checks that the key is the one it was made with.
    ///
    /// - Throws: ``StoreError`` (`newer-schema`, `wrong-key`, and what the database itself says); the store is left as
    ///   it was then.
    public static func open(database: any SQLDatabase, key: HubKey) async throws -> SQLStore {
        let steps = Migrations.steps(database)
        let place = database.name
        try await database.write { connection in try Self.migrate(connection, steps: steps, place: place) }
        let database = KeyFollowingDatabase(base: database, key: key)
        try await database.write { connection in try Self.check(key, connection, place: place) }
        return SQLStore(database: database, seals: Seals(key: key, place: place))
    }

    private static func migrate(_ connection: any SQLConnection, steps: [[String]], place: String) throws {
        try connection.execute("CREATE TABLE IF NOT EXISTS schema_step (number BIGINT PRIMARY KEY)", [])
        let done = try connection.first("SELECT COALESCE(MAX(number), 0) FROM schema_step", [])?.integer(0) ?? 0
        guard done <= Int64(steps.count) else {
            throw StoreError(
                .newerSchema,
                "\(place): the store was made by a newer version of Knutpunkt (step \(done), this one knows \(steps.count)). "
                    + "Run that version, or put back an older copy of the data directory.")
        }
        for (index, step) in steps.enumerated().dropFirst(Int(done)) {
            for statement in step { try connection.execute(statement, []) }
            try connection.execute("INSERT INTO schema_step (number) VALUES (?)", [.integer(Int64(index + 1))])
        }
    }

    private static func check(_ key: HubKey, _ connection: any SQLConnection, place: String) throws {
        let check = "key-check"
        if let row = try connection.first("SELECT value FROM setting WHERE name = ?", [.text(check)]) {
            guard let sealed = row.optionalBlob(0), (try? key.open(sealed, context: check)) != nil else {
                throw StoreError(
                    .wrongKey,
                    "\(place): the store was made with another hub key. Put back the key file that belongs to it "
                        + "(store.key_file); without it the data can't be read. A store from before the latest change of keys, or the "
                        + "latest erasure, can't be opened with the keys of today: put back a later copy, or begin with an empty one."
                )
            }
        } else {
            let sealed = try key.seal(Data(check.utf8), context: check)
            try connection.execute("INSERT INTO setting (name, value) VALUES (?, ?)", [.text(check), .blob(sealed)])
        }
    }
}
