import ConnectorTesting
import Testing

@Suite("The Unikum connector keeps the contract of targets")
struct UnikumContractTests {
    @Test("in UTF-8", arguments: TargetConnectorRequirement.all)
    func utf8(_ requirement: TargetConnectorRequirement) async throws {
        try await UnikumHarness.with(latin1: false) { harness in
            guard requirement.applies(to: harness) else { return }
            try await requirement.verify(harness)
        }
    }

    @Test("in ISO 8859-1", arguments: TargetConnectorRequirement.all)
    func latin1(_ requirement: TargetConnectorRequirement) async throws {
        try await UnikumHarness.with(latin1: true) { harness in
            guard requirement.applies(to: harness) else { return }
            try await requirement.verify(harness)
        }
    }
}
