import Foundation
import Hub
import SQLStores
import SQLiteDatabase

/// A SQLite store in a directory of its own, which goes with it.
struct StoreFixture {
    let directory: String
    let path: String
    let subject: StoreUnderTest

    static let key = HubKey(material: Data(repeating: 9, count: 32))

    static func with<Result>(_ body: (StoreFixture) async throws -> Result) async throws -> Result {
        let directory = FileManager.default.temporaryDirectory.path + "/knutpunkt-store-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: directory) }
        let path = directory + "/store.sqlite"
        let store = try await Self.open(path)
        return try await body(
            StoreFixture(
                directory: directory, path: path,
                subject: StoreUnderTest(store: store, key: Self.key, another: { try await Self.open(path) })))
    }

    static func open(_ path: String, key: HubKey = key) async throws -> SQLStore {
        try await SQLStore.open(database: SQLiteDatabase.open(path: path), key: key)
    }
}
