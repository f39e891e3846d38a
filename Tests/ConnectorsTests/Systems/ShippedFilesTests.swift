import ConnectorTesting
import Testing

@Suite("Systems that are given files by a description alone keep the contract with the files that are shipped")
struct ShippedFilesTests {
    @Test(arguments: ShippedFilesHarness.systems, TargetConnectorRequirement.all)
    func contract(_ system: String, _ requirement: TargetConnectorRequirement) async throws {
        try await ShippedFilesHarness.with(system) { harness in
            guard requirement.applies(to: harness) else { return }
            try await requirement.verify(harness)
        }
    }
}
