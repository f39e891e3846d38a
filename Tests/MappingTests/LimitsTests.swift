import Foundation
import Mapping
import SchoolRecords
import Testing

@Suite("Limits of a system")
struct LimitsTests {
    private func load(_ limits: String) throws -> MappingLoad {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("knutpunkt-limits-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: folder) }
        let system = folder.appendingPathComponent("edlevo")
        try FileManager.default.createDirectory(at: system, withIntermediateDirectories: true)
        try "connector: ss12000\ndirection: source\n\(limits)\n"
            .write(to: system.appendingPathComponent("system.yaml"), atomically: true, encoding: .utf8)
        return MappingSet.load(directory: folder.path)
    }

    private func problems(_ limits: String) throws -> [String] {
        try self.load(limits).diagnostics.filter { $0.severity == .error && "\($0)".contains("edlevo/system.yaml") }.map {
            "\($0)"
        }
    }

    @Test func `what is wrong is told with its place and what was meant, all at once`() throws {
        let problems = try self.problems(
            """
            limits:
              delets: {percent: 5, at_least: 20}
              updates: {percent: 120, at_least: 50}
              window_hours: 500
              entities:
                persons:
                  deletes: {percent: 1, at_least: 5}
                person:
                  deletes: {percent: 1}
            """)
        #expect(problems.contains { $0.contains(":4:") && $0.contains("delets") && $0.contains("deletes") })
        #expect(problems.contains { $0.contains(":5:") && $0.contains("updates") })
        #expect(problems.contains { $0.contains(":6:") && $0.contains("window_hours") })
        #expect(problems.contains { $0.contains(":8:") && $0.contains("persons") && $0.contains("person") })
        #expect(problems.contains { $0.contains(":11:") && $0.contains("deletes") })
        #expect(problems.count == 5)
    }

    @Test func `limits of all and of one entity are read`() throws {
        let load = try self.load(
            """
            limits:
              updates: {percent: 30, at_least: 100}
              creates: off
              entities:
                person: {deletes: {percent: 1.5, at_least: 5}, window_hours: 0}
            """)
        let limits = try #require(load.set?.systems["edlevo"]?.source?.limits, "\(load.diagnostics)")
        #expect(limits.common.updates?.share == 0.3 && limits.common.updates?.atLeast == 100)
        #expect(limits.common.createsAreFree)
        #expect(limits.entities["person"]?.deletes?.share == 0.015)
        #expect(limits.entities["person"]?.windowHours == 0)
    }

    @Test func `the schema of systems in the documents is the language's`() throws {
        let document = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .appendingPathComponent("../../docs/system.schema.json").standardized
        #expect(
            try JSONValue(parsing: try Data(contentsOf: document)) == MappingSchema.system,
            "write it anew: knutpunkt mapping schema --system > docs/system.schema.json")
    }
}
