import SchoolRecords

extension FullFilesSettings {
    /// Reads the settings of files that hold everything.
    ///
    /// ```yaml
    /// connector: full_files
    /// drop_folder: /srv/skola24/in          # must be there; an absolute path
    /// state_folder: /var/lib/knutpunkt/skola24   # must be there: what was given so far. Personal data
    /// batch_size: 500
    /// files:
    ///   - kind: child                       # the rows' kind in the mapping
    ///     file_name: "barn-{group}.csv"     # {group}: one file for each value of group_by
    ///     group_by: skola
    ///     columns: [skola, avdelning, personnummer, fornamn, efternamn, sekretess]
    ///     required: [skola, personnummer]
    ///     delimiter: semicolon              # tab, comma, semicolon
    ///     encoding: iso-8859-1              # utf-8, iso-8859-1
    ///     line_ending: crlf                 # lf, crlf
    ///     header: false
    /// ```
    ///
    /// - Throws: ``SettingsError`` with every problem.
    init(system: String, settings: JSONValue) throws(SettingsError) {
        var reader = SettingsReader(settings)
        self.dropFolder = reader.text("drop_folder")
        self.stateFolder = reader.text("state_folder")
        for (path, folder) in [("drop_folder", self.dropFolder), ("state_folder", self.stateFolder)]
        where !folder.isEmpty && !folder.hasPrefix("/") {
            reader.complain(path, "must be an absolute path; it must not depend on where the hub was started")
        }
        if !self.stateFolder.isEmpty, (self.stateFolder + "/").hasPrefix(self.dropFolder + "/") {
            reader.complain("state_folder", "must lie outside of drop_folder, from which files are collected")
        }
        self.batchSize = reader.count("batch_size", in: 1...100_000, default: 500)
        self.files = []
        let elements = reader.value("files")?.arrayValue ?? []
        if elements.isEmpty {
            reader.complain("files", "must be a list of one file or more, each with kind, file_name and columns")
        }
        for (position, element) in elements.enumerated() {
            var part = SettingsReader(element)
            let file = Self.file(&part)
            for problem in part.problems {
                let path = problem.path.isEmpty ? "" : ".\(problem.path)"
                reader.complain("files[\(position)]\(path)", problem.message)
            }
            if self.files.contains(where: { $0.kind == file.kind || $0.name == file.name }) {
                reader.complain("files[\(position)]", "has a kind or file_name that is there before")
            }
            self.files.append(file)
        }
        guard reader.problems.isEmpty else { throw SettingsError(system: system, problems: reader.problems) }
    }

    private static let names = [
        "kind", "file_name", "group_by", "columns", "required", "delimiter", "encoding", "line_ending", "header",
    ]

    private static func file(_ reader: inout SettingsReader) -> File {
        for name in (reader.value("")?.objectValue ?? [:]).keys.sorted() where !self.names.contains(name) {
            reader.complain(name, "is no setting; known are \(self.names.joined(separator: ", "))")
        }
        let name = reader.text("file_name")
        if name.contains("/") || name.hasPrefix(".") { reader.complain("file_name", "must be a file name") }
        let groupBy = reader.value("group_by") == nil ? nil : reader.text("group_by")
        if (groupBy != nil) != name.contains(File.placeholder) {
            reader.complain("file_name", "must have {group} in it when group_by is set, and only then")
        }
        let columns = reader.texts("columns", allowsEmptyTexts: true)
        var required = reader.value("required") == nil ? [] : reader.texts("required")
        if let groupBy, !required.contains(groupBy) { required.append(groupBy) }
        for field in required where !columns.contains(field) && field != groupBy { reader.complain("columns", "lacks \(field)") }
        let format = DelimitedFormat(
            delimiter: reader.choice(
                "delimiter", of: DelimitedFormat.Delimiter.allCases.map { ($0.rawValue, $0) }, default: .semicolon),
            encoding: reader.choice("encoding", of: DelimitedFormat.Encoding.allCases.map { ($0.rawValue, $0) }, default: .utf8),
            lineEnding: reader.choice(
                "line_ending", of: DelimitedFormat.LineEnding.allCases.map { ($0.rawValue, $0) }, default: .crlf),
            header: reader.flag("header", default: false))
        return File(
            kind: reader.text("kind"), name: name, groupBy: groupBy, columns: columns, required: required, format: format)
    }
}
