import ConnectorTesting
import StandIns
import Testing

@Suite("The classic Edlevo connector keeps the contract of sources")
struct ClassicContractTests {
    @Test("with duties from the personnel", arguments: SourceConnectorRequirement.all)
    func personnel(_ requirement: SourceConnectorRequirement) async throws {
        try await EdlevoClassicHarness.with { harness in
            guard requirement.applies(to: harness) else { return }
            try await requirement.verify(harness)
        }
    }

    @Test("with duties from the organisation", arguments: SourceConnectorRequirement.all)
    func organisation(_ requirement: SourceConnectorRequirement) async throws {
        try await EdlevoClassicHarness.with(duties: "organization") { harness in
            guard requirement.applies(to: harness) else { return }
            try await requirement.verify(harness)
        }
    }
}
