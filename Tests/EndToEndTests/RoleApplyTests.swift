import Foundation
import Hub
import KnutpunktApp
import Mapping
import Provisioning
import SchoolRecords
import StandIns
import Testing

/// Role plans from the first approval to what systems hold, through a hub in a process of its own.
@Suite("Role plans, approved and applied", .serialized)
struct RoleApplyTests {
    static let systems: Set<String> = ["skola24", "skolon", "tempus", "vega"]

    static func with(_ body: @Sendable (Rehearsal) async throws -> Void) async throws {
        try await RoleTests.with { rehearsal in
            let people = try await rehearsal.edlevo.truth(.person).keys.sorted().map { HeldAccount($0, .active) }
            for standIn in rehearsal.others.values { try await standIn.setAccounts(people) }
            await rehearsal.skolon?.setAccounts(people)
            try await Self.read(rehearsal)
            try await body(rehearsal)
        }
    }

    static func read(_ rehearsal: Rehearsal) async throws {
        for system in Self.systems.sorted() { try await rehearsal.snapshotRoles(of: system) }
    }

    static func plan(_ rehearsal: Rehearsal) async throws -> RolePlan {
        let reading = try await rehearsal.context.roleReading()
        return RolePlanner(
            policy: try rehearsal.context.rolePolicy(), population: reading.population, held: reading.held,
            date: HubClock.system.calendarDate
        ).plan(systems: Self.systems)
    }

    static func keep(_ rehearsal: Rehearsal, _ plan: RolePlan) async throws -> KeptRolePlan {
        try await rehearsal.context.keepRolePlan(plan, by: "maker")
    }

    static func roles(
        _ command: [String], _ rehearsal: Rehearsal, as person: String = "second"
    ) async throws -> Program.Outcome {
        try await Program.run(
            ["roles"] + command + ["--config", rehearsal.options.directory + "/knutpunkt.yaml", "--lang", "en"],
            environment: ["SUDO_USER": person])
    }

    /// What systems hold, as system, person, role and place.
    static func held(_ rehearsal: Rehearsal) async throws -> Set<String> {
        var held: Set<String> = []
        for system in Self.systems {
            for role in try await rehearsal.heldRoles(in: system) { held.insert("\(system) \(role)") }
        }
        return held
    }

    static func waitUntilApplied(_ rehearsal: Rehearsal, _ id: String) async throws {
        try await rehearsal.until { _ in try await rehearsal.context.rolePlan(id).kept.state == .applied }
    }

    @Test(.timeLimit(.minutes(8)))
    func `a plan goes on after a kill, is delivered whole, once, and can be undone`() async throws {
        try await Self.with { rehearsal in
            let plan = try await Self.plan(rehearsal)
            #expect(plan.steps.count > 20 && plan.steps.allSatisfy { $0.action == .grant })
            let kept = try await Self.keep(rehearsal, plan)
            // Not by its maker, and not before somebody has approved it.
            let early = try await Self.roles(["apply", kept.id], rehearsal)
            #expect(early.status == 66 && early.errors.contains("approvals"), "\(early)")
            let own = try await Self.roles(["approve", kept.id, "--reason", "mine"], rehearsal, as: "maker")
            #expect(own.status == 77, "\(own)")
            let approved = try await Self.roles(["approve", kept.id, "--reason", "seen"], rehearsal)
            #expect(approved.status == 0 && approved.output.contains("roles apply \(kept.id)"), "\(approved)")
            let dry = try await Self.roles(["apply", kept.id, "--dry-run"], rehearsal)
            #expect(dry.status == 0 && dry.output.contains("\(plan.steps.count) steps"), "\(dry)")
            #expect(try await Self.held(rehearsal).isEmpty)

            let begun = try await Self.roles(["apply", kept.id, "--no-wait"], rehearsal)
            #expect(begun.status == 0, "\(begun)")
            try await rehearsal.until { _ in
                try await rehearsal.context.rolePlan(kept.id).counts[.waiting] ?? 0 < plan.steps.count
            }
            await rehearsal.killHub()
            try rehearsal.startHub()
            try await rehearsal.waitUntilRunning()
            try await Self.waitUntilApplied(rehearsal, kept.id)
            try await rehearsal.settle()
            let shown = try await Self.roles(["show", kept.id, "--steps"], rehearsal)
            #expect(shown.status == 0 && shown.output.contains("\(plan.steps.count) delivered"), "\(shown)")
            #expect(try await Self.held(rehearsal).count == plan.steps.count)

            // What the systems tell makes the next plan empty.
            try await Self.read(rehearsal)
            let again = try await Self.plan(rehearsal).steps.map { "\($0.action.sign) \($0.key.name) \($0.key.scope) \($0.id)" }
            #expect(again == [])
            let verified = try await Self.roles(["verify", kept.id], rehearsal)
            #expect(verified.status == 0, "\(verified)")

            let undone = try await Self.roles(["undo", kept.id, "--json"], rehearsal)
            let undo = try JSONDecoder().decode(KeptRolePlan.self, from: Data(undone.output.utf8))
            #expect(undo.undoes == kept.id && undo.parts.reduce(0) { $0 + $1.revoked } == plan.steps.count)
            // Where it takes very many away, its maker and one more aren't enough.
            for (person, lacks) in [("third", undo.parts.contains { $0.approvers == 2 }), ("fourth", false)] {
                let approved = try await Self.roles(["approve", undo.id, "--reason", "back"], rehearsal, as: person)
                #expect(approved.status == 0 && approved.output.contains("more approval") == lacks, "\(approved)")
            }
            let back = try await Self.roles(["apply", undo.id], rehearsal)
            #expect(back.status == 0, "\(back.output) \(back.errors)")
            try await rehearsal.settle()
            #expect(try await Self.held(rehearsal).isEmpty)
            #expect(try await rehearsal.context.store.firstBrokenAuditEntry() == nil)
        }
    }

    @Test(.timeLimit(.minutes(5)))
    func `a plan whose world has moved is refused with the difference, and nothing is done`() async throws {
        try await Self.with { rehearsal in
            let plan = try await Self.plan(rehearsal)
            let kept = try await Self.keep(rehearsal, plan)
            let approved = try await Self.roles(["approve", kept.id, "--reason", "seen"], rehearsal)
            #expect(approved.status == 0, "\(approved)")
            let step = try #require(plan.steps.first { $0.key.name.system == "tempus" && $0.key.scope.kind == .unit })
            try await rehearsal.others[.tempus]?.giveByHand(
                HeldRole(step.key.person, step.key.name.role, .unit(step.key.scope.id)))
            try await Self.read(rehearsal)
            let refused = try await Self.roles(["apply", kept.id], rehearsal)
            #expect(refused.status == 1 && refused.output.contains("tempus/\(step.key.name.role)"), "\(refused)")
            #expect(refused.output.contains("+ → ~"), "\(refused)")
            #expect(try await rehearsal.context.rolePlan(kept.id).kept.state == .open)
            #expect(try await Self.held(rehearsal).count == 1)
            let stopped = try await Self.roles(["stop", kept.id], rehearsal)
            #expect(stopped.status == 0 && stopped.output.contains("stopped"), "\(stopped)")
            let unknown = try await Self.roles(["apply", "plan-none"], rehearsal)
            #expect(unknown.status == 66 && unknown.errors.contains("roles plans"), "\(unknown)")
            let swedish = try await Program.run(
                ["roles", "apply", "plan-none", "--config", rehearsal.options.directory + "/knutpunkt.yaml", "--lang", "sv"])
            #expect(swedish.status == 66 && swedish.errors.contains("Det finns ingen plan plan-none"), "\(swedish)")
        }
    }

    @Test(.timeLimit(.minutes(5)))
    func `a duty that has ended between plan and apply stops the plan, and shows whose role it is about`() async throws {
        try await Self.with { rehearsal in
            let plan = try await Self.plan(rehearsal)
            let kept = try await Self.keep(rehearsal, plan)
            let approved = try await Self.roles(["approve", kept.id, "--reason", "seen"], rehearsal)
            #expect(approved.status == 0, "\(approved)")
            let step = try #require(plan.steps.first { $0.reasons.contains { $0.source.entity == .duty } })
            let source = try #require(step.reasons.first { $0.source.entity == .duty }?.source)
            var duty = try #require(await rehearsal.edlevo.document(source))
            // Longer ago than any rule still gives something.
            duty["endDate"] = .string(
                "\(CalendarDate(daysSinceEpoch: HubClock.system.calendarDate.daysSinceEpoch - 60))")
            try await rehearsal.edlevo.upsert(.duty, duty)
            try await rehearsal.settle()
            let refused = try await Self.roles(["apply", kept.id], rehearsal)
            #expect(refused.status == 1 && refused.output.contains("isn't what it would be today"), "\(refused)")
            let line = refused.output.split(separator: "\n").first {
                $0.contains("+ →") && $0.contains("\(step.key.name)") && $0.contains(step.key.person)
            }
            #expect(line != nil, "\(refused.output)")
            #expect(try await rehearsal.context.rolePlan(kept.id).kept.state == .open)
            #expect(try await Self.held(rehearsal).isEmpty)
        }
    }
}
