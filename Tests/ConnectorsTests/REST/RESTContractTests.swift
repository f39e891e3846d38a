import ConnectorTesting
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
}
