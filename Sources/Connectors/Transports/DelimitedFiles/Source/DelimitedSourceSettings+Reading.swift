import SchoolRecords

extension DelimitedSourceSettings {
    /// Reads the settings of files that come from a system.
    ///
    /// ```yaml
    /// connector: delimited_files
    /// direction: source
    /// drop_folder: /srv/tempus/out    # absolute; done/ and rejected/ are made in it
    /// whole_when:                     # one of the two; left out: unchanged_seconds 30
    ///   unchanged_seconds: 30         # 0 where files appear by being renamed
    ///   # ready_suffix: .ready        # placements.csv is whole when placements.csv.ready is there
    /// keep_days: 30                   # how long files that are no longer needed are kept, 1 to 3650
    /// page_limit: 500
    /// files:                          # several that come at a time are taken in the order of their names
    ///   - entity: placement
    ///     name: "placements-*.csv"
    ///     columns: [id, child, unit, from, to, state]   # "" for one that nobody needs, where there is no header
    ///     delimiter: semicolon        # tab, comma, semicolon
    ///     encoding: windows-1252      # utf-8, iso-8859-1, windows-1252
    ///     header: true                # columns are then found by name, in any order, among others
    ///     quotes: true                # whether fields may stand in quotes
    ///     key: [child, unit, from]    # the columns that say which record a row is
    ///     key_form: uuid              # or text, for keys that are nobody's identity number
    ///     content: full               # or delta; or notices: nothing is said of what isn't in the file
    ///     deleted: {column: state, value: B}   # for deltas: the word that says that a record is gone
    ///     dates: {from: yyyyMMdd, to: yyyyMMdd}
    ///     no_dates: [99991231]        # texts in those columns that stand for no date
    ///     group_by: [person]          # full files: rows with the same become one record, with the rows as `rows`
    ///     bad_rows: reject            # the whole file; or skip
    ///     blocks: {first: "01001"}    # text of terms in the place of columns, see ``TermBlocks``
    /// ```
    ///
    /// - Throws: ``SettingsError`` with every problem.
    init(system: String, settings: JSONValue) throws(SettingsError) {
        var reader = SettingsReader(settings)
        self.folder = reader.text("drop_folder")
        if !self.folder.isEmpty, !self.folder.hasPrefix("/") {
            reader.complain("drop_folder", "must be an absolute path; it must not depend on where the hub was started")
        }
        reader.allowOnly(["unchanged_seconds", "ready_suffix"], in: "whole_when")
        self.unchanged = .seconds(reader.seconds("whole_when.unchanged_seconds", in: 0...86_400, default: 30))
        self.readySuffix = reader.value("whole_when.ready_suffix") == nil ? nil : reader.text("whole_when.ready_suffix")
        if self.readySuffix != nil, reader.value("whole_when.unchanged_seconds") != nil {
            reader.complain("whole_when", "must say one of unchanged_seconds and ready_suffix")
        }
        self.keepDays = reader.count("keep_days", in: 1...3650, default: 30)
        self.pageLimit = reader.count("page_limit", in: 1...10_000, default: 500)
        self.files = []
        let elements = reader.value("files")?.arrayValue ?? []
        if elements.isEmpty { reader.complain("files", "must be a list of one file or more, each with entity, name and columns") }
        for (position, element) in elements.enumerated() {
            var part = SettingsReader(element)
            self.files.append(Self.file(&part))
            for problem in part.problems {
                let path = problem.path.isEmpty ? "" : ".\(problem.path)"
                reader.complain("files[\(position)]\(path)", problem.message)
            }
        }
        guard reader.problems.isEmpty else { throw SettingsError(system: system, problems: reader.problems) }
    }

    private static let names = [
        "entity", "name", "columns", "delimiter", "encoding", "header", "quotes", "key", "key_form", "content", "deleted",
        "dates", "no_dates", "group_by", "bad_rows", "blocks",
    ]

    /// What makes no sense for text without columns.
    private static let columnNames = ["columns", "delimiter", "header", "quotes", "group_by", "deleted"]

    static func file(_ reader: inout SettingsReader) -> File {
        for name in (reader.value("")?.objectValue ?? [:]).keys.sorted() where !self.names.contains(name) {
            reader.complain(name, "is no setting; known are \(self.names.joined(separator: ", "))")
        }
        let name = reader.text("name")
        if name.contains("/") || name.hasPrefix(".") { reader.complain("name", "must be a file name, with * for any text") }
        let content = Self.choice(&reader, "content", Content.full)
        var blocks: TermBlocks?
        if reader.value("blocks") != nil {
            blocks = TermBlocks(&reader)
            for name in self.columnNames where reader.value(name) != nil { reader.complain(name, "doesn't go with blocks") }
        }
        var file = File(
            entity: reader.choice("entity", of: Entity.allCases.map { ($0.rawValue, $0) }, default: .person), name: name,
            columns: blocks?.fields ?? reader.texts("columns", allowsEmptyTexts: true),
            delimiter: Self.choice(&reader, "delimiter", DelimitedFormat.Delimiter.semicolon),
            encoding: Self.choice(&reader, "encoding", SourceEncoding.utf8), header: reader.flag("header", default: true),
            quotes: reader.flag("quotes", default: true), key: reader.texts("key"),
            keyForm: Self.choice(&reader, "key_form", KeyForm.uuid), content: content, deletion: Self.deletion(&reader),
            dates: Self.dates(&reader), badRows: Self.choice(&reader, "bad_rows", content == .full ? BadRows.reject : .skip))
        if reader.value("no_dates") != nil { file.noDates = Set(reader.texts("no_dates")) }
        if reader.value("group_by") != nil { file.groupBy = reader.texts("group_by") }
        file.blocks = blocks
        if content == .notices, file.keyForm == .text || file.deletion != nil || !file.groupBy.isEmpty {
            reader.complain("content", "notices go with keys of the form uuid, without deleted and group_by")
        }
        if reader.value("entity") == nil { reader.complain("entity", "is missing") }
        if !file.groupBy.isEmpty, content == .delta || file.deletion != nil || file.keyForm == .text {
            reader.complain("group_by", "goes with full files and keys of the form uuid, without deleted")
        }
        if !file.groupBy.isEmpty, file.columns.contains("rows") {
            reader.complain("columns", "can't have the name rows, which a document of grouped rows has of its own")
        }
        for column in file.groupBy + file.key + file.dates.keys.sorted() + [file.deletion?.column].compactMap({ $0 })
        where !file.columns.contains(column) {
            reader.complain("columns", "lacks \(column), which another setting names")
        }
        let keepsID = file.key == ["id"] && file.keyForm == .text
        if file.columns.contains("meta") || (file.columns.contains("id") && !keepsID) {
            reader.complain(
                "columns", "can't have the names id and meta, which a document has of its own; id only as the text key")
        }
        return file
    }

    private static func choice<Value: RawRepresentable & CaseIterable>(
        _ reader: inout SettingsReader, _ path: String, _ fallback: Value
    ) -> Value where Value.RawValue == String {
        reader.choice(path, of: Value.allCases.map { ($0.rawValue, $0) }, default: fallback)
    }

    private static func deletion(_ reader: inout SettingsReader) -> (column: String, value: String)? {
        guard reader.value("deleted") != nil else { return nil }
        reader.allowOnly(["column", "value"], in: "deleted")
        return (reader.text("deleted.column"), reader.text("deleted.value"))
    }

    private static func dates(_ reader: inout SettingsReader) -> [String: ColumnDate] {
        guard let value = reader.value("dates") else { return [:] }
        guard let members = value.objectValue else {
            reader.complain("dates", "must be columns with their patterns, e.g. from: yyyyMMdd")
            return [:]
        }
        var dates: [String: ColumnDate] = [:]
        for (column, pattern) in members.sorted(by: { $0.key < $1.key }) {
            dates[column] = pattern.stringValue.flatMap(ColumnDate.init)
            if dates[column] == nil {
                reader.complain("dates.\(column)", "must be made of yyyy or yy, MM, dd, and HH, mm, ss for times")
            }
        }
        return dates
    }
}
