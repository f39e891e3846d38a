import ConnectorKit
import Foundation

/// Reads exports of what Unikum holds: rows laid out as in the files for its import. Unikum documents no such export; whoever runs it
/// has to arrange one.
struct UnikumHeldFiles: Sendable {
    private static let pageSize = 500

    let system: String
    let settings: UnikumSettings
    let held: UnikumSettings.HeldFiles
    private let files = LocalFileSystem()

    init(system: String, settings: UnikumSettings, held: UnikumSettings.HeldFiles) {
        self.system = system
        self.settings = settings
        self.held = held
    }

    /// When the older of the two newest files was written.
    func written() async throws -> Date? {
        let stamps = try [self.held.objects, self.held.relations].map { try self.stamp(try self.newest($0)) }
        return stamps.min()
    }

    func read(_ handle: @Sendable ([TargetRow]) async throws -> Void) async throws {
        // Both names first: half of what is held is no answer.
        let (objects, relations) = (try self.newest(self.held.objects), try self.newest(self.held.relations))
        try await self.pages(try self.table(objects, self.settings.objectsFormat), handle) { try self.object($0, in: objects) }
        try await self.pages(try self.table(relations, self.settings.relationsFormat), handle) {
            try self.relation($0, in: relations)
        }
    }

    private func pages(
        _ rows: [DelimitedTable.Row], _ handle: @Sendable ([TargetRow]) async throws -> Void,
        _ row: (DelimitedTable.Row) throws -> TargetRow?
    ) async throws {
        var rest = rows[...]
        while !rest.isEmpty {
            let page = try rest.prefix(Self.pageSize).compactMap(row)
            rest = rest.dropFirst(Self.pageSize)
            if !page.isEmpty { try await handle(page) }
        }
    }

    /// A row of a type that isn't ours is passed over.
    private func object(_ row: DelimitedTable.Row, in name: String) throws(ConnectorFailure) -> TargetRow? {
        typealias Layout = UnikumSettings.ObjectLayout
        for (kind, layout) in self.settings.layouts.sorted(by: { $0.key < $1.key }) {
            guard let place = layout.columns.firstIndex(of: Layout.typeColumn) else { continue }
            guard row.fields.count == layout.columns.count, row.fields[place] == layout.rowType else { continue }
            var fields: [String: String] = [:]
            for (column, value) in zip(layout.columns, row.fields)
            where !value.isEmpty && !column.isEmpty && column != Layout.typeColumn { fields[column] = value }
            guard let key = self.held.keys[kind].flatMap({ fields[$0] }) else {
                throw self.failure(.keyMissing, "a \(kind) has no \(self.held.keys[kind] ?? "key")", name, row.line)
            }
            return TargetRow(kind: kind, key: key, fields: fields)
        }
        let types = Set(self.settings.layouts.values.map(\.rowType))
        guard let last = row.fields.last, !types.contains(last) else {
            throw self.failure(
                .columnsDiffer, "a row has \(row.fields.count) columns: others than objects.rows names for its type", name,
                row.line)
        }
        return nil
    }

    private func relation(_ row: DelimitedTable.Row, in name: String) throws(ConnectorFailure) -> TargetRow? {
        let columns = self.settings.relationColumns.filter { $0 != .operation }
        guard row.fields.count == columns.count else {
            throw self.failure(
                .columnsDiffer,
                "a row has \(row.fields.count) columns instead of \(columns.map(\.rawValue).joined(separator: ", "))",
                name, row.line)
        }
        let values = Dictionary(uniqueKeysWithValues: zip(columns, row.fields))
        guard let kind = values[.relation], self.settings.relationTypes.contains(kind) else { return nil }
        let (from, to) = (values[.from] ?? "", values[.to] ?? "")
        return TargetRow(kind: kind, key: "\(from)|\(to)", fields: ["from": from, "to": to])
    }

    // MARK: Files

    private func newest(_ pattern: String) throws(ConnectorFailure) -> String {
        let names: [String]
        do {
            names = try self.files.names(in: self.held.folder)
        } catch {
            throw ConnectorFailure(
                .misconfigured, code: .dropFolderMissing,
                message: "held.folder can't be read: make \(self.held.folder), and let the hub read it", cause: error)
        }
        let newest = names.filter { FileGlob.matches(pattern, $0) && !$0.hasPrefix(".") }.max()
        guard let newest else {
            throw ConnectorFailure(
                .systemUnavailable, code: .noFileYet, message: "no file \(pattern) has been left in \(self.held.folder) yet")
        }
        return newest
    }

    private func stamp(_ name: String) throws(ConnectorFailure) -> Date {
        do {
            if let stamp = try self.files.stamp("\(self.held.folder)/\(name)") { return stamp.modified }
        } catch {
            throw self.failure(.takenFileUnreadable, "it can't be read", name, nil, cause: error)
        }
        throw self.failure(.takenFileUnreadable, "it is gone", name, nil)
    }

    private func table(_ name: String, _ format: DelimitedFormat) throws(ConnectorFailure) -> [DelimitedTable.Row] {
        let bytes: [UInt8]
        do {
            bytes = try self.files.read("\(self.held.folder)/\(name)")
        } catch {
            throw self.failure(.takenFileUnreadable, "it can't be read", name, nil, cause: error)
        }
        do throws(FileProblem) {
            let encoding = SourceEncoding(rawValue: format.encoding.rawValue) ?? .utf8
            let table = try DelimitedTable(try encoding.text(bytes), delimiter: format.delimiter.character, quotes: false)
            guard table.isEnded else { throw FileProblem(.cutOff, "its last row has no end: it is cut off") }
            return format.header ? Array(table.rows.dropFirst()) : table.rows
        } catch {
            throw self.failure(error.code, error.message, name, error.line)
        }
    }

    /// Says where, and nothing that stands in a row.
    private func failure(
        _ code: ConnectorFailure.Code, _ text: String, _ name: String, _ line: Int?, cause: (any Error)? = nil
    ) -> ConnectorFailure {
        let place = line.map { ":\($0)" } ?? ""
        return ConnectorFailure(
            .malformedReply, code: code, message: "\(self.held.folder)/\(name)\(place): \(text)", cause: cause)
    }
}
