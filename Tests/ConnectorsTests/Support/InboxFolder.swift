import Connectors
import Foundation
import SchoolRecords

/// A folder of a test's own in which a system leaves files; gone afterwards.
struct InboxFolder {
    let path: String
    let clock = TestClock()

    static func with<Result>(_ body: (InboxFolder) async throws -> Result) async throws -> Result {
        let root = FileManager.default.temporaryDirectory.appendingPathComponent("inbox-\(UUID().uuidString)").path
        defer { try? FileManager.default.removeItem(atPath: root) }
        try FileManager.default.createDirectory(atPath: root + "/drop", withIntermediateDirectories: true)
        return try await body(InboxFolder(path: root + "/drop"))
    }

    static let placements: JSONValue = [
        "entity": "placement", "name": "placements-*.csv", "columns": ["child", "unit", "from", "to"], "key": ["child", "from"],
        "dates": ["from": "yyyyMMdd", "to": "yyyyMMdd"],
    ]

    func connector(
        _ file: JSONValue = Self.placements, wholeWhen: JSONValue = ["unchanged_seconds": 0], pageLimit: Int64 = 3
    ) throws -> DelimitedSourceConnector {
        let settings: JSONValue = [
            "connector": "delimited_files", "direction": "source", "drop_folder": .string(self.path), "whole_when": wholeWhen,
            "page_limit": .integer(pageLimit), "files": [file],
        ]
        return try DelimitedSourceConnector.make(
            system: "tempus", settings: settings, files: LocalFileSystem(), clock: self.clock.clock,
            logger: ServerUnderTest.silent)
    }

    func drop(_ name: String, _ text: String) throws { try self.drop(name, Data(text.utf8)) }

    func drop(_ name: String, _ data: Data) throws {
        try data.write(to: URL(fileURLWithPath: "\(self.path)/\(name)"))
    }

    /// The names in a folder below, without the time that was put before them.
    func names(_ folder: String) throws -> [String] {
        let names = try FileManager.default.contentsOfDirectory(atPath: "\(self.path)/\(folder)").sorted()
        return names.map { String($0.dropFirst(20)) }
    }

    func report(_ folder: String) throws -> String {
        let names = try FileManager.default.contentsOfDirectory(atPath: "\(self.path)/\(folder)").sorted()
        guard let name = names.last(where: { $0.hasSuffix(".report.txt") }) else { return "" }
        return try String(contentsOfFile: "\(self.path)/\(folder)/\(name)", encoding: .utf8)
    }
}
