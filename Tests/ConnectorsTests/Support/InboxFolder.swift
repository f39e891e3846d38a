import ConnectorTesting
import Connectors
import Foundation
import Mapping
import SchoolRecords
import Testing

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

    /// The connector of a system that the project ships, over this folder: files are taken at once, pages are of three.
    func connector(of system: String) throws -> DelimitedSourceConnector {
        var settings = try #require(ShippedSystem.mappings?.inactive[system]?.side(.source)).settings
        settings["drop_folder"] = .string(self.path)
        settings["whole_when"] = ["unchanged_seconds": 0]
        settings["page_limit"] = 3
        return try DelimitedSourceConnector.make(
            system: system, settings: settings, files: LocalFileSystem(), clock: self.clock.clock, logger: ServerUnderTest.silent)
    }

    /// Begins a fault of files, and ends the one before: time goes on, or back, and the folder is away or there.
    func begin(_ fault: SourceFault?) throws {
        let away = self.path + "-away"
        if FileManager.default.fileExists(atPath: away) { try FileManager.default.moveItem(atPath: away, toPath: self.path) }
        self.clock.advance(by: .seconds(fault == .clockSkew ? -7200 : 60))
        if fault == .down { try FileManager.default.moveItem(atPath: self.path, toPath: away) }
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
