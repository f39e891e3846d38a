import ConnectorTesting
import StandIns
import Testing

@Suite("Notices of the population register keep the contract")
struct NavetContractTests {
    @Test("files of notices", arguments: SourceConnectorRequirement.all)
    func source(_ requirement: SourceConnectorRequirement) async throws {
        try await NavetHarness.with { harness in
            guard requirement.applies(to: harness) else { return }
            try await requirement.verify(harness)
        }
    }
}
