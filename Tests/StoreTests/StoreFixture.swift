import ConnectorKit
import Foundation
import Hub
import SQLStores
import SQLiteDatabase
import SchoolRecords

/// A store in a file of its own.
struct StoreFixture {
    let directory: String
    let path: String
    let key: HubKey
    let store: SQLStore

    static let material = Data(repeating: 9, count: 32)
    static let time = "2026-08-17T06:00:00.000Z"

    static func with<Result>(_ body: (StoreFixture) async throws -> Result) async throws -> Result {
        let directory = FileManager.default.temporaryDirectory.path + "/knutpunkt-store-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: directory) }
        let path = directory + "/store.sqlite"
        let key = HubKey(material: Self.material)
        return try await body(
            StoreFixture(directory: directory, path: path, key: key, store: try await Self.open(path, key: key)))
    }

    static func open(_ path: String, key: HubKey = HubKey(material: material)) async throws -> SQLStore {
        try await SQLStore.open(database: SQLiteDatabase.open(path: path), key: key)
    }

    func state(_ id: String, _ text: String?, owner: String? = nil) -> RecordState {
        RecordState(
            key: RecordKey(.person, id), owner: owner ?? id,
            body: text.map { JSONValue.object(["id": .string(id), "givenName": .string($0)]).canonicalData })
    }

    @discardableResult
    func take(_ states: [RecordState], failures: [NewFailure] = []) async throws -> TakeResult {
        try await self.store.take(states, withheld: [], failures: failures, source: "edlevo", time: Self.time)
    }

    func settle(_ id: String, _ sequence: Int64, _ outcome: Settlement.Outcome) async throws {
        try await self.store.settle(
            [Settlement(key: RecordKey(.person, id), sequence: sequence, outcome: outcome)], in: "unikum", time: Self.time)
    }

    func failure(_ id: String, sequence: Int64 = 1, stage: NewFailure.Stage = .delivery, code: String = "value-without-code")
        -> NewFailure
    {
        NewFailure(
            stage: stage, system: stage == .intake ? "edlevo" : "unikum", key: RecordKey(.person, id), sequence: sequence,
            kind: "mapping",
            code: code, field: "f", place: "unikum/person.yaml:3", message: "no code", body: Data("body of \(id)".utf8))
    }

    func row(_ key: String, _ value: String = "x") -> TargetRow { TargetRow(kind: "person", key: key, fields: ["namn": value]) }
}
