public import ConnectorKit
public import Foundation
public import SchoolRecords

/// Delimited text that somebody hands in for a source, taken apart as the source's settings say.
public struct HandedInText: Sendable {
    /// What a row says.
    public enum Content: Sendable {
        case record(SourceRecord)
        /// That a record is gone.
        case deletion(RecordKey)
        case unusable(Problem)
    }

    /// A row, with the line on which it begins, from 1.
    public struct Row: Sendable {
        public let line: Int
        public let content: Content
    }

    /// Why a row, or all of it, can't be used. Holds no value.
    public struct Problem: Error, Sendable, Hashable {
        /// A stable word, e.g. `column-missing`.
        public let code: String
        public let column: String?
        public let message: Bilingual
    }

    public let rows: [Row]

    /// - Returns: `nil` when the settings describe no such text.
    /// - Throws: ``Problem`` when nothing of it can be used; ``SettingsError`` when the settings can't.
    public init?(_ data: Data, of entity: Entity, system: String, settings: JSONValue) throws {
        // What belongs together can be told from a whole file alone.
        guard let file = try Self.file(of: entity, system: system, settings: settings), file.groupBy.isEmpty, file.blocks == nil
        else {
            return nil
        }
        do throws(FileProblem) {
            self.rows = try Self.rows(Array(data), file, system)
        } catch {
            throw Problem(error, column: nil)
        }
    }

    private static func file(
        of entity: Entity, system: String, settings: JSONValue
    ) throws -> DelimitedSourceSettings.File? {
        switch settings["connector"]?.stringValue {
        case "handed_in":
            try DelimitedSourceSettings.handedIn(system: system, settings: settings).first { $0.entity == entity }
        case "delimited_files":
            try DelimitedSourceSettings(system: system, settings: settings).files.first { $0.entity == entity }
        default: nil
        }
    }

    private static func rows(
        _ bytes: [UInt8], _ file: DelimitedSourceSettings.File, _ system: String
    ) throws(FileProblem) -> [Row] {
        let table = try DelimitedTable(try file.encoding.text(bytes), delimiter: file.delimiter.character, quotes: file.quotes)
        var rest = table.rows[...]
        var names = file.columns
        if file.header {
            guard let header = rest.popFirst() else {
                throw FileProblem(.headerMissing, "the file is empty; even one without rows has a header")
            }
            names = header.fields.map { $0.trimmingCharacters(in: .whitespacesAndNewlines) }
            let missing = file.columns.filter { !$0.isEmpty && !names.contains($0) }
            guard missing.isEmpty else {
                throw FileProblem(.columnMissing, missing.joined(separator: ", "), line: header.line)
            }
            guard Set(names).count == names.count else {
                throw FileProblem(.columnTwice, "the header names a column twice", line: header.line)
            }
        }
        return rest.map { row in Row(line: row.line, content: Self.content(row, names, file, system)) }
    }

    private static func content(
        _ row: DelimitedTable.Row, _ names: [String], _ file: DelimitedSourceSettings.File, _ system: String
    ) -> Content {
        do throws(FileProblem) {
            guard row.fields.count == names.count else {
                throw FileProblem(.columnsDiffer, "the row has \(row.fields.count) columns instead of \(names.count)")
            }
            let read = try DelimitedFileContent.row(row, names, file, system)
            let key = RecordKey(file.entity, read.id)
            guard !read.isDeletion else { return .deletion(key) }
            var document = read.fields.mapValues { JSONValue.string($0) }
            document["id"] = .string(read.id)
            return .record(SourceRecord(key: key, document: .object(document)))
        } catch {
            return .unusable(Problem(error, column: Self.column(of: error, row, names, file)))
        }
    }

    /// The column that a row's problem is about.
    private static func column(
        of problem: FileProblem, _ row: DelimitedTable.Row, _ names: [String], _ file: DelimitedSourceSettings.File
    ) -> String? {
        let values = Dictionary(
            zip(names, row.fields.map { $0.trimmingCharacters(in: .whitespacesAndNewlines) })
        ) { first, _ in first }
        switch problem.code {
        case .keyMissing: return file.key.first { (values[$0] ?? "").isEmpty }
        case .keyUnusable: return file.key.first
        case .noDate:
            return names.first { name in
                guard let date = file.dates[name], let text = values[name], !text.isEmpty else { return false }
                return date.standard(text) == nil
            }
        default: return nil
        }
    }
}

extension HandedInText.Problem {
    init(_ problem: FileProblem, column: String?) {
        let place = column.map { "\($0): " } ?? ""
        self.code = problem.code.rawValue
        self.column = column
        let texts: (sv: String, en: String) =
            switch problem.code {
            case .columnMissing: ("rubriken saknar \(problem.message)", "the header lacks \(problem.message)")
            case .columnTwice: ("rubriken har en kolumn två gånger", problem.message)
            case .headerMissing: ("filen är tom; även en utan rader har en rubrik", problem.message)
            case .columnsDiffer: ("raden har inte lika många kolumner som rubriken", problem.message)
            case .keyMissing: ("värdet saknas, och raden känns igen på det", "it is empty, and the row is known by it")
            case .keyUnusable: ("nyckeln ska vara 1 till 200 synliga tecken", problem.message)
            case .noDate: ("det är inget datum av den form som källan har", "it is no date of the form that the source has")
            case .quoteWithoutEnd: ("ett fält inom citattecken har inget slut", problem.message)
            case .wrongEncoding: ("texten har en annan teckenkodning än källans inställning", problem.message)
            default: ("raden går inte att läsa (\(problem.code.rawValue))", problem.message)
            }
        self.message = Bilingual(sv: place + texts.sv, en: place + texts.en)
    }
}

extension DelimitedSourceSettings {
    /// What text looks like that is handed in for a source.
    ///
    /// - Throws: ``SettingsError`` with every problem.
    static func handedIn(system: String, settings: JSONValue) throws(SettingsError) -> [File] {
        var reader = SettingsReader(settings)
        var files: [File] = []
        if let elements = reader.value("files") {
            if elements.arrayValue == nil { reader.complain("files", "must be a list, each with entity, columns and key") }
            for (position, element) in (elements.arrayValue ?? []).enumerated() {
                var named = element.objectValue ?? JSONObject()
                for name in ["name", "content", "bad_rows"] where named[name] != nil {
                    reader.complain("files[\(position)].\(name)", "is no setting of what is handed in")
                }
                named["name"] = "handed-in"
                named["content"] = nil
                named["bad_rows"] = nil
                var part = SettingsReader(.object(named))
                files.append(Self.file(&part))
                for problem in part.problems {
                    let path = problem.path.isEmpty ? "" : ".\(problem.path)"
                    reader.complain("files[\(position)]\(path)", problem.message)
                }
            }
            if Set(files.map(\.entity)).count < files.count { reader.complain("files", "has an entity twice") }
        }
        guard reader.problems.isEmpty else { throw SettingsError(system: system, problems: reader.problems) }
        return files
    }
}
