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
    private static let systems: Set<String> = ["skola24", "skolon", "tempus", "vega"]

    private static func with(_ body: @Sendable (Rehearsal) async throws -> Void) async throws {
        try await RoleTests.with { rehearsal in
            let people = try await rehearsal.edlevo.truth(.person).keys.sorted().map { HeldAccount($0, .active) }
            for standIn in rehearsal.others.values { try await standIn.setAccounts(people) }
            await rehearsal.skolon?.setAccounts(people)
            try await Self.read(rehearsal)
            try await body(rehearsal)
        }
    }

    private static func read(_ rehearsal: Rehearsal) async throws {
        for system in Self.systems.sorted() { try await rehearsal.snapshotRoles(of: system) }
    }

    private static func plan(_ rehearsal: Rehearsal) async throws -> RolePlan {
        let reading = try await rehearsal.context.roleReading()
        return RolePlanner(
            policy: try rehearsal.context.rolePolicy(), population: reading.population, held: reading.held,
            date: HubClock.system.calendarDate
        ).plan(systems: Self.systems)
    }

    private static func keep(_ rehearsal: Rehearsal, _ plan: RolePlan) async throws -> KeptRolePlan {
        try await rehearsal.context.keepRolePlan(plan, by: "maker")
    }

    private static func roles(
        _ command: [String], _ rehearsal: Rehearsal, as person: String = "second"
    ) async throws -> Program.Outcome {
        try await Program.run(
            ["roles"] + command + ["--config", rehearsal.options.directory + "/knutpunkt.yaml", "--lang", "en"],
            environment: ["SUDO_USER": person])
    }

    /// What systems hold, as system, person, role and place.
    private static func held(_ rehearsal: Rehearsal) async throws -> Set<String> {
        var held: Set<String> = []
        for system in Self.systems {
            for role in try await rehearsal.heldRoles(in: system) { held.insert("\(system) \(role)") }
        }
        return held
    }

    private static func waitUntilApplied(_ rehearsal: Rehearsal, _ id: String) async throws {
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
            let second = try await Self.roles(["approve", undo.id, "--reason", "back"], rehearsal, as: "third")
            #expect(second.status == 0, "\(second)")
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
            #expect(try await rehearsal.context.rolePlan(kept.id).kept.state == .open)
            #expect(try await Self.held(rehearsal).count == 1)
            let stopped = try await Self.roles(["stop", kept.id], rehearsal)
            #expect(stopped.status == 0 && stopped.output.contains("stopped"), "\(stopped)")
            let unknown = try await Self.roles(["apply", "plan-none"], rehearsal)
            #expect(unknown.status == 66 && unknown.errors.contains("roles plans"), "\(unknown)")
        }
    }

    @Test(.timeLimit(.minutes(5)))
    func `a role given by hand is planned, explained with its plan, told of a day, and goes when it is withdrawn`() async throws {
        try await Self.with { rehearsal in
            let today = HubClock.system.calendarDate
            let (tomorrow, yesterday) = (
                CalendarDate(daysSinceEpoch: today.daysSinceEpoch + 1), CalendarDate(daysSinceEpoch: today.daysSinceEpoch - 1)
            )
            let hidden = Set(rehearsal.municipality.protectedPersons.map(\.id))
            let person = try #require(
                try await rehearsal.edlevo.truth(.duty).values.compactMap { $0["person"]?["id"]?.stringValue }
                    .filter { !hidden.contains($0) }.min())
            func decide(_ command: [String]) async throws -> Program.Outcome {
                try await Self.roles(command + ["--reason", "runs the exam week"], rehearsal)
            }
            let role = "tempus/superadministratör"
            // What can't be is told with what can.
            for (command, status, word) in [
                (["give", person, "tempus/nobody", "--until", "\(tomorrow)"], Int32(66), "superadministratör"),
                (["give", person, role, "--until", "\(yesterday)"], 66, "--until"),
                (["give", person, role, "--until", "\(tomorrow)", "--unit", "x", "--group", "y"], 64, "--unit"),
                (["give", person, role, "--until", "\(tomorrow)", "--unit", "nowhere"], 66, "nowhere"),
                (["give", person, "tempus/personal", "--until", "\(tomorrow)"], 66, "--unit"),
                (["give", "nobody", role, "--until", "\(tomorrow)"], 66, "no such person"),
                (["deny", person, "unikum/elev"], 66, "comes with records"),
                (["give", try #require(hidden.min()), role, "--until", "\(tomorrow)"], 77, "protected"),
                (["withdraw", "decision-1"], 66, "roles decisions"),
            ] {
                let outcome = try await decide(command)
                #expect(outcome.status == status && outcome.errors.contains(word), "\(command): \(outcome)")
            }
            let given = try await decide(["give", person, role, "--until", "\(tomorrow)"])
            #expect(given.status == 0 && given.output.contains("decision-1") && given.output.contains("roles plan"), "\(given)")
            let plan = try await Self.plan(rehearsal)
            let step = try #require(plan.steps.first { $0.key.name.description == role })
            #expect(step.key.person == person && step.reasons.map(\.rule) == ["decision-1"])
            let kept = try await Self.keep(rehearsal, plan)
            #expect(try await Self.roles(["approve", kept.id, "--reason", "seen"], rehearsal).status == 0)
            #expect(try await Self.roles(["apply", kept.id], rehearsal, as: "third").status == 0)
            try await Self.read(rehearsal)
            let why = try await decide(["explain", person, "--system", "tempus"])
            #expect(
                why.output.contains("by hand (decision-1, second: runs the exam week)")
                    && why.output.contains("\(kept.id), made by maker, approved by second, applied by third"), "\(why)")
            let history = try await decide(["history", person, "--at", "\(today)"])
            #expect(history.output.contains(role) && history.output.contains(kept.id), "\(history)")
            let before = try await decide(["history", person, "--at", "\(yesterday)"])
            #expect(before.status == 0 && !before.output.contains(role), "\(before)")
            let review = try await Self.roles(["review", "--system", "tempus"], rehearsal)
            #expect(review.output.contains("until \(tomorrow)"), "\(review)")
            let ending = try await Self.roles(["decisions", "--ending", "3"], rehearsal)
            #expect(ending.output.contains("decision-1"), "\(ending)")
            #expect(try await decide(["withdraw", "decision-1"]).status == 0)
            let after = try await Self.plan(rehearsal).steps
            #expect(after.map { "\($0.action.sign) \($0.key.name)" } == ["- \(role)"])
            let over = try await Self.roles(["decisions", "--all", "--person", person], rehearsal)
            #expect(over.output.contains("withdrawn"), "\(over)")
            // Whoever becomes protected is planned nothing by the id that the decision names.
            _ = try await decide(["give", person, role, "--until", "\(tomorrow)"])
            _ = try await rehearsal.edlevo.setSecurityMarking(.secrecyMark, of: person)
            try await rehearsal.settle()
            #expect(try await Self.plan(rehearsal).steps.filter { $0.key.person == person && $0.action != .revoke }.isEmpty)
        }
    }
}
