import ConnectorKit
import Foundation
import SchoolRecords

/// All that a system has been given, and what of it was shipped last. Pure.
struct SDSState: Sendable, Hashable, Codable {
    private(set) var given = SDSRows()
    /// What the latest set has; empty before the first.
    var shipped = SDSRows()
    /// The latest set's name; `nil` before the first.
    var latest: String?
    /// The batch that changed something last; `nil` before the first.
    var batch: String?
    /// The school year of the latest set: that in which it begins.
    var year: Int?

    /// Takes a batch's rows in.
    ///
    /// - Returns: the records with a row that School Data Sync would drop; nothing of them is taken in.
    mutating func take(_ batch: TargetBatch, _ settings: SDSSettings) -> [RecordKey: ConnectorFailure] {
        var rejected: [RecordKey: ConnectorFailure] = [:]
        for write in batch.writes where rejected[write.record] == nil {
            rejected[write.record] = write.set.lazy.compactMap { Self.refusal($0, settings) }.first
        }
        let writes = batch.writes.filter { rejected[$0.record] == nil }
        let resolved = ResolvedRows(writes, relationTypes: Set(SDSTable.allCases.map(\.kind)))
        for row in resolved.removed { if let table = SDSTable(kind: row.kind) { self.given[table][row.key] = nil } }
        for row in resolved.added { if let table = SDSTable(kind: row.kind) { self.given[table][row.key] = row.fields } }
        return rejected
    }

    private static func refusal(_ row: TargetRow, _ settings: SDSSettings) -> ConnectorFailure? {
        guard let table = SDSTable(kind: row.kind) else {
            return ConnectorFailure(
                .rejected, code: .unknownRowKind, message: "School Data Sync has no rows of kind \(row.kind)")
        }
        for field in row.fields.keys.sorted() where !table.columns.contains(field) || table.own.contains(field) {
            return ConnectorFailure(
                .rejected, code: .unknownField, message: "\(table.fileName) takes no \(field) from a mapping; take it out there")
        }
        guard let broken = SDSRule.broken(table, row.fields, grades: settings.grades) else { return nil }
        return ConnectorFailure(
            .rejected, code: broken.rule == .required ? .requiredFieldMissing : .wrongForm,
            message:
                "\(table.fileName) \(broken.column): \(broken.rule.rawValue). School Data Sync would drop the row; correct it in the "
                + "source or the mapping")
    }
}

/// What lies beside the files of a set: how many rows, how many before, what was left out by which rule. Names nobody.
struct SDSManifest: Sendable, Hashable, Codable {
    struct File: Sendable, Hashable, Codable {
        let name: String
        let rows: Int
        let bytes: Int
        /// SHA-256 in hexadecimal digits.
        let digest: String
    }

    let set: String
    let format: String
    let files: [File]
    /// Rows of each file in the set before; empty in the first.
    let before: [String: Int]
    /// File → rule → rows that wait for others.
    let leftOut: [String: [String: Int]]
}
