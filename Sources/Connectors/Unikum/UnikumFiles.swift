import ConnectorKit
import SchoolRecords

/// Makes the bytes of Unikum's two files from a batch; the same batch gives the same bytes.
struct UnikumFiles: Sendable {
    let settings: UnikumSettings

    /// - Returns: the files in the order in which they must appear, none for an empty set; and the records that can't be
    ///   written, of which nothing is in them.
    func files(of batch: TargetBatch) -> (files: [DroppedFile], rejected: [RecordKey: ConnectorFailure]) {
        var rejected: [RecordKey: ConnectorFailure] = [:]
        for write in batch.writes {
            for row in write.set + write.removed.filter({ self.settings.relationTypes.contains($0.kind) }) {
                do throws(ConnectorFailure) {
                    _ = try self.line(row, operation: self.settings.add)
                } catch {
                    if rejected[write.record] == nil { rejected[write.record] = error }
                }
            }
        }
        let writes = batch.writes.filter { rejected[$0.record] == nil }
        let rows = ResolvedRows(writes, relationTypes: self.settings.relationTypes)
        let objects = self.bytes(rows.objects.map { ($0, "") }, header: self.objectsHeader(rows.objects.first))
        let relations = self.bytes(
            rows.removed.map { ($0, self.settings.remove) } + rows.added.map { ($0, self.settings.add) },
            header: self.relationsHeader)
        var files: [DroppedFile] = []
        if !objects.isEmpty {
            files.append(DroppedFile(name: self.settings.objectsFile.name(batch: batch.id), bytes: objects))
        }
        if !relations.isEmpty {
            files.append(DroppedFile(name: self.settings.relationsFile.name(batch: batch.id), bytes: relations))
        }
        if let readyFile = self.settings.readyFile, !files.isEmpty {
            files.append(DroppedFile(name: readyFile.name(batch: batch.id), bytes: []))
        }
        return (files, rejected)
    }

    /// Every row was tried before, so none is left out here.
    private func bytes(_ rows: [(row: TargetRow, operation: String)], header: [UInt8]) -> [UInt8] {
        guard !rows.isEmpty else { return [] }
        return rows.reduce(into: header) { bytes, row in
            if let line = try? self.line(row.row, operation: row.operation) { bytes += line }
        }
    }

    // MARK: Rows

    private func line(_ row: TargetRow, operation: String) throws(ConnectorFailure) -> [UInt8] {
        if self.settings.relationTypes.contains(row.kind) { return try self.relation(row, operation) }
        guard let layout = self.settings.layouts[row.kind] else {
            throw ConnectorFailure(
                .rejected, code: .unknownRowKind,
                message: "a row of kind \(row.kind) has no place in the files: name it in objects.rows or relations.types")
        }
        typealias Layout = UnikumSettings.ObjectLayout
        for field in row.fields.keys.sorted()
        where !layout.columns.contains(field) || field.isEmpty || field == Layout.typeColumn {
            throw ConnectorFailure(
                .rejected, code: .unknownField,
                message: "the field \(field) of a \(row.kind) has no column: name it in objects.rows.\(row.kind)")
        }
        for field in layout.required where (row.fields[field] ?? "").isEmpty {
            throw ConnectorFailure(
                .rejected, code: .requiredFieldMissing,
                message: "a \(row.kind) has no \(field), without which Unikum does not take it")
        }
        let columns = layout.columns.map { column in
            switch column {
            case "": ""
            case Layout.typeColumn: layout.rowType
            default: row.fields[column] ?? ""
            }
        }
        return try self.encoded(columns, self.settings.objectsFormat, row.kind) { layout.columns[$0] }
    }

    private func relation(_ row: TargetRow, _ operation: String) throws(ConnectorFailure) -> [UInt8] {
        for end in ["from", "to"] where (row.fields[end] ?? "").isEmpty {
            throw ConnectorFailure(
                .rejected, code: .relationEndMissing,
                message: "a \(row.kind) has no field \(end): the mapping must give both ends of a relation")
        }
        let columns = self.settings.relationColumns.map { column in
            switch column {
            case .operation: operation
            case .relation: row.kind
            case .from: row.fields["from"] ?? ""
            case .to: row.fields["to"] ?? ""
            }
        }
        return try self.encoded(columns, self.settings.relationsFormat, row.kind) {
            self.settings.relationColumns[$0].rawValue
        }
    }

    private func encoded(
        _ columns: [String], _ format: DelimitedFormat, _ kind: String, _ name: (Int) -> String
    ) throws(ConnectorFailure) -> [UInt8] {
        do throws(NotEncodable) {
            return try format.bytes(of: columns)
        } catch {
            throw ConnectorFailure(
                .rejected, code: .notEncodable,
                message: "\(name(error.column)) of a \(kind) has characters that \(format.encoding.rawValue) lacks: set the "
                    + "encoding to utf-8 if Unikum takes it, or correct the source")
        }
    }

    // MARK: Headers

    private func objectsHeader(_ first: TargetRow?) -> [UInt8] {
        guard self.settings.objectsFormat.header, let layout = first.flatMap({ self.settings.layouts[$0.kind] }) else {
            return []
        }
        return (try? self.settings.objectsFormat.bytes(of: layout.columns)) ?? []
    }

    private var relationsHeader: [UInt8] {
        guard self.settings.relationsFormat.header else { return [] }
        return (try? self.settings.relationsFormat.bytes(of: self.settings.relationColumns.map(\.rawValue))) ?? []
    }
}
