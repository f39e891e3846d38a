import ConnectorKit
import Foundation
import Hub
import SchoolRecords

/// Rows of a receiving system as they are stored.
enum RowCoding {
    static func data(_ rows: [TargetRow]) -> Data {
        JSONValue.array(
            rows.map { row in
                .array([.string(row.kind), .string(row.key), .object(row.fields.mapValues(JSONValue.string))])
            }
        ).canonicalData
    }

    static func rows(_ data: Data) throws -> [TargetRow] {
        try (JSONValue(parsing: data).arrayValue ?? []).compactMap { value in
            guard let parts = value.arrayValue, parts.count == 3, let kind = parts[0].stringValue, let key = parts[1].stringValue
            else { return nil }
            return TargetRow(kind: kind, key: key, fields: (parts[2].objectValue ?? [:]).compactMapValues(\.stringValue))
        }
    }

    /// Finds a row again without storing its key, which holds personal data.
    static func hash(_ row: RowIdentity, key: HubKey) -> String { key.contentHash(Data("\(row.kind)|\(row.key)".utf8)) }
}
