import ConnectorTesting
import StandIns
import Testing

@Suite("Employments from the personnel system and into Edlevo keep the contracts")
struct EmploymentContractTests {
    @Test("files of the personnel system", arguments: SourceConnectorRequirement.all)
    func source(_ requirement: SourceConnectorRequirement) async throws {
        try await HRHarness.with { harness in
            guard requirement.applies(to: harness) else { return }
            try await requirement.verify(harness)
        }
    }

    @Test("Edlevo's import, by the vendor's schema", arguments: TargetConnectorRequirement.all)
    func target(_ requirement: TargetConnectorRequirement) async throws {
        try await EmploymentsHarness.with { harness in
            guard requirement.applies(to: harness) else { return }
            try await requirement.verify(harness)
            let bodies = await harness.names.standIn.held.posted.map(\.body)
            if !bodies.isEmpty { try VendorSchema.expectValid(bodies) }
        }
    }
}
