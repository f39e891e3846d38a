import Foundation
import Hub

/// A database whose every transaction first looks which generation of the hub's key is in force: a change of keys by another process is
/// followed before anything is written, and nothing sealed with a closed generation gets in.
struct KeyFollowingDatabase: SQLDatabase {
    let base: any SQLDatabase
    let key: HubKey

    var name: String { self.base.name }
    var numberedKey: String { self.base.numberedKey }
    var bytesType: String { self.base.bytesType }

    func read<Result: Sendable>(
        _ body: @escaping @Sendable (any SQLConnection) throws -> Result
    ) async throws -> Result { try await self.base.read(body) }

    func write<Result: Sendable>(
        _ body: @escaping @Sendable (any SQLConnection) throws -> Result
    ) async throws -> Result {
        let (key, name) = (self.key, self.name)
        return try await self.base.write { connection in
            let state = try KeyState.read(connection)
            do {
                try key.follow(state.current)
            } catch {
                throw StoreError(
                    .wrongKey,
                    "\(name): the hub's key was changed, and its file (store.key_file) isn't the newest: \(error)", cause: error)
            }
            return try body(state.least > 1 ? GuardedConnection(base: connection, least: state.least, place: name) : connection)
        }
    }

    func purge() async throws -> Bool { try await self.base.purge() }
}

/// Refuses what was sealed with a closed generation before its transaction began.
private struct GuardedConnection: SQLConnection {
    let base: any SQLConnection
    let least: Int
    let place: String

    func execute(_ sql: String, _ arguments: [SQLValue]) throws -> Int {
        for case .blob(let data) in arguments {
            if let generation = HubKey.generation(of: data), generation < self.least {
                throw StoreError(
                    .locked, "\(self.place): the hub's key was changed while this was on its way to the store. It is tried again."
                )
            }
        }
        return try self.base.execute(sql, arguments)
    }

    func forEach(_ sql: String, _ arguments: [SQLValue], _ body: (SQLRow) throws -> Void) throws {
        try self.base.forEach(sql, arguments, body)
    }
}
