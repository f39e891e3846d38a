import SchoolRecords

/// How sets for School Data Sync are made and carried.
///
/// ```yaml
/// connector: sds_files
/// drop_folder: /srv/teams/sets           # must be there; an absolute path
/// state_folder: /var/lib/knutpunkt/teams # must be there: what was given so far. Personal data
/// format: v2.1                           # v2.1, v1
/// most_left_out_percent: 10              # of a file; more, and the set before stays
/// keep_sets: 3
/// upload:                                # none: somebody else collects
///   command: [/usr/local/bin/upload-sds]  # gets the set's folder as its last argument
///   every_hours: 12
///   timeout_seconds: 900
/// ```
struct SDSSettings: Sendable {
    enum Format: String, CaseIterable, Sendable {
        case v2 = "v2.1"
        case v1
    }

    struct Upload: Sendable {
        /// The program and what it is called with; the set's folder comes last.
        let command: [String]
        let everyHours: Int
        let timeout: Duration
    }

    let dropFolder: String
    let stateFolder: String
    let batchSize: Int
    let format: Format
    let grades: Set<String>
    let mostLeftOutPercent: Int
    let keptSets: Int
    let upload: Upload?

    /// Microsoft lets six runs a day be begun.
    private static let leastHours = 4

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
            reader.complain("state_folder", "must lie outside of drop_folder, from which sets are collected")
        }
        self.batchSize = reader.count("batch_size", in: 1...100_000, default: 5_000)
        self.format = reader.choice("format", of: Format.allCases.map { ($0.rawValue, $0) }, default: .v2)
        self.grades = reader.value("grades") == nil ? SDSValues.grades : Set(reader.texts("grades"))
        self.mostLeftOutPercent = reader.count("most_left_out_percent", in: 0...100, default: 10)
        self.keptSets = reader.count("keep_sets", in: 1...50, default: 3)
        if let upload = reader.value("upload"), !upload.isNull {
            reader.allowOnly(["command", "every_hours", "timeout_seconds"], in: "upload")
            let command = reader.texts("upload.command")
            if let program = command.first, !program.hasPrefix("/") {
                reader.complain("upload.command", "must begin with the absolute path of a program")
            }
            self.upload = Upload(
                command: command, everyHours: reader.count("upload.every_hours", in: Self.leastHours...168, default: 12),
                timeout: .seconds(reader.seconds("upload.timeout_seconds", in: 1...7200, default: 900)))
        } else {
            self.upload = nil
        }
        guard reader.problems.isEmpty else { throw SettingsError(system: system, problems: reader.problems) }
    }
}
