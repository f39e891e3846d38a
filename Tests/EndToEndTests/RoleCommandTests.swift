import Foundation
import Hub
import KnutpunktApp
import Mapping
import Provisioning
import SchoolRecords
import StandIns
import Testing

/// The role commands over a register that was filled from Edlevo, and roles that Unikum has told of.
@Suite("Roles at the command line", .serialized)
struct RoleCommandTests {
    private static let today = HubClock.system.calendarDate
    /// The term that today is in.
    private static let term = "\(Self.today.month > 6 ? "HT" : "VT")\(Self.today.year)"

    private static func with(_ body: @Sendable (Rehearsal, [String]) async throws -> Void) async throws {
        try await TemporaryDirectory.with { directory in
            let options = Rehearsal.Options(
                scale: .custom(children: 60), seed: 11, directory: directory, mappings: Program.mappings, executable: Program.path
            )
            try await Rehearsal.with(options) { rehearsal in
                let inbox = directory + "/unikum-in"
                try FileManager.default.createDirectory(atPath: inbox, withIntermediateDirectories: true)
                let more = [
                    "--config", directory + "/knutpunkt.yaml", "--set", "systems.unikum.source.enabled=true", "--set",
                    "systems.unikum.source.drop_folder=\(inbox)", "--set", "systems.unikum.source.whole_when.unchanged_seconds=0",
                ]
                let sync = try await Program.run(["sync", "edlevo"] + more)
                #expect(sync.status == 0, "\(sync.errors)")
                // Everybody has an account, and nobody a role.
                let hidden = Set(rehearsal.municipality.protectedPersons.map(\.id))
                let accounts = try await rehearsal.edlevo.truth(.person).keys.filter { !hidden.contains($0) }.sorted()
                let text = (["person;status;roller;senast"] + accounts.map { "\($0);aktiv;;" }).joined(separator: "\n") + "\n"
                try Data(text.utf8).write(to: URL(fileURLWithPath: inbox + "/konton-1.csv"))
                try await body(rehearsal, more)
            }
        }
    }

    /// Unikum tells of roles: a line each.
    private static func tell(_ lines: [String], _ rehearsal: Rehearsal, _ more: [String]) async throws {
        let text = (["person;roll;niva;for;fran;till"] + lines).joined(separator: "\n") + "\n"
        try Data(text.utf8).write(to: URL(fileURLWithPath: rehearsal.options.directory + "/unikum-in/roller-1.csv"))
        let sync = try await Program.run(["sync", "unikum"] + more)
        #expect(sync.status == 0 && sync.output.contains("rolegrant: \(lines.count) read"), "\(sync.errors)\(sync.output)")
    }

    private static func plan(_ arguments: [String], _ more: [String]) async throws -> RolePlan {
        let outcome = try await Program.run(["roles", "plan", "--term", Self.term, "--json"] + arguments + more)
        #expect(outcome.status == 0 || outcome.status == 1, "\(outcome.errors)")
        return try RolePlan(json: JSONValue(parsing: Data(outcome.output.utf8)))
    }

    @Test(.timeLimit(.minutes(4)))
    func `a plan is made from what a system has told, and is empty when it has told that all is as it should be`() async throws {
        try await Self.with { rehearsal, more in
            // Before Unikum has told anything nobody knows what it holds.
            let blind = try await Program.run(["roles", "plan", "--term", Self.term] + more)
            #expect(blind.status == 0 && blind.output.contains("Not complete") && blind.output.contains("unikum"), "\(blind)")
            let stranger = try #require(try await rehearsal.edlevo.truth(.person).keys.min())
            try await Self.tell(["\(stranger);kommunadministratör;kommun;kommun;;"], rehearsal, more)
            let plan = try await Self.plan(["--system", "unikum"], more)
            #expect(plan.isComplete && !plan.steps.isEmpty && plan.steps.allSatisfy { $0.action == .grant })
            let roles = Set(plan.steps.map(\.key.name.role))
            #expect(roles.isSuperset(of: ["pedagog", "personal", "mentor"]), "\(roles)")
            #expect(plan.kept.map(\.key.name.role) == ["kommunadministratör"])
            let summary = try await Program.run(["roles", "plan", "--term", Self.term, "--system", "unikum"] + more)
            #expect(summary.status == 1 && summary.output.contains("+\(plan.steps.count) granted"), "\(summary.output)")
            // What Unikum has been given it tells of; then only the rest is left to do.
            func line(_ key: GrantKey) -> String {
                let level =
                    switch key.scope.kind {
                    case .municipality: "kommun;kommun"
                    case .unit: "skola;\(key.scope.id)"
                    case .group: "klass;\(key.scope.id)"
                    case .pupil: "elev;\(key.scope.id)"
                    }
                return "\(key.person);\(key.name.role);\(level);;"
            }
            let orphan = "\(stranger);kommunadministratör;kommun;kommun;;"
            let atSchool = plan.steps.filter { $0.key.scope.kind == .unit }
            try await Self.tell([orphan] + atSchool.map { line($0.key) }, rehearsal, more)
            let rest = try await Self.plan(["--system", "unikum"], more)
            #expect(rest.kept.count == 1 + atSchool.count && rest.steps.count == plan.steps.count - atSchool.count)
            #expect(plan.staleness(against: rest).isStale)
            #expect(!plan.staleness(against: rest, taken: Set(atSchool.map(\.id))).isStale)
            try await Self.tell([orphan] + plan.steps.map { line($0.key) }, rehearsal, more)
            let over = try await Program.run(["roles", "plan", "--term", Self.term, "--system", "unikum"] + more)
            #expect(over.status == 0 && over.output.contains("+0 granted, ~0 changed, -0 revoked"), "\(over.output)")
        }
    }

    @Test(.timeLimit(.minutes(4)))
    func `who, why, why not, review and readiness say what the plan says, and looks are written down`() async throws {
        try await Self.with { rehearsal, more in
            let people = try await rehearsal.edlevo.truth(.person).keys.sorted()
            try await Self.tell(
                ["\(people[0]);kommunadministratör;kommun;kommun;;", "gone;pedagog;skola;\(people[1]);;"], rehearsal, more)
            let plan = try await Self.plan(["--system", "unikum"], more)
            let teacher = try #require(plan.steps.first { $0.key.name.role == "pedagog" })
            let why = try await Program.run(["roles", "explain", teacher.key.person, "--reason", "case 1"] + more)
            let reason = try #require(teacher.reasons.first)
            #expect(why.status == 0 && why.output.contains("+ unikum/pedagog"), "\(why.errors)")
            #expect(why.output.contains("\(reason.rule) (\(try #require(reason.place))) ← duty/"), "\(why.output)")
            let staff = Set(try await rehearsal.edlevo.truth(.duty).values.compactMap { $0["person"]?["id"]?.stringValue })
            let hidden = Set(rehearsal.municipality.protectedPersons.map(\.id))
            let guardian = try #require(people.first { !staff.contains($0) && !hidden.contains($0) })
            let whyNot = try await Program.run(
                ["roles", "explain", guardian, "--system", "skola24", "--why-not", "rektor", "--reason", "case 1"]
                    + more)
            #expect(whyNot.status == 1 && whyNot.output.contains("heads-of-schools"), "\(whyNot.output)")
            #expect(whyNot.output.contains("no record of the kind duty"), "\(whyNot.output)")
            let who = try await Program.run(["roles", "who", "pedagog", "--system", "unikum", "--json"] + more)
            let entries = try #require(try JSONValue(parsing: Data(who.output.utf8)).arrayValue)
            #expect(entries.count == plan.entries.filter { $0.key.name.role == "pedagog" }.count)
            let review = try await Program.run(["roles", "review", "--system", "unikum"] + more)
            #expect(review.status == 1 && review.output.contains("kommunadministratör"), "\(review.output)")
            #expect(review.output.contains("has left: 1") && review.output.contains("gone  unikum/pedagog"), "\(review.output)")
            let ready = try await Program.run(["roles", "ready", "--term", Self.term, "--json"] + more)
            let answer = try JSONValue(parsing: Data(ready.output.utf8))
            #expect(ready.status == 1 && answer["ready"] == 0 && (answer["staff"]?.integerValue ?? 0) > 3, "\(ready.output)")
            let check = try await Program.run(["roles", "check", "--register"] + more)
            #expect(check.output.contains("applies to nobody today") || check.status == 0, "\(check.output)\(check.errors)")
            let audit = try await Program.run(["audit", "--json"] + more)
            for word in ["person.roles", "roles.plan", "roles.who", "roles.review", "roles.ready"] {
                #expect(audit.output.contains("\"\(word)\""), "\(word)")
            }
        }
    }

    @Test(.timeLimit(.minutes(4)))
    func `names are shown when they are asked for, and never those of protected persons`() async throws {
        try await Self.with { rehearsal, more in
            try await Self.tell(["nobody;kommunadministratör;kommun;kommun;;"], rehearsal, more)
            let people = try await rehearsal.edlevo.truth(.person)
            func name(_ id: String) -> String? {
                people[id].flatMap { record in
                    record["familyName"]?.stringValue.map { "\(record["givenName"]?.stringValue ?? "") \($0)" }
                }
            }
            let plan = try await Self.plan(["--system", "unikum"], more)
            let teacher = try #require(plan.steps.first { $0.key.name.role == "pedagog" }?.key.person)
            let teacherName = try #require(name(teacher))
            let hidden = rehearsal.municipality.protectedPersons.map(\.id)
            #expect(!hidden.isEmpty)
            for form in ["--list", "--csv", "--html", "--json"] {
                let bare = try await Program.run(["roles", "plan", "--term", Self.term, "--system", "unikum", form] + more)
                #expect(bare.status == 1 && bare.output.contains(teacher) && !bare.output.contains(teacherName), "\(form)")
                let named = try await Program.run(
                    ["roles", "plan", "--term", Self.term, "--system", "unikum", form, "--names"] + more)
                #expect(form == "--json" || named.output.contains(teacherName), "\(form)")
                for id in hidden {
                    #expect(!named.output.contains(id), "\(form)")
                    if let secret = name(id) { #expect(!named.output.contains(secret), "\(form)") }
                }
            }
            let protected = try #require(hidden.first)
            let look = try await Program.run(["roles", "explain", protected, "--reason", "case 2"] + more)
            #expect(look.status == 0 && look.output.contains("nothing is shown"), "\(look.output)\(look.errors)")
        }
    }

    @Test(.timeLimit(.minutes(2)))
    func `the policy is checked without a register, and what is wrong is told with status and place`() async throws {
        try await TemporaryDirectory.with { directory in
            let path = try Program.configuration(directory, "permissions:\n  anna: {replay: unikum}\n")
            let check = try await Program.run(["roles", "check", "--config", path])
            #expect(check.status == 0 && check.output.contains("0 remarks"), "\(check.output)\(check.errors)")
            let other = directory + "/other.yaml"
            let gift = "give: [{system: unikum, role: personal, scope: unit}]"
            try Data("rules: [{name: a, from: duty, when: {duty_role: Rektor}, \(gift)}]".utf8).write(
                to: URL(fileURLWithPath: other))
            let remarks = try await Program.run(["roles", "check", "--policy", other, "--config", path])
            #expect(remarks.status == 1 && remarks.output.contains("the duty role 'Lärare' gives nothing anywhere"))
            try Data("rules: [{name: a, from: dutty, \(gift)}]".utf8).write(to: URL(fileURLWithPath: other))
            let broken = try await Program.run(["roles", "check", "--policy", other, "--config", path])
            #expect(broken.status == 78 && broken.errors.contains("\(other):1:25: error: unknown kind of record 'dutty'"))
            for (arguments, status) in [
                (["plan", "--term", "2026HT"], Int32(64)), (["plan"], 64),
                (["plan", "--term", "HT2026", "--system", "unicum"], 64),
                (["plan", "--term", "HT2026", "--unit", "nowhere"], 66),
                (["plan", "--term", "HT2026", "--policy", "/nowhere"], 66),
                (["who", "rektorn", "--system", "skola24"], 66), (["explain", "p", "--why-not", "rektor", "--reason", "r"], 64),
                (["plan", "--term", "HT2026", "--list"], 77), (["review"], 77), (["ready", "--term", "HT2026", "--names"], 77),
                (["explain", "p", "--reason", "r"], 77), (["who", "rektor", "--system", "skola24"], 77),
            ] {
                let outcome = try await Program.run(
                    ["roles"] + arguments + ["--config", path], environment: ["SUDO_USER": "anna"])
                #expect(outcome.status == status, "\(arguments): \(outcome.errors)")
            }
        }
    }
}
