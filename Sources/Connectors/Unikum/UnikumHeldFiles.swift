import ConnectorKit
import Foundation

/// Reads exports of what Unikum holds: rows laid out as in the files for its import. Unikum documents no such export; whoever runs it
/// has to arrange one.
struct UnikumHeldFiles: Sendable {
    private static let pageSize = 500
    /// Bytes that are read at once.
    private static let chunk = 64 << 10

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
        try await self.read(objects, self.settings.objectsFormat, handle) { try self.object($0, in: objects) }
        try await self.read(relations, self.settings.relationsFormat, handle) { try self.relation($0, in: relations) }
    }

    /// Reads a file some rows at a time: one of a large municipality needn't be in memory as a whole.
    private func read(
        _ name: String, _ format: DelimitedFormat, _ handle: @Sendable ([TargetRow]) async throws -> Void,
        _ row: (DelimitedTable.Row) throws -> TargetRow?
    ) async throws {
        guard let file = FileHandle(forReadingAtPath: "\(self.held.folder)/\(name)") else {
            throw self.failure(.takenFileUnreadable, "it can't be read", name, nil)
        }
        defer { try? file.close() }
        var (rest, line): ([UInt8], Int) = ([], 0)
        var page: [TargetRow] = []
        while true {
            let bytes: Data?
            do { bytes = try file.read(upToCount: Self.chunk) } catch {
                throw self.failure(.takenFileUnreadable, "it can't be read", name, nil, cause: error)
            }
            guard let bytes, !bytes.isEmpty else { break }
            rest += bytes
            var start = rest.startIndex
            while let end = rest[start...].firstIndex(of: UInt8(ascii: "\n")) {
                line += 1
                if let parsed = try self.parsed(rest[start..<end], line, format, name), let held = try row(parsed) {
                    page.append(held)
                }
                start = end + 1
            }
            rest.removeSubrange(..<start)
            if page.count >= Self.pageSize {
                try await handle(page)
                page.removeAll(keepingCapacity: true)
            }
        }
        guard rest.isEmpty else { throw self.failure(.cutOff, "its last row has no end: it is cut off", name, line + 1) }
        if !page.isEmpty { try await handle(page) }
    }

    /// - Returns: `nil` for the header, and an empty line.
    private func parsed(
        _ bytes: ArraySlice<UInt8>, _ line: Int, _ format: DelimitedFormat, _ name: String
    ) throws(ConnectorFailure) -> DelimitedTable.Row? {
        do throws(FileProblem) {
            let encoding = SourceEncoding(rawValue: format.encoding.rawValue) ?? .utf8
            let table = try DelimitedTable(try encoding.text(Array(bytes)), delimiter: format.delimiter.character, quotes: false)
            guard let row = table.rows.first, !(format.header && line == 1) else { return nil }
            return DelimitedTable.Row(line: line, fields: row.fields)
        } catch {
            throw self.failure(error.code, error.message, name, line)
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

    /// Says where, and nothing that stands in a row.
    private func failure(
        _ code: ConnectorFailure.Code, _ text: String, _ name: String, _ line: Int?, cause: (any Error)? = nil
    ) -> ConnectorFailure {
        let place = line.map { ":\($0)" } ?? ""
        return ConnectorFailure(
            .malformedReply, code: code, message: "\(self.held.folder)/\(name)\(place): \(text)", cause: cause)
    }
}
