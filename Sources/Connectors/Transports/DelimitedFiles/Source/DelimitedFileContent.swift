import ConnectorKit
import Foundation
import SchoolRecords

/// What a whole file says, row by row.
struct DelimitedFileContent: Sendable {
    struct Row: Sendable, Hashable {
        let id: String
        let fields: [String: String]
        let isDeletion: Bool
        /// The rows that it is made of, where rows are grouped, or the groups of its block.
        var parts: [[String: String]] = []
        /// Whom or what a notice is about, by its key: a later one takes its place.
        var subject: String?
    }

    /// By id; of several rows with one id the last counts.
    private(set) var rows: [String: Row] = [:]
    /// Ids in the order of the file.
    private(set) var order: [String] = []
    var broken: [FileProblem] = []
    /// Rows whose id was there before in the file.
    private(set) var duplicates = 0
    /// How many columns of the header, or terms, nobody asked for.
    var unknownColumns = 0

    /// - Parameter origin: what tells this file from all others: notices are named by it, since what they are about mustn't be guessed from
    ///   their names.
    /// - Throws: ``FileProblem`` when nothing of the file can be taken.
    init(_ bytes: [UInt8], _ file: DelimitedSourceSettings.File, system: String, origin: String) throws(FileProblem) {
        let text = try file.encoding.text(bytes)
        if let blocks = file.blocks {
            try self.take(blocks: blocks, of: text, file, system, origin: origin)
            guard file.badRows == .skip || self.broken.isEmpty else { throw self.broken[0] }
            return
        }
        let table = try DelimitedTable(text, delimiter: file.delimiter.character, quotes: file.quotes)
        var rows = table.rows[...]
        var names = file.columns
        if file.header {
            guard let header = rows.popFirst() else {
                throw FileProblem(.headerMissing, "the file is empty; even one without rows has a header")
            }
            names = header.fields.map { $0.trimmed }
            try self.check(names, file)
        }
        var groups = RowGroups(file)
        for (place, row) in rows.enumerated() {
            do throws(FileProblem) {
                guard row.fields.count == names.count else {
                    throw FileProblem(
                        .columnsDiffer, "the row has \(row.fields.count) columns instead of \(names.count)", line: row.line)
                }
                let notice = file.content == .notices ? "\(origin)|\(place)" : nil
                let read = try Self.row(row, names, file, system, notice: notice)
                if file.groupBy.isEmpty { self.take(read) } else { groups.add(read) }
            } catch {
                self.broken.append(error)
            }
        }
        for row in groups.rows { self.take(row) }
        self.duplicates += groups.duplicates
        guard table.isEnded || rows.isEmpty else {
            throw FileProblem(
                .cutOff, "the last row has no line end: the file is cut off. Have it written anew, as a whole",
                line: rows.last?.line)
        }
        guard file.badRows == .skip || self.broken.isEmpty else { throw self.broken[0] }
    }

    private mutating func check(_ names: [String], _ file: DelimitedSourceSettings.File) throws(FileProblem) {
        let missing = file.columns.filter { !$0.isEmpty && !names.contains($0) }
        guard missing.isEmpty else {
            throw FileProblem(
                .columnMissing,
                "the header lacks \(missing.joined(separator: ", ")): the file is of another kind, or the "
                    + "delimiter or columns are set wrongly", line: 1)
        }
        guard Set(names).count == names.count else {
            throw FileProblem(.columnTwice, "the header names a column twice", line: 1)
        }
        self.unknownColumns = names.count { !file.columns.contains($0) }
    }

    mutating func take(_ row: Row) {
        if self.rows.updateValue(row, forKey: row.id) == nil { self.order.append(row.id) } else { self.duplicates += 1 }
    }

    /// - Parameter notice: what names it, where it is a notice and not a record.
    static func row(
        _ row: DelimitedTable.Row, _ names: [String], _ file: DelimitedSourceSettings.File, _ system: String,
        notice: String? = nil
    ) throws(FileProblem) -> Row {
        var fields: [String: String] = [:]
        for (name, text) in zip(names, row.fields) where !name.isEmpty && file.columns.contains(name) {
            let text = text.trimmed
            guard !text.isEmpty else { continue }
            if let date = file.dates[name] {
                guard !file.noDates.contains(text) else { continue }
                guard let standard = date.standard(text) else {
                    throw FileProblem(.noDate, "\(name) is no date like \(date.pattern)", line: row.line)
                }
                fields[name] = standard
            } else {
                fields[name] = text
            }
        }
        let parts = file.key.map { fields[$0] ?? "" }
        guard let first = zip(file.key, parts).first(where: { $0.1.isEmpty }) else {
            let id =
                if let notice { RowID.uuid(system: system, entity: file.entity, parts: [notice]) } else {
                    file.keyForm == .uuid
                        ? RowID.uuid(system: system, entity: file.entity, parts: parts)
                        : RecordKey.normalID(parts.joined(separator: "|"))
                }
            guard ElementReading.usable(.string(id)) != nil else {
                throw FileProblem(.keyUnusable, "the key must be 1 to 200 visible characters", line: row.line)
            }
            let isDeletion = file.deletion.map { fields[$0.column] == $0.value } ?? false
            return Row(
                id: id, fields: fields, isDeletion: isDeletion, subject: notice == nil ? nil : parts.joined(separator: "|"))
        }
        throw FileProblem(.keyMissing, "\(first.0), which is in the key, is empty", line: row.line)
    }
}

extension String {
    /// Without white space at its ends.
    fileprivate var trimmed: String { self.trimmingCharacters(in: .whitespacesAndNewlines) }
}
