import ConnectorKit
import ConnectorTesting
import SchoolRecords
import StandIns
import Testing

@Suite("The REST connector keeps the contract of targets")
struct RESTContractTests {
    @Test("on a two-way SS 12000 server", arguments: TargetConnectorRequirement.all)
    func twoWay(_ requirement: TargetConnectorRequirement) async throws {
        try await RESTHarness.with { harness in
            guard requirement.applies(to: harness) else { return }
            try await requirement.verify(harness)
        }
    }

    @Test("on a server that rows are posted to", arguments: TargetConnectorRequirement.all)
    func posting(_ requirement: TargetConnectorRequirement) async throws {
        try await RESTHarness.with(posts: true) { harness in
            guard requirement.applies(to: harness) else { return }
            try await requirement.verify(harness)
        }
    }

    @Test func `a server that gives ids of its own is stopped at before anything is there twice`() async throws {
        try await RESTHarness.with(posts: true, givesOwnIDs: true) { harness in
            let connector = try await harness.connector()
            let write = TargetWrite(
                record: RecordKey(.placement, "r"), sequence: 1, set: [harness.object(1, version: 1)], removed: [])
            let batch = TargetBatch(id: "000001-a", writes: [write])
            let failure = await #expect(throws: ConnectorFailure.self) { try await connector.write(batch) }
            #expect(failure?.kind == .misconfigured && failure?.code == "id-not-kept")
            await #expect(throws: ConnectorFailure.self) { try await connector.write(batch) }
            let count = await harness.standIn.count(of: .placement)
            #expect(count == 0)
            #expect(await harness.standIn.requests.count(path: "placements", status: 201) == 1)
        }
    }
}
