import ConnectorKit
import ConnectorTesting
import Connectors
import Foundation
import SchoolRecords
import Testing

/// A folder from which a system takes files of everything: children by school, and their guardians.
struct FullFilesHarness: TargetHarness {
    let path: String
    let files = FaultyFileSystem()

    static func with(_ body: (FullFilesHarness) async throws -> Void) async throws {
        let root = FileManager.default.temporaryDirectory.appendingPathComponent("full-\(UUID().uuidString)").path
        defer { try? FileManager.default.removeItem(atPath: root) }
        for folder in ["drop", "state"] {
            try FileManager.default.createDirectory(atPath: "\(root)/\(folder)", withIntermediateDirectories: true)
        }
        try await body(FullFilesHarness(path: root))
    }

    static let shown: Set<TargetFault> = [.away, .full, .breaksOff]
    var faults: Set<TargetFault> { Self.shown }

    func settings() -> JSONValue {
        [
            "connector": "full_files", "drop_folder": .string(self.path + "/drop"), "state_folder": .string(self.path + "/state"),
            "files": [
                [
                    "kind": "child", "file_name": "barn-{group}.csv", "group_by": "skola", "encoding": "iso-8859-1",
                    "columns": ["skola", "avdelning", "barn", "namn"], "required": ["barn"],
                ],
                ["kind": "guardian", "file_name": "foraldrar.csv", "columns": ["barn", "foralder"], "header": true],
            ],
        ]
    }

    func connector() async throws -> any TargetConnector { try self.make() }

    func make() throws -> FullFilesConnector {
        try FullFilesConnector.make(
            system: "skola24", settings: self.settings(), files: self.files, logger: ServerUnderTest.silent)
    }

    /// What stands in the files.
    func held() async throws -> Set<TargetRow> {
        var rows: Set<TargetRow> = []
        for name in try FileManager.default.contentsOfDirectory(atPath: self.path + "/drop") {
            let data = try Data(contentsOf: URL(fileURLWithPath: "\(self.path)/drop/\(name)"))
            let text = String(data: data, encoding: name.hasPrefix("barn") ? .isoLatin1 : .utf8) ?? ""
            for line in text.components(separatedBy: "\r\n") where !line.isEmpty && line != "barn;foralder" {
                let values = line.components(separatedBy: ";")
                let names = name.hasPrefix("barn") ? ["skola", "avdelning", "barn", "namn"] : ["barn", "foralder"]
                let fields = Dictionary(uniqueKeysWithValues: zip(names, values)).filter { !$0.value.isEmpty }
                let row =
                    name.hasPrefix("barn")
                    ? TargetRow(kind: "child", key: values[2], fields: fields)
                    : TargetRow(kind: "guardian", key: values.joined(separator: "|"), fields: fields)
                #expect(rows.insert(row).inserted, "a row is there twice")
            }
        }
        return rows
    }

    func misbehave(_ fault: TargetFault?) async throws {
        try self.files.misbehave(fault, folder: self.path + "/drop", breakingOffAt: 2)
    }

    func object(_ number: Int, version: Int) -> TargetRow {
        TargetRow(
            kind: "child", key: "barn-\(number)",
            fields: [
                "skola": "Åsens förskola \((number + version) % 3)", "avdelning": "Myran", "barn": "barn-\(number)",
                "namn": "Prov \(version)",
            ])
    }

    func relation(_ number: Int) -> TargetRow {
        TargetRow(
            kind: "guardian", key: "barn-\(number)|vuxen-\(number)",
            fields: ["barn": "barn-\(number)", "foralder": "vuxen-\(number)"])
    }

    var unwritable: TargetRow? {
        TargetRow(kind: "child", key: "barn-9", fields: ["skola": "Åsens förskola 1", "barn": "barn-9", "namn": "Łódź"])
    }

    func needlessWrites() async throws -> Int? { nil }
}
