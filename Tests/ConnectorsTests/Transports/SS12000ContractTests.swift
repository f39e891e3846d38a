import ConnectorTesting
import StandIns
import Testing

@Suite("SS 12000 connectors keep the contract of sources")
struct SS12000ContractTests {
    @Test("on Edlevo", arguments: SourceConnectorRequirement.all)
    func edlevo(_ requirement: SourceConnectorRequirement) async throws {
        try await EdlevoHarness.with(.edlevo) { harness in
            try #require(requirement.applies(to: harness))
            try await requirement.verify(harness)
        }
    }

    @Test("on another server", arguments: SourceConnectorRequirement.all)
    func other(_ requirement: SourceConnectorRequirement) async throws {
        try await EdlevoHarness.with(.other) { harness in
            try #require(requirement.applies(to: harness))
            try await requirement.verify(harness)
        }
    }
}
