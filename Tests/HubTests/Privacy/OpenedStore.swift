import Crypto
import Foundation
import SQLiteDatabase
import SchoolRecords

@testable import Hub
@testable import SQLStores

/// A store's files in the hands of somebody who has keys and tries everything.
struct OpenedStore {
    /// Everything that could be opened, as text.
    private(set) var opened: [String] = []
    /// Records that could be opened, by their place.
    private(set) var records: Set<String> = []
    private(set) var closed = 0

    /// - Parameters:
    ///   - keys: tried on everything.
    ///   - dataKeys: from anywhere else, tried on every record.
    init(_ path: String, keys: [HubKey], dataKeys: [SymmetricKey] = []) async throws {
        let database = try SQLiteDatabase.open(path: path)
        let (rows, records) = try await database.read { connection in
            var rows: [(table: String, row: SealedColumn.Row)] = []
            for column in SealedColumn.all {
                rows += try column.rows(after: [], limit: 100_000, connection).map { (column.table, $0) }
            }
            let records = try connection.query(
                "SELECT r.entity, r.id, r.owner, r.body, k.wrapped FROM record r LEFT JOIN data_key k ON k.owner = r.owner WHERE r.owner IS NOT NULL",
                [])
            return (rows, records)
        }
        var found = dataKeys
        for (table, row) in rows {
            guard let data = keys.lazy.compactMap({ try? $0.open(row.sealed, context: row.context) }).first else {
                self.closed += 1
                continue
            }
            if table == "data_key" { found.append(SymmetricKey(data: data)) } else { self.add(data) }
        }
        for row in records {
            let place = "\(row.text(0))/\(row.text(1))"
            let body = row.optionalBlob(3) ?? Data()
            guard let data = found.lazy.compactMap({ try? HubKey.open(body, with: $0, context: "record/\(place)") }).first else {
                self.closed += 1
                continue
            }
            self.records.insert(place)
            self.add(data)
        }
    }

    private mutating func add(_ data: Data) {
        self.opened.append(String(decoding: data, as: UTF8.self))
        // A document may stand in another as base64.
        guard let value = try? JSONValue(parsing: data), let body = value["body"]?.stringValue,
            let document = Data(base64Encoded: body)
        else { return }
        self.opened.append(String(decoding: document, as: UTF8.self))
    }

    /// The data keys that a key opens.
    static func dataKeys(_ path: String, key: HubKey) async throws -> [SymmetricKey] {
        let rows = try await SQLiteDatabase.open(path: path).read { try $0.query("SELECT owner, wrapped FROM data_key", []) }
        return rows.compactMap { row in
            row.optionalBlob(1).flatMap { try? key.dataKey(unwrapping: $0, owner: row.text(0)) }
        }
    }

    func shows(_ tokens: [String]) -> [String] {
        tokens.filter { token in self.opened.contains { $0.contains(token) } }
    }

    /// The store's files as they lie there now.
    static func copy(_ path: String, to directory: String) throws -> String {
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        let copy = directory + "/store.sqlite"
        for suffix in ["", "-wal", "-shm"] where FileManager.default.fileExists(atPath: path + suffix) {
            try FileManager.default.copyItem(atPath: path + suffix, toPath: copy + suffix)
        }
        return copy
    }
}
