import ConnectorTesting
import Foundation
import StandIns
import Testing

@Suite("The classic Edlevo connector keeps the contract of targets")
struct ClassicTargetContractTests {
    @Test("with contact details and principal names", arguments: TargetConnectorRequirement.all)
    func target(_ requirement: TargetConnectorRequirement) async throws {
        try await EdlevoClassicTargetHarness.with { harness in
            guard requirement.applies(to: harness) else { return }
            try await requirement.verify(harness)
            try VendorSchema.expectValid(
                await harness.standIn.held.posted.map(\.body) + [await harness.standIn.completeDocument("GR") ?? .init()])
        }
    }
}
