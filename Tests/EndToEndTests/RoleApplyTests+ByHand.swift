import Foundation
import Hub
import KnutpunktApp
import Mapping
import Provisioning
import SchoolRecords
import StandIns
import Testing

/// Roles given and denied by hand.
extension RoleApplyTests {
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
