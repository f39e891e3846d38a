import Hub
import KnutpunktApp
import SchoolRecords
import Testing

@Suite("Which plan gave and took a role that somebody had")
struct RoleOriginTests {
    private static let id = RoleGrant.derivedID(of: "t", system: "tempus", role: "personal", scope: "unit/s")

    private static func deed(_ plan: String, _ action: String, _ state: RoleStepState.State, _ taken: String, _ at: String)
        -> RoleDeed
    {
        let step = RoleStepState(id: Self.id, number: 0, unit: "s", state: state, action: action, at: at, takenAt: taken)
        return RoleDeed(plan: plan, step: step, madeBy: "a", approvedBy: ["b"], appliedBy: "c")
    }

    private static func past(_ deeds: [RoleDeed]) -> [PastRole] {
        let spans = [
            HeldRoleSpan(system: "tempus", role: "personal", scope: "unit/s", began: "2026-08-10T05", ended: "2026-09-01T05"),
            HeldRoleSpan(system: "tempus", role: "personal", scope: "unit/s", began: "2026-10-01T05"),
        ]
        return RoleOrigins(deeds: [Self.id: deeds], spans: spans).past(of: "t", at: nil, system: nil)
    }

    @Test func `only what reached its system gave or took it, and what came back without a plan was given past the hub`() {
        let past = Self.past([
            Self.deed("plan-1", "grant", .delivered, "2026-08-09T05", "2026-08-11T05"),
            Self.deed("plan-2", "grant", .failed, "2026-08-10T04", "2026-08-10T04"),
            Self.deed("plan-3", "revoke", .delivered, "2026-08-31T05", "2026-08-31T06"),
            Self.deed("plan-4", "grant", .left, "2026-09-20T05", "2026-09-20T05"),
        ])
        #expect(past.map(\.given?.plan) == ["plan-1", nil])
        #expect(past.map(\.taken?.plan) == ["plan-3", nil])
    }
}
