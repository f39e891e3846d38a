import ConnectorKit
import Foundation
import SchoolRecords

/// Everything that a system has been given in full files. Pure.
struct FullFilesState: Sendable, Hashable, Codable {
    /// Kind → key → fields.
    private(set) var rows: [String: [String: [String: String]]] = [:]
    /// Kind → groups that have had a file, those without rows among them: theirs is an empty one from then on.
    private(set) var groups: [String: Set<String>] = [:]

    /// Takes a batch's rows in.
    ///
    /// - Returns: the files that are another now, and the records that can't be expressed, of which nothing is taken in.
    mutating func take(
        _ batch: TargetBatch, _ settings: FullFilesSettings, system: String
    ) -> (files: [DroppedFile], rejected: [RecordKey: ConnectorFailure]) {
        var rejected: [RecordKey: ConnectorFailure] = [:]
        for write in batch.writes {
            for row in write.set {
                do throws(ConnectorFailure) {
                    _ = try Self.line(row.kind, row.fields, settings)
                } catch {
                    if rejected[write.record] == nil { rejected[write.record] = error }
                }
            }
        }
        let writes = batch.writes.filter { rejected[$0.record] == nil }
        let resolved = ResolvedRows(writes, relationTypes: Set(settings.files.map(\.kind)))
        var touched: [String: Set<String>] = [:]
        for row in resolved.removed + resolved.added {
            guard let file = settings.file(of: row.kind) else { continue }
            if let before = self.rows[row.kind]?[row.key] {
                touched[row.kind, default: []].insert(file.groupBy.flatMap { before[$0] } ?? "")
            }
        }
        for row in resolved.removed { self.rows[row.kind]?[row.key] = nil }
        for row in resolved.added {
            guard let file = settings.file(of: row.kind) else { continue }
            self.rows[row.kind, default: [:]][row.key] = row.fields
            touched[row.kind, default: []].insert(file.groupBy.flatMap { row.fields[$0] } ?? "")
        }
        for (kind, names) in touched { self.groups[kind, default: []].formUnion(names) }
        let files = settings.files.flatMap { file in
            (touched[file.kind] ?? []).sorted().map { group in
                DroppedFile(name: file.fileName(group, system: system), bytes: self.bytes(file, group, settings))
            }
        }
        return (files, rejected)
    }

    /// The whole file of a group, rows in the order of their keys.
    private func bytes(_ file: FullFilesSettings.File, _ group: String, _ settings: FullFilesSettings) -> [UInt8] {
        let header = file.format.header ? (try? file.format.bytes(of: file.columns)) ?? [] : []
        return (self.rows[file.kind] ?? [:]).sorted { $0.key < $1.key }.reduce(into: header) { bytes, row in
            guard file.groupBy.map({ row.value[$0] == group }) ?? true else { return }
            if let line = try? Self.line(file.kind, row.value, settings) { bytes += line }
        }
    }

    private static func line(
        _ kind: String, _ fields: [String: String], _ settings: FullFilesSettings
    ) throws(ConnectorFailure) -> [UInt8] {
        func refusal(_ code: ConnectorFailure.Code, _ message: String) -> ConnectorFailure {
            ConnectorFailure(.rejected, code: code, message: message)
        }
        guard let file = settings.file(of: kind) else {
            throw refusal(.unknownRowKind, "rows of kind \(kind) have no place in the files: name it in files")
        }
        for field in fields.keys.sorted() where !file.columns.contains(field) && field != file.groupBy || field.isEmpty {
            throw refusal(.unknownField, "the field \(field) of \(kind) rows has no column: name it in files")
        }
        for field in file.required where (fields[field] ?? "").isEmpty {
            throw refusal(.requiredFieldMissing, "the \(kind) has no \(field), without which the system does not take it")
        }
        do throws(NotEncodable) {
            return try file.format.bytes(of: file.columns.map { fields[$0] ?? "" })
        } catch {
            throw refusal(
                .notEncodable,
                "\(file.columns[error.column]) of the \(kind) has characters that \(file.format.encoding.rawValue) lacks: set the "
                    + "encoding to utf-8 if the system takes it, or correct the source")
        }
    }
}
