import ConnectorKit
import ConnectorTesting
import Connectors
import Foundation
import Mapping
import SchoolRecords
import Testing

/// A folder from which a system takes files of everything, with the files that the project ships for it: rows are made of their columns.
struct ShippedFilesHarness: TargetHarness {
    /// The systems that are given files by a description alone.
    static let systems = ["admissions", "csn", "digiexam", "kaa", "skola24files", "skolon"]

    let system: String
    let path: String
    let files = FaultyFileSystem()
    private let settings: JSONValue

    static func with(_ system: String, _ body: (ShippedFilesHarness) async throws -> Void) async throws {
        let root = FileManager.default.temporaryDirectory.appendingPathComponent("\(system)-\(UUID().uuidString)").path
        defer { try? FileManager.default.removeItem(atPath: root) }
        for folder in ["drop", "state"] {
            try FileManager.default.createDirectory(atPath: "\(root)/\(folder)", withIntermediateDirectories: true)
        }
        var settings = try #require(ShippedSystem.mappings?.inactive[system]?.side(.target)?.settings)
        settings["drop_folder"] = .string(root + "/drop")
        settings["state_folder"] = .string(root + "/state")
        try await body(ShippedFilesHarness(system: system, path: root, settings: settings))
    }

    private init(system: String, path: String, settings: JSONValue) {
        self.system = system
        self.path = path
        self.settings = settings
    }

    static let shown: Set<TargetFault> = [.away, .full, .breaksOff]
    var faults: Set<TargetFault> { Self.shown }

    func connector() async throws -> any TargetConnector {
        try FullFilesConnector.make(
            system: self.system, settings: self.settings, files: self.files, logger: ServerUnderTest.silent)
    }

    // MARK: Rows

    private struct File {
        let kind: String
        let name: String
        let columns: [String]
        let required: [String]
        let group: String?
        let separator: String
        let encoding: String.Encoding
        let hasHeader: Bool

        init(_ settings: JSONValue) {
            self.kind = settings["kind"]?.stringValue ?? ""
            self.name = settings["file_name"]?.stringValue ?? ""
            self.columns = (settings["columns"]?.arrayValue ?? []).compactMap(\.stringValue)
            self.required = (settings["required"]?.arrayValue ?? []).compactMap(\.stringValue)
            self.group = settings["group_by"]?.stringValue
            self.separator = ["tab": "\t", "comma": ","][settings["delimiter"]?.stringValue ?? ""] ?? ";"
            self.encoding = settings["encoding"]?.stringValue == "iso-8859-1" ? .isoLatin1 : .utf8
            self.hasHeader = settings["header"] == true
        }

        /// The column that has a row's key here: the first that must have a value and doesn't divide rows between files.
        var keyColumn: String { self.required.first { $0 != self.group } ?? self.columns.first { $0 != self.group } ?? "" }

        func row(_ number: Int, _ version: Int) -> TargetRow {
            var fields: [String: String] = [:]
            for column in self.columns { fields[column] = "\(column) å\(number) \(version)" }
            let key = "\(self.kind)-\(number)"
            fields[self.keyColumn] = key
            if let group = self.group { fields[group] = "Åsens skola \((number + version) % 3)" }
            return TargetRow(kind: self.kind, key: key, fields: fields)
        }
    }

    private var described: [File] { (self.settings["files"]?.arrayValue ?? []).map(File.init) }

    func object(_ number: Int, version: Int) -> TargetRow { self.described[0].row(number, version) }

    /// Of the second kind; where there is one alone, another row of it.
    func relation(_ number: Int) -> TargetRow {
        let files = self.described
        return files.count > 1 ? files[1].row(number, 1) : files[0].row(1000 + number, 1)
    }

    var unwritable: TargetRow? {
        let row = self.described[0].row(9, 1)
        return TargetRow(kind: row.kind, key: row.key, fields: row.fields.filter { $0.key != self.described[0].keyColumn })
    }

    func needlessWrites() async throws -> Int? { nil }

    func held() async throws -> Set<TargetRow> {
        var rows: Set<TargetRow> = []
        for name in try FileManager.default.contentsOfDirectory(atPath: self.path + "/drop").sorted() {
            let data = try Data(contentsOf: URL(fileURLWithPath: "\(self.path)/drop/\(name)"))
            let file = try #require(
                self.described.first { file in
                    let parts = file.name.components(separatedBy: "{group}")
                    return name.hasPrefix(parts[0]) && name.hasSuffix(parts.last ?? "")
                }, "a file that is described")
            let text = try #require(String(data: data, encoding: file.encoding))
            #expect(text.isEmpty || text.hasSuffix("\r\n"))
            var lines = text.components(separatedBy: "\r\n").filter { !$0.isEmpty }
            if file.hasHeader, !lines.isEmpty { #expect(lines.removeFirst() == file.columns.joined(separator: file.separator)) }
            for line in lines {
                var fields = Dictionary(uniqueKeysWithValues: zip(file.columns, line.components(separatedBy: file.separator)))
                    .filter { !$0.value.isEmpty }
                if let group = file.group, !file.columns.contains(group) { fields[group] = self.group(name) }
                let key = fields[file.keyColumn] ?? ""
                #expect(rows.insert(TargetRow(kind: file.kind, key: key, fields: fields)).inserted, "a row is there twice")
            }
        }
        return rows
    }

    /// Which of the groups of ``File/row(_:_:)`` a file is of: its name has nothing but letters and digits of it.
    private func group(_ name: String) -> String {
        let digit = name.firstMatch(of: /_sens_skola_([0-9])/)?.1
        return "Åsens skola \(digit ?? "?")"
    }

    func misbehave(_ fault: TargetFault?) async throws {
        try self.files.misbehave(fault, folder: self.path + "/drop", breakingOffAt: 2)
    }
}
