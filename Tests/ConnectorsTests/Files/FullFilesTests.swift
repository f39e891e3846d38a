import ConnectorKit
import ConnectorTesting
import Connectors
import Foundation
import SchoolRecords
import Testing

@Suite("Files of everything are written")
struct FullFilesTests {
    @Test("in keeping with the contract of targets", arguments: TargetConnectorRequirement.all)
    func contract(_ requirement: TargetConnectorRequirement) async throws {
        try await FullFilesHarness.with { harness in
            guard requirement.applies(to: harness) else { return }
            try await requirement.verify(harness)
        }
    }

    private static func batch(_ id: String, set: [TargetRow] = [], removed: [TargetRow] = []) -> TargetBatch {
        TargetBatch(
            id: id, writes: [TargetWrite(record: RecordKey(.person, "r"), sequence: 1, set: set, removed: removed)])
    }

    @Test func `a connector made anew knows what was given`() async throws {
        try await FullFilesHarness.with { harness in
            let (first, second) = (harness.object(1, version: 1), harness.object(4, version: 1))
            _ = try await harness.make().write(Self.batch("1-a", set: [first]))
            _ = try await harness.make().write(Self.batch("2-b", set: [second]))
            #expect(try await harness.held() == [first, second])
        }
    }

    @Test func `who moves to another school is in its file and no longer in the old one's`() async throws {
        try await FullFilesHarness.with { harness in
            let connector = try harness.make()
            _ = try await connector.write(Self.batch("1-a", set: [harness.object(1, version: 1)]))
            _ = try await connector.write(Self.batch("2-b", set: [harness.object(1, version: 2)]))
            #expect(try await harness.held() == [harness.object(1, version: 2)])
            let names = try FileManager.default.contentsOfDirectory(atPath: harness.path + "/drop")
            #expect(names.count == 2, "the old school's file is there, and empty")
        }
    }

    @Test func `what divides rows between files needn't stand in them`() async throws {
        try await FullFilesHarness.with { harness in
            var settings = harness.settings()
            settings["files"] = [
                ["kind": "user", "file_name": "anv-{group}.txt", "group_by": "enhet", "columns": ["namn"], "delimiter": "tab"]
            ]
            let connector = try FullFilesConnector.make(
                system: "prov", settings: settings, files: harness.files, logger: ServerUnderTest.silent)
            let rows = [("1", "Prov", "a"), ("2", "Pröv", "a"), ("3", "Åsa", "b")].map {
                TargetRow(kind: "user", key: $0.0, fields: ["namn": $0.1, "enhet": $0.2])
            }
            #expect(try await connector.write(Self.batch("1-a", set: rows)).isEmpty)
            func text(_ start: String) throws -> String {
                let names = try FileManager.default.contentsOfDirectory(atPath: harness.path + "/drop")
                let name = try #require(names.first { $0.hasPrefix(start) })
                return try String(contentsOfFile: harness.path + "/drop/" + name, encoding: .utf8)
            }
            #expect(try text("anv-a-") == "Prov\r\nPröv\r\n")
            #expect(try text("anv-b-") == "Åsa\r\n")
            let lost = TargetRow(kind: "user", key: "4", fields: ["namn": "Ingenstans"])
            let refused = try await connector.write(Self.batch("2-b", set: [lost]))
            #expect(refused.values.map(\.code) == ["required-field-missing"])
        }
    }

    @Test func `the last one to leave a school leaves an empty file`() async throws {
        try await FullFilesHarness.with { harness in
            let connector = try harness.make()
            let row = harness.object(1, version: 1)
            _ = try await connector.write(Self.batch("1-a", set: [row]))
            _ = try await connector.write(Self.batch("2-b", removed: [row]))
            let names = try FileManager.default.contentsOfDirectory(atPath: harness.path + "/drop")
            #expect(names.count == 1)
            #expect(try await harness.held().isEmpty)
        }
    }

    @Test(arguments: [true, false])
    func `when what was given is lost nothing is written, lest the rest be removed`(_ isDamaged: Bool) async throws {
        try await FullFilesHarness.with { harness in
            let row = harness.object(1, version: 1)
            _ = try await harness.make().write(Self.batch("1-a", set: [row]))
            let state = harness.path + "/state/given.json"
            if isDamaged {
                try Data("{".utf8).write(to: URL(fileURLWithPath: state))
            } else {
                try FileManager.default.removeItem(atPath: state)
            }
            let connector = try harness.make()
            let failure = await #expect(throws: ConnectorFailure.self) {
                try await connector.write(Self.batch("2-b", set: [harness.object(4, version: 1)]))
            }
            #expect(failure?.code == "state-lost")
            #expect(try await harness.held() == [row])
        }
    }
}
