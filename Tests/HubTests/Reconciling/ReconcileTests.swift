import ConnectorKit
import Foundation
import Hub
import Reconciliation
import SchoolRecords
import StandIns
import Testing

@Suite("What systems hold, held against what they should")
struct ReconcileTests {
    @Test func `systems that hold what they should have no differences`() async throws {
        try await ReconcileWorld.with(.small, roles: 20) { world in
            let run = try await world.run()
            #expect(run.isComplete && run.agreement == 1)
            let findings = try await world.findings(run).filter { $0.finding.situation.isFault }
            #expect(findings.isEmpty, "\(findings.prefix(10).map(\.finding))")
            for system in run.systems {
                let rows = world.expected[system.system]?.count
                #expect(system.total.equal == rows, "\(system.system)")
                #expect(rows ?? 0 > 10)
            }
        }
    }
}
