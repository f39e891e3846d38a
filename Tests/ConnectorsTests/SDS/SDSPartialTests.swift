import ConnectorKit
import Connectors
import Foundation
import SchoolRecords
import Testing

@Suite("No set for School Data Sync is made of a part")
struct SDSPartialTests {
    private func batch(_ id: String, _ kinds: Set<String>) -> TargetBatch {
        let rows = SDSSchool().rows.filter { kinds.contains($0.kind) }
        return TargetBatch(
            id: id, writes: rows.map { TargetWrite(record: RecordKey(.person, $0.key), sequence: 1, set: [$0], removed: []) })
    }

    @Test func `what has been written is no set before the hub says that nothing more is on its way`() async throws {
        try await SDSHarness.with { harness in
            let connector = try harness.make()
            _ = try await connector.write(SDSSchool().batch("1-a"))
            #expect(try harness.sets() == [])
            // Also for a hub that was started anew meanwhile.
            try await harness.make().prepare()
            #expect(try harness.sets() == ["set-1-a"] && harness.findings() == [])
            try await harness.make().prepare()
            #expect(try harness.sets() == ["set-1-a"], "nothing new")
        }
    }

    @Test(arguments: [["org"], ["org", "user"], ["org", "role"], ["user", "role"]])
    func `no set is made without one of the files that School Data Sync can't do without`(_ kinds: [String]) async throws {
        try await SDSHarness.with { harness in
            let connector = try harness.make()
            _ = try await connector.give(self.batch("1-a", Set(kinds)))
            #expect(try harness.sets() == [])
            let problem = await #expect(throws: ConnectorFailure.self) { try await connector.probe() }
            #expect(problem?.code == "set-incomplete")
            _ = try await connector.give(SDSSchool().batch("2-b"))
            #expect(try harness.sets() == ["set-2-b"] && harness.findings() == [])
        }
    }

    @Test func `a new school year is a new set`() async throws {
        try await SDSHarness.with { harness in
            let connector = try harness.make()
            _ = try await connector.give(SDSSchool().batch("1-a"))
            harness.clock.advance(by: .seconds(366 * 24 * 3600))
            try await connector.prepare()
            #expect(try harness.sets() == ["set-1-a", "set-1-a-2027"])
            #expect(try harness.rows("academicSessions").compactMap { $0["sourcedId"] } == ["SY2027"])
            try await connector.prepare()
            #expect(try harness.sets().count == 2)
        }
    }
}
