import Foundation
import Hub
import KnutpunktApp
import Mapping
import Provisioning
import SchoolRecords
import StandIns
import Testing

/// A mistake in the policy, from the check to the second person.
@Suite("A policy typo that would take roles from very many", .serialized)
struct RoleTypoTests {
    @Test(.timeLimit(.minutes(8)))
    func `a typo that would revoke 900 roles is warned of, marked, and stopped until two persons beside its maker agree`()
        async throws
    {
        try await TemporaryDirectory.with { directory in
            var options = Rehearsal.Options(
                scale: .custom(children: 700), seed: 3, directory: directory, mappings: Program.mappings,
                executable: Program.path)
            options.others = [.skola24]
            try await Rehearsal.with(options) { rehearsal in
                func run(_ command: [String], as person: String = "maker") async throws -> Program.Outcome {
                    try await Program.run(
                        command + ["--config", directory + "/knutpunkt.yaml", "--lang", "en"],
                        environment: ["SUDO_USER": person])
                }
                let skola24 = try #require(rehearsal.others[.skola24])
                let sync = try await run(["sync", "edlevo"])
                #expect(sync.status == 0, "\(sync.errors)")
                let people = try await rehearsal.edlevo.truth(.person).keys.sorted().map { HeldAccount($0, .active) }
                try await skola24.setAccounts(people)
                _ = try await rehearsal.snapshotRoles(of: "skola24")
                // Skola24 holds what the policy gives.
                let planning = ["roles", "plan", "--at", "\(rehearsal.municipality.today)", "--system", "skola24"]
                let first = try await run(planning + ["--json"])
                let given = try RolePlan(json: JSONValue(parsing: Data(first.output.utf8)))
                for step in given.steps {
                    let scope: HeldRole.Scope =
                        step.key.scope.kind == .pupil ? .pupil(step.key.scope.id) : .unit(step.key.scope.id)
                    try await skola24.giveByHand(
                        HeldRole(
                            step.key.person, step.key.name.role, scope, from: step.after?.startDate, to: step.after?.endDate))
                }
                _ = try await rehearsal.snapshotRoles(of: "skola24")
                let even = try await run(planning)
                #expect(even.status == 0, "\(even.output)")
                let guardians = given.steps.count { $0.key.name.role == "förälder" }
                #expect(guardians > 900, "\(guardians)")
                let before = await skola24.roles

                let path = rehearsal.mappingsDirectory + "/roles.yaml"
                let text = try String(contentsOfFile: path, encoding: .utf8)
                // What is in no list is refused at once, with its place.
                try Data(text.replacing("[Rektor]", with: "[Rektorn]").utf8).write(to: URL(fileURLWithPath: path))
                let misspelt = try await run(["roles", "check"])
                #expect(misspelt.status == 78 && misspelt.errors.contains("Rektorn"), "\(misspelt)")
                #expect(misspelt.errors.contains("roles.yaml:"), "\(misspelt)")
                // A condition that nobody fulfils is well formed: a digit too many in the year of school.
                let rule = "      relation: [Vårdnadshavare]\n      school_type: [FKLASS, GR,"
                #expect(text.contains(rule))
                let typo = text.replacing(rule, with: "      school_year: {at_least: 11, at_most: 19}\n" + rule)
                try Data(typo.utf8).write(to: URL(fileURLWithPath: path))
                let check = try await run(["roles", "check", "--register"])
                #expect(
                    check.status == 1 && check.output.contains("'guardians-of-pupils' applies to nobody today"), "\(check)")

                let marked = try await run(planning + ["--keep"])
                #expect(marked.status == 1 && marked.output.contains("-\(guardians) revoked"), "\(marked.output)")
                #expect(marked.output.contains("many revocations"), "\(marked.output)")
                let kept = try #require(try await rehearsal.context.store.rolePlans(limit: 1).first)
                #expect(kept.parts.allSatisfy { $0.approvers == 2 }, "every school is part of the mass")
                let own = try await run(["roles", "approve", kept.id, "--reason", "mine"])
                #expect(own.status == 77 && own.errors.contains("somebody else"), "\(own)")
                for attempt in ["once", "twice by the same"] {
                    let approved = try await run(["roles", "approve", kept.id, "--reason", attempt], as: "second")
                    #expect(approved.status == 0 && approved.output.contains("1 more approval"), "\(approved)")
                    let refused = try await run(["roles", "apply", kept.id], as: "second")
                    #expect(refused.status == 66 && refused.errors.contains("1 more approval"), "\(refused)")
                }
                #expect(await skola24.roles == before)
                let agreed = try await run(["roles", "approve", kept.id, "--reason", "agreed"], as: "third")
                #expect(agreed.status == 0 && agreed.output.contains("roles apply \(kept.id)"), "\(agreed)")
                let dry = try await run(["roles", "apply", kept.id, "--dry-run"], as: "third")
                #expect(dry.status == 0 && dry.output.contains("\(guardians) steps"), "\(dry)")
                // Put right before anybody applied it: the approvals are of what nobody wants any more.
                try Data(text.utf8).write(to: URL(fileURLWithPath: path))
                let late = try await run(["roles", "apply", kept.id], as: "third")
                #expect(late.status == 1 && late.output.contains("roles.yaml has been changed"), "\(late)")
                #expect(await skola24.roles == before)
            }
        }
    }
}
