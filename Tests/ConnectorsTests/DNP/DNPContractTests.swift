import ConnectorTesting
import StandIns
import Testing

@Suite("The connector to Skolverket's test service keeps the contract of targets")
struct DNPContractTests {
    @Test("on a stand-in of it", arguments: DNPHarness.Matter.allCases, TargetConnectorRequirement.all)
    func contract(_ matter: DNPHarness.Matter, _ requirement: TargetConnectorRequirement) async throws {
        try await DNPHarness.with(matter) { harness in
            guard requirement.applies(to: harness) else { return }
            try await requirement.verify(harness)
            let seen = await harness.standIn.statistics
            #expect(seen.mostWritesPerSecond <= 5 && seen.mostReadsPerSecond <= 10 && seen.tooMany == 0, "\(seen)")
        }
    }
}
