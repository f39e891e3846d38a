import Foundation
import Hub
import Testing

extension StoreRequirement {
    private static func plan(_ id: String = "plan-1") -> KeptRolePlan {
        KeptRolePlan(
            id: id, term: "HT2026", date: "2026-08-17", madeBy: "maker", madeAt: StoreUnderTest.time,
            parts: [
                .init(unit: nil, granted: 1, revoked: 0, changed: 0, approvers: 1),
                .init(unit: "school-1", granted: 2, revoked: 0, changed: 0, approvers: 1),
                .init(unit: "school-2", granted: 0, revoked: 90, changed: 0, approvers: 2),
            ])
    }

    private static let steps = [
        RoleStepState(id: "grant-1", number: 0, unit: "school-1"), RoleStepState(id: "grant-2", number: 3, unit: "school-1"),
    ]

    private static func kept(_ subject: StoreUnderTest, _ id: String = "plan-1") async throws {
        _ = try await subject.store.keep(Self.plan(id), document: Data([1, 2, 3]))
    }

    private static func approve(
        _ subject: StoreUnderTest, _ units: Set<String>?, by person: String = "second", of id: String = "plan-1"
    ) async throws -> KeptRolePlan {
        try await subject.store.approve(
            rolePlan: id, units: units, by: person, reason: "new school year", time: StoreUnderTest.time)
    }

    private static func refusal(_ work: () async throws -> Void) async -> RolePlanRefusal.Reason? {
        do {
            try await work()
            return nil
        } catch {
            return (error as? RolePlanRefusal)?.reason
        }
    }

    static let rolePlans: [StoreRequirement] = [
        .init("a role plan is kept once, with its document, and named in the audit log") { subject in
            try await Self.kept(subject)
            _ = try await Self.approve(subject, ["school-1"])
            _ = try await subject.store.keep(Self.plan(), document: Data([9]))
            #expect(try await subject.store.rolePlan("plan-1")?.approvals.count == 1)
            #expect(try await subject.store.rolePlanDocument("plan-1") == Data([1, 2, 3]))
            #expect(try await subject.store.rolePlans(limit: 9).map(\.id) == ["plan-1"])
            #expect(try await subject.store.rolePlan("plan-2") == nil)
            #expect(try await subject.store.rolePlanDocument("plan-2") == nil)
            #expect(
                try await subject.store.auditEntries(AuditFilter()).map { "\($0.action) \($0.subject) \($0.person)" }
                    == ["roles.plan role-plan/plan-1 maker", "roles.approve role-plan/plan-1/school-1 second"])
        },
        .init("nobody approves a role plan of their own") { subject in
            try await Self.kept(subject)
            #expect(await Self.refusal { _ = try await Self.approve(subject, nil, by: "maker") } == .ownPlan)
            #expect(try await subject.store.rolePlan("plan-1")?.approvals == [])
        },
        .init("a part is approved by as many persons as it needs, and nobody counts twice") { subject in
            try await Self.kept(subject)
            #expect(try await Self.approve(subject, nil).approved.map(\.unit) == [nil, "school-1"])
            #expect(try await Self.approve(subject, ["school-2"]).approved.map(\.unit) == [nil, "school-1"])
            let plan = try await Self.approve(subject, ["school-2"], by: "third")
            #expect(plan.approved.count == 3)
            #expect(plan.approvals.map(\.by) == ["second", "second", "second", "third"])
        },
        .init("a rule approves the hub's own plans alone, never for one of two persons, and nobody is called as the hub is") {
            subject in
            try await Self.kept(subject)
            for name in ["schedule", "standing-rule"] {
                let reason = await Self.refusal { _ = try await Self.approve(subject, nil, by: name) }
                #expect(reason == .notAPerson(name))
            }
            let own = KeptRolePlan(
                id: "plan-2", term: nil, date: "2026-08-17", madeBy: "schedule", madeAt: StoreUnderTest.time,
                parts: [
                    .init(unit: "school-1", granted: 1, revoked: 0, changed: 0, approvers: 1),
                    .init(unit: "school-2", granted: 0, revoked: 90, changed: 0, approvers: 2),
                ])
            _ = try await subject.store.keep(own, document: Data([1]))
            let plan = try await Self.approve(subject, nil, by: "standing-rule", of: "plan-2")
            #expect(plan.approved.map(\.unit) == ["school-1"] && plan.lacking(plan.parts[1]) == 2)
        },
        .init("a plan that the hub put aside itself is open again when it makes it again, without approvals") { subject in
            let own = KeptRolePlan(
                id: "plan-2", term: nil, date: "2026-08-17", madeBy: "schedule", madeAt: StoreUnderTest.time,
                parts: [.init(unit: "school-1", granted: 1, revoked: 0, changed: 0, approvers: 1)])
            for (person, state) in [("schedule", KeptRolePlan.State.open), ("second", .stopped)] {
                _ = try await subject.store.keep(own, document: Data([1]))
                _ = try await Self.approve(subject, nil, by: "head", of: "plan-2")
                try await subject.store.end(rolePlan: "plan-2", .stopped, by: person, time: StoreUnderTest.later)
                let again = try await subject.store.keep(own, document: Data([1]))
                #expect(again.state == state, "\(person)")
                #expect(try await subject.store.rolePlan("plan-2") == again, "\(person)")
                #expect(again.approvals.isEmpty == (state == .open), "\(person)")
            }
        },
        .init("what isn't there can't be approved, and then nothing is") { subject in
            try await Self.kept(subject)
            let approve: (Set<String>?, String) async throws -> Void = {
                _ = try await Self.approve(subject, $0, of: $1)
            }
            #expect(await Self.refusal { try await approve(nil, "plan-2") } == .unknown)
            let units: Set<String> = ["school-1", "school-9"]
            #expect(await Self.refusal { try await approve(units, "plan-1") } == .unknownUnit("school-9"))
            #expect(try await subject.store.rolePlan("plan-1")?.approvals == [])
        },
        .init("only approved parts are begun, one plan at a time, and once") { subject in
            let (store, time) = (subject.store, StoreUnderTest.time)
            try await Self.kept(subject)
            try await Self.kept(subject, "plan-2")
            let start: (String) async throws -> Void = {
                try await store.start(rolePlan: $0, steps: Self.steps, by: "second", time: time)
            }
            #expect(await Self.refusal { try await start("plan-1") } == .notApproved)
            _ = try await Self.approve(subject, ["school-2"])
            _ = try await Self.approve(subject, ["school-2"], by: "third")
            #expect(await Self.refusal { try await start("plan-1") } == .notApproved)
            #expect(try await store.roleSteps(of: "plan-1") == [])
            _ = try await Self.approve(subject, ["school-1"])
            _ = try await Self.approve(subject, ["school-1"], of: "plan-2")
            try await start("plan-1")
            #expect(try await store.applyingRolePlan() == "plan-1")
            #expect(await Self.refusal { try await start("plan-1") } == .notAllowed(.applying))
            #expect(await Self.refusal { try await start("plan-2") } == .busy("plan-1"))
            #expect(await Self.refusal { _ = try await Self.approve(subject, nil) } == .notAllowed(.applying))
            try await store.end(rolePlan: "plan-1", .applied, by: "hub", time: time)
            #expect(try await store.applyingRolePlan() == nil)
            try await start("plan-2")
        },
        .init("how far steps have come is known to whoever comes next") { subject in
            try await Self.kept(subject)
            _ = try await Self.approve(subject, ["school-1"])
            try await subject.store.start(rolePlan: "plan-1", steps: Self.steps, by: "second", time: StoreUnderTest.time)
            var step = Self.steps[1]
            (step.state, step.sequence, step.note) = (.failed, 4, "value-without-code")
            try await subject.store.mark([step], of: "plan-1")
            #expect(try await subject.another().roleSteps(of: "plan-1") == [Self.steps[0], step])
            #expect(try await subject.another().rolePlan("plan-1")?.state == .applying)
        },
        .init("a role plan that is over stays over") { subject in
            try await Self.kept(subject)
            let end: (KeptRolePlan.State) async throws -> Void = {
                try await subject.store.end(rolePlan: "plan-1", $0, by: "second", time: StoreUnderTest.later)
            }
            #expect(await Self.refusal { try await end(.applied) } == .notAllowed(.open))
            try await end(.stopped)
            let plan = try await subject.store.rolePlan("plan-1")
            #expect(plan?.state == .stopped && plan?.stateBy == "second" && plan?.since == StoreUnderTest.later)
            #expect(await Self.refusal { try await end(.stopped) } == .notAllowed(.stopped))
            #expect(await Self.refusal { _ = try await Self.approve(subject, nil) } == .notAllowed(.stopped))
        },
    ]
}
