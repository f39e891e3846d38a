import ConnectorKit
import ConnectorTesting
import Connectors
import Foundation
import Mapping
import SchoolRecords
import StandIns
import Testing

/// A folder for sets of School Data Sync, with the shipped settings.
struct SDSHarness: TargetHarness {
    let path: String
    let files = FaultyFileSystem()
    let clock = TestClock()
    /// Settings besides the folders.
    var more: [String: JSONValue] = [:]

    static func with(_ body: (SDSHarness) async throws -> Void) async throws {
        let root = FileManager.default.temporaryDirectory.appendingPathComponent("sds-\(UUID().uuidString)").path
        defer { try? FileManager.default.removeItem(atPath: root) }
        for folder in ["drop", "state"] {
            try FileManager.default.createDirectory(atPath: "\(root)/\(folder)", withIntermediateDirectories: true)
        }
        try await body(SDSHarness(path: root))
    }

    static let shown: Set<TargetFault> = [.away, .full, .breaksOff]
    var faults: Set<TargetFault> { Self.shown }

    func connector() async throws -> any TargetConnector { SDSGiver(try self.make()) }

    func make() throws -> SDSConnector {
        var settings = try #require(ShippedSystem.mappings?.inactive["teams"]?.side(.target)?.settings)
        settings["drop_folder"] = .string(self.path + "/drop")
        settings["state_folder"] = .string(self.path + "/state")
        for (name, value) in self.more { settings[name] = value }
        return try SDSConnector.make(
            system: "teams", settings: settings, files: self.files, clock: self.clock.clock, logger: ServerUnderTest.silent)
    }

    /// The names of the sets, the newest last.
    func sets() throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: self.path + "/drop").filter { $0.hasPrefix("set-") }.sorted()
    }

    /// The folder that `latest` names.
    func latest() throws -> String? {
        guard let text = try? String(contentsOfFile: self.path + "/drop/latest", encoding: .utf8) else { return nil }
        return "\(self.path)/drop/\(text.trimmingCharacters(in: .whitespacesAndNewlines))"
    }

    func findings() throws -> [SDSValidator.Finding] {
        guard let latest = try self.latest() else { return [] }
        return try SDSValidator(folder: latest).findings
    }

    /// The rows of a file of the latest set, without what the connector fills in.
    func rows(_ file: String) throws -> [[String: String]] {
        guard let latest = try self.latest() else { return [] }
        let table = CSVTable(Array(try Data(contentsOf: URL(fileURLWithPath: "\(latest)/\(file).csv"))))
        return table.rows.map { Dictionary(zip(table.header, $0.values)) { first, _ in first }.filter { !$0.value.isEmpty } }
    }

    func held() async throws -> Set<TargetRow> {
        var held: Set<TargetRow> = []
        for row in try self.rows("orgs") where !SDSGiver.organisations.contains(row["sourcedId"] ?? "") {
            held.insert(TargetRow(kind: "org", key: row["sourcedId"] ?? "", fields: row))
        }
        for row in try self.rows("classes") where row["sourcedId"] != SDSGiver.classID {
            held.insert(
                TargetRow(kind: "class", key: row["sourcedId"] ?? "", fields: row.filter { $0.key != "sessionSourcedIds" }))
        }
        return held
    }

    func misbehave(_ fault: TargetFault?) async throws {
        try self.files.misbehave(fault, folder: self.path + "/drop", breakingOffAt: 1)
    }

    func object(_ number: Int, version: Int) -> TargetRow {
        TargetRow(
            kind: "org", key: "org-\(number)",
            fields: ["sourcedId": "org-\(number)", "name": "Åsens skola \(version)", "type": "school"])
    }

    /// A class at an organisation that is always among the objects would be there too: the contract gives each alone.
    func relation(_ number: Int) -> TargetRow {
        TargetRow(
            kind: "org", key: "top-\(number)",
            fields: ["sourcedId": "top-\(number)", "name": "Kommun \(number)", "type": "municipality"])
    }

    var unwritable: TargetRow? {
        TargetRow(kind: "org", key: "org-9", fields: ["sourcedId": "org-9", "name": "A", "type": "skola"])
    }

    func needlessWrites() async throws -> Int? { nil }
}

extension SDSConnector {
    /// Writes a batch and makes a set, as the hub does when nothing more is on its way.
    func give(_ batch: TargetBatch) async throws -> [RecordKey: ConnectorFailure] {
        let rejected = try await self.write(batch)
        try await self.prepare()
        return rejected
    }
}

/// The connector with a small school that is always there: no set is made without people.
struct SDSGiver: ReadableTarget {
    static let organisations: Set<String> = ["kommun", "school-1", "unit-1"]
    static let classID = "class-1"

    private let connector: SDSConnector

    init(_ connector: SDSConnector) { self.connector = connector }

    var system: String { self.connector.system }
    var batchSize: Int { self.connector.batchSize }
    var removableKinds: Set<String> { self.connector.removableKinds }
    var linger: Duration { self.connector.linger }
    var heldIsAsGiven: Bool { self.connector.heldIsAsGiven }

    func write(_ batch: TargetBatch) async throws -> [RecordKey: ConnectorFailure] {
        _ = try await self.connector.write(SDSSchool().batch("0-school"))
        return try await self.connector.give(batch)
    }

    func probe() async throws { try await self.connector.probe() }

    func readHeld(_ handle: @Sendable ([TargetRow]) async throws -> Void) async throws {
        let own = Set(SDSSchool().rows.map { "\($0.kind)/\($0.key)" })
        try await self.connector.readHeld { rows in
            let others = rows.filter { !own.contains("\($0.kind)/\($0.key)") }
            if !others.isEmpty { try await handle(others) }
        }
    }
}
