import SchoolRecords

extension UnikumSettings {
    /// Reads the settings of Unikum's import files.
    ///
    /// ```yaml
    /// connector: delimited_files
    /// drop_folder: /srv/unikum/in      # must be there; an absolute path
    /// batch_size: 500                  # records in one batch, 1 to 100000
    /// max_waiting_batches: 100         # batches that may wait to be collected
    /// objects:
    ///   file_name: "knutpunkt-{batch}-1-objects.txt"
    ///   delimiter: tab                 # tab, comma or semicolon
    ///   encoding: utf-8                # utf-8 or iso-8859-1
    ///   line_ending: lf                # lf or crlf
    ///   header: false                  # whether the first line names the columns
    ///   rows:                          # fields in the order of the columns; "" for a column that stays empty,
    ///     class: [externalId, name, schoolForm, ageFrom, ageTo, description, <type>]   # <type>: the last if left out
    ///   types: {class: class}          # what stands in the row type's column; left out: the kind's own name
    ///   required: {class: [externalId, name]}   # a row without one of these is refused
    /// relations:
    ///   file_name: "knutpunkt-{batch}-2-relations.txt"   # delimiter, encoding, line_ending, header as above
    ///   columns: [operation, relation, from, to]
    ///   add: add
    ///   remove: remove
    ///   types: [student_in_class, mentor_for]
    /// ready_file: {file_name: "knutpunkt-{batch}-3-ready"}   # optional: an empty file after the others
    /// held:                            # optional: exports of what Unikum holds, laid out as the files for its import
    ///   enabled: true                  # left out: true
    ///   folder: /srv/unikum/held
    ///   objects: "objekt-*.txt"        # the last in the order of names counts
    ///   relations: "relationer-*.txt"  # without the column of operations
    ///   keys: {person: personnummer, class: externt_id, school: externt_id}
    /// ```
    ///
    /// - Throws: ``SettingsError`` with every problem.
    init(system: String, settings: JSONValue) throws(SettingsError) {
        var reader = SettingsReader(settings)
        let format = ["file_name", "delimiter", "encoding", "line_ending", "header"]
        reader.allowOnly(format + ["rows", "types", "required"], in: "objects")
        reader.allowOnly(format + ["columns", "add", "remove", "types"], in: "relations")
        self.dropFolder = reader.text("drop_folder")
        if !self.dropFolder.isEmpty, !self.dropFolder.hasPrefix("/") {
            reader.complain("drop_folder", "must be an absolute path; it must not depend on where the hub was started")
        }
        self.batchSize = reader.count("batch_size", in: 1...100_000, default: 500)
        self.mostWaitingBatches = reader.count("max_waiting_batches", in: 1...1_000_000, default: 100)
        let objects = Self.pattern(&reader, "objects.file_name", default: "knutpunkt-{batch}-1-objects.txt")
        let relations = Self.pattern(&reader, "relations.file_name", default: "knutpunkt-{batch}-2-relations.txt")
        self.objectsFile = objects
        self.relationsFile = relations
        self.readyFile = nil
        if reader.value("ready_file") != nil {
            reader.allowOnly(["file_name"], in: "ready_file")
            let ready = Self.pattern(&reader, "ready_file.file_name", default: nil)
            self.readyFile = ready
            Self.check(&reader, "ready_file.file_name", ready, after: "relations.file_name", relations)
        }
        Self.check(&reader, "relations.file_name", relations, after: "objects.file_name", objects)
        self.objectsFormat = Self.format(&reader, "objects")
        self.relationsFormat = Self.format(&reader, "relations")
        self.layouts = Self.layouts(&reader)
        self.relationColumns = Self.columns(&reader)
        self.add = reader.text("relations.add", default: "add")
        self.remove = reader.text("relations.remove", default: "remove")
        if self.add == self.remove { reader.complain("relations.remove", "must be another word than relations.add") }
        self.relationTypes = Set(reader.texts("relations.types"))
        for name in self.relationTypes.intersection(self.layouts.keys).sorted() {
            reader.complain("relations.types", "names \(name), which is a kind of objects.rows too")
        }
        self.held = Self.heldFiles(&reader, kinds: Set(self.layouts.keys))
        for (kind, key) in self.held?.keys.sorted(by: { $0.key < $1.key }) ?? []
        where self.layouts[kind]?.columns.contains(key) != true {
            reader.complain("held.keys.\(kind)", "names \(key), which objects.rows.\(kind) does not")
        }
        guard reader.problems.isEmpty else { throw SettingsError(system: system, problems: reader.problems) }
    }

    private static func heldFiles(_ reader: inout SettingsReader, kinds: Set<String>) -> HeldFiles? {
        guard reader.value("held") != nil else { return nil }
        reader.allowOnly(["enabled", "folder", "objects", "relations", "keys"], in: "held")
        reader.allowOnly(kinds.sorted(), in: "held.keys")
        let files = HeldFiles(
            folder: reader.text("held.folder"), objects: reader.text("held.objects"), relations: reader.text("held.relations"),
            keys: Dictionary(uniqueKeysWithValues: kinds.map { ($0, reader.text("held.keys.\($0)")) }))
        if !files.folder.isEmpty, !files.folder.hasPrefix("/") {
            reader.complain("held.folder", "must be an absolute path; it must not depend on where the hub was started")
        }
        return reader.flag("held.enabled", default: true) ? files : nil
    }

    private static func check(
        _ reader: inout SettingsReader, _ path: String, _ file: FileNamePattern, after earlierPath: String,
        _ earlier: FileNamePattern
    ) {
        guard file.prefix == earlier.prefix, earlier.suffix.utf8.lexicographicallyPrecedes(file.suffix.utf8) else {
            return reader.complain(
                path,
                "must begin as \(earlierPath) does up to {batch} and come after it in the order of names: that is the order in "
                    + "which files are collected")
        }
    }

    private static func pattern(_ reader: inout SettingsReader, _ path: String, default fallback: String?) -> FileNamePattern {
        if let pattern = FileNamePattern(reader.text(path, default: fallback)) { return pattern }
        reader.complain(path, "must be a file name with {batch} in it once, without slashes and without a dot in front")
        return FileNamePattern(prefix: "", suffix: "")
    }

    private static func format(_ reader: inout SettingsReader, _ path: String) -> DelimitedFormat {
        typealias Format = DelimitedFormat
        return DelimitedFormat(
            delimiter: reader.choice(
                "\(path).delimiter", of: Format.Delimiter.allCases.map { ($0.rawValue, $0) }, default: .tab),
            encoding: reader.choice(
                "\(path).encoding", of: Format.Encoding.allCases.map { ($0.rawValue, $0) }, default: .utf8),
            lineEnding: reader.choice(
                "\(path).line_ending", of: Format.LineEnding.allCases.map { ($0.rawValue, $0) }, default: .lf),
            header: reader.flag("\(path).header", default: false))
    }

    private static func layouts(_ reader: inout SettingsReader) -> [String: ObjectLayout] {
        let kinds = reader.value("objects.rows")?.objectValue?.keys.sorted() ?? []
        guard !kinds.isEmpty else {
            reader.complain("objects.rows", "must name the fields of one kind of row or more, e.g. class: [externalId, name]")
            return [:]
        }
        reader.allowOnly(kinds, in: "objects.types")
        reader.allowOnly(kinds, in: "objects.required")
        var layouts: [String: ObjectLayout] = [:]
        for kind in kinds {
            var columns = reader.texts("objects.rows.\(kind)", allowsEmptyTexts: true)
            if !columns.contains(ObjectLayout.typeColumn) { columns.append(ObjectLayout.typeColumn) }
            var known: Set<String> = []
            for column in columns where !column.isEmpty && !known.insert(column).inserted {
                reader.complain("objects.rows.\(kind)", "names \(column) twice")
            }
            let required = reader.value("objects.required.\(kind)") == nil ? [] : reader.texts("objects.required.\(kind)")
            for field in required where !columns.contains(field) || field == ObjectLayout.typeColumn {
                reader.complain("objects.required.\(kind)", "names \(field), which objects.rows.\(kind) does not")
            }
            layouts[kind] = ObjectLayout(
                columns: columns, rowType: reader.text("objects.types.\(kind)", default: kind), required: required)
        }
        let types = Dictionary(grouping: layouts.keys.sorted(), by: { layouts[$0]?.rowType ?? "" })
        for (type, kinds) in types.sorted(by: { $0.key < $1.key }) where kinds.count > 1 {
            reader.complain("objects.types", "gives \(kinds.joined(separator: " and ")) the same row type \(type)")
        }
        return layouts
    }

    private static func columns(_ reader: inout SettingsReader) -> [RelationColumn] {
        let all = RelationColumn.allCases
        guard reader.value("relations.columns") != nil else { return all }
        let columns = reader.texts("relations.columns").compactMap(RelationColumn.init(rawValue:))
        guard columns.count == all.count, Set(columns) == Set(all) else {
            reader.complain(
                "relations.columns", "must be \(all.map(\.rawValue).joined(separator: ", ")), each once, in any order")
            return all
        }
        return columns
    }
}
