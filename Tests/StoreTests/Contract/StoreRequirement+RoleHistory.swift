import Foundation
import Hub
import SchoolRecords
import Testing

extension StoreRequirement {
    private static func decision(
        _ person: String = "teacher", _ kind: KeptRoleDecision.Kind = .grant, last: String? = "2026-12-18"
    ) -> KeptRoleDecision {
        KeptRoleDecision(
            kind, person: person, system: "digiexam", role: "admin", scope: "unit/school-1", reason: "exam week", by: "head",
            at: StoreUnderTest.time, first: "2026-12-01", last: last)
    }

    /// A system tells of a role, or that it is no more.
    private static func tell(
        _ subject: StoreUnderTest, _ id: String, _ grant: RoleGrant?, system: String = "unikum", at time: String
    ) async throws {
        var told = grant
        told?.id = id
        let state = RecordState(
            key: RecordKey(.roleGrant, id), owner: grant?.person.id, body: told.map { $0.json.canonicalData })
        _ = try await subject.store.take([state], withheld: [], failures: [], source: system, counting: .seen, time: time)
    }

    private static func role(_ role: String = "pedagog", until last: String? = nil) -> RoleGrant {
        RoleGrant(
            id: "", person: "teacher", system: "unikum", role: role, organisation: "school-1",
            endDate: last.flatMap { CalendarDate($0) })
    }

    static let roleHistory: [StoreRequirement] = [
        .init("a decision by hand is kept under a number, withdrawn once, and both are in the audit log") { subject in
            let store = subject.store
            let first = try await store.keep(Self.decision())
            let second = try await store.keep(Self.decision("other", .denial, last: nil))
            #expect(first.id == "decision-1" && second.id == "decision-2" && first.reason == "exam week")
            #expect(try await subject.another().roleDecisions(of: nil) == [first, second])
            #expect(try await store.roleDecisions(of: "other") == [second])
            let over = try await store.withdraw(roleDecision: "1", by: "deputy", reason: "over", time: StoreUnderTest.later)
            #expect(over?.withdrawal == .init(by: "deputy", at: StoreUnderTest.later, reason: "over"))
            for id in ["decision-1", "decision-9", "nothing"] {
                let again = try await store.withdraw(roleDecision: id, by: "x", reason: "y", time: StoreUnderTest.later)
                #expect(again == nil, "\(id)")
            }
            #expect(try await store.roleDecisions(of: nil).map(\.withdrawal?.by) == ["deputy", nil])
            #expect(
                try await store.auditEntries(AuditFilter()).map { "\($0.action) \($0.subject) \($0.person) \($0.reason ?? "")" }
                    == [
                        "roles.give role-decision-1 head exam week", "roles.deny role-decision-2 head exam week",
                        "roles.withdraw role-decision-1 deputy over",
                    ])
        },
        .init("when a system tells of a role, of other days and that it is gone, the role has a beginning and an end") {
            subject in
            try await Self.tell(subject, "unikum:1", Self.role(), at: "2026-08-01T06:00:00.000Z")
            try await Self.tell(subject, "unikum:1", Self.role(until: "2027-06-30"), at: "2026-08-02T06:00:00.000Z")
            try await Self.tell(subject, "unikum:2", Self.role("personal"), at: "2026-08-03T06:00:00.000Z")
            try await Self.tell(subject, "unikum:1", nil, at: "2026-09-01T06:00:00.000Z")
            try await Self.tell(subject, "unikum:2", Self.role("mentor"), at: "2026-10-01T06:00:00.000Z")
            func span(_ role: String, _ began: String, _ ended: String?) -> HeldRoleSpan {
                HeldRoleSpan(
                    system: "unikum", role: role, scope: "unit/school-1", began: "\(began)T06:00:00.000Z",
                    ended: ended.map { "\($0)T06:00:00.000Z" })
            }
            let spans = try await subject.another().heldRoles(of: "teacher")
            #expect(
                spans == [
                    span("pedagog", "2026-08-01", "2026-09-01"), span("personal", "2026-08-03", "2026-10-01"),
                    span("mentor", "2026-10-01", nil),
                ])
            #expect(spans.filter { $0.holds(at: "2026-08-31T24") }.map(\.role) == ["pedagog", "personal"])
            #expect(spans.filter { $0.holds(at: "2026-07-31T24") }.isEmpty)
            #expect(try await subject.store.heldRoles(of: "other").isEmpty)
        },
        .init("what the hub itself decides is no system's word, and of a protected person no history is left") { subject in
            var grant = Self.role()
            grant.id = grant.derivedID
            _ = try await subject.store.take([RoleChange(.granted, grant)], counting: .seen, time: StoreUnderTest.time)
            #expect(try await subject.store.heldRoles(of: "teacher").isEmpty)
            try await Self.tell(subject, "unikum:1", Self.role(), at: StoreUnderTest.time)
            let key = RecordKey(.roleGrant, "unikum:1")
            var told = Self.role()
            told.id = key.id
            _ = try await subject.store.take(
                [RecordState(key: key, owner: nil, body: nil)],
                withheld: [
                    WithheldRecord(opaqueKey: RecordKey(.roleGrant, "opaque"), key: key, body: told.json.canonicalData)
                ], failures: [], source: "unikum", counting: .seen, time: StoreUnderTest.later)
            #expect(try await subject.store.heldRoles(of: "teacher").isEmpty)
        },
        .init("which accounts there are is told at once, follows every change, and is nobody's guess") { subject in
            func tell(_ person: String, _ state: String?, system: String = "unikum") async throws {
                let id = "\(system):account-\(person)"
                let body: JSONValue? = state.map {
                    ["id": .string(id), "person": ["id": .string(person)], "system": .string(system), "state": .string($0)]
                }
                let record = RecordState(
                    key: RecordKey(.accountStatus, id), owner: person, body: body.map(\.canonicalData))
                _ = try await subject.store.take(
                    [record], withheld: [], failures: [], source: system, counting: .seen, time: StoreUnderTest.time)
            }
            try await tell("a", "active")
            try await tell("b", "invited")
            try await tell("a", "active", system: "vega")
            try await tell("a", "suspended")
            #expect(try await subject.another().accountStates(in: "unikum") == ["a": .suspended, "b": .invited])
            try await tell("b", nil)
            #expect(try await subject.store.accountStates(in: "unikum") == ["a": .suspended])
            #expect(try await subject.store.accountStates(in: "vega") == ["a": .active])
            #expect(try await subject.store.accountStates(in: "tempus") == [:])
        },
        .init("how ready units are takes the place of what was kept before, and runs of the schedule are kept with their rule") {
            subject in
            func ready(_ unit: String, _ count: Int) -> RoleReadiness {
                RoleReadiness(unit: unit, staff: 9, ready: count, missing: ["no-account": 9 - count], time: StoreUnderTest.time)
            }
            try await subject.store.keep(readiness: [ready("school-2", 3), ready("school-1", 9)])
            try await subject.store.keep(readiness: [ready("school-2", 4)])
            #expect(try await subject.another().roleReadiness() == [ready("school-2", 4)])
            let runs = ["day", "term.HT2026"].map { errand in
                RoleScheduleRun(
                    errand: errand, time: StoreUnderTest.time, byItself: nil, waiting: "plan-1", unread: ["vega"], steps: 3)
            }
            for run in runs { try await subject.store.keep(run: run, by: "schedule", rule: "daily_steps=20") }
            #expect(try await subject.another().roleScheduleRuns(limit: 9) == runs.reversed())
            #expect(try await subject.store.roleScheduleRuns(limit: 1) == [runs[1]])
            #expect(
                try await subject.store.auditEntries(AuditFilter()).map { "\($0.action) \($0.subject) \($0.reason ?? "")" }
                    == ["roles.schedule role-run/day daily_steps=20", "roles.schedule role-run/term.HT2026 daily_steps=20"])
        },
        .init("what plans did about a grant is told with who made, approved and applied them") { subject in
            let (store, time) = (subject.store, StoreUnderTest.time)
            _ = try await store.keep(
                KeptRolePlan(
                    id: "plan-1", term: nil, date: "2026-08-17", madeBy: "maker", madeAt: time,
                    parts: [.init(unit: "school-1", granted: 1, revoked: 0, changed: 0, approvers: 1)]),
                document: Data([1]))
            try await store.approve(rolePlan: "plan-1", units: nil, by: "head", reason: "seen", time: time)
            var step = RoleStepState(id: "grant-1", number: 0, unit: "school-1", action: "grant")
            try await store.start(rolePlan: "plan-1", steps: [step], by: "operator", time: time)
            (step.state, step.at, step.takenAt) = (.taken, time, time)
            try await store.mark([step], of: "plan-1")
            (step.state, step.at, step.takenAt) = (.delivered, StoreUnderTest.later, nil)
            try await store.mark([step], of: "plan-1")
            try await store.end(rolePlan: "plan-1", .applied, by: "hub", time: StoreUnderTest.later)
            step.takenAt = time
            let deeds = try await subject.another().roleDeeds(of: ["grant-1", "grant-2"])
            #expect(
                deeds == [
                    "grant-1": [
                        RoleDeed(plan: "plan-1", step: step, madeBy: "maker", approvedBy: ["head"], appliedBy: "operator")
                    ]
                ])
        },
    ]
}
