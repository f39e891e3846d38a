import ConnectorTesting
import Testing

@Suite("The connector for files from a system keeps the contract of sources")
struct DelimitedContractTests {
    @Test("on full files", arguments: SourceConnectorRequirement.all)
    func full(_ requirement: SourceConnectorRequirement) async throws {
        try await DelimitedHarness.with { harness in
            guard requirement.applies(to: harness) else { return }
            try await requirement.verify(harness)
        }
    }
}
