import ArgumentParser
import Foundation
import Hub
import KnutpunktApp
import Mapping
import Provisioning
import SchoolRecords

struct RolesExplain: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "explain",
        abstract: "Why somebody has a role, or doesn't: source record, rule, and what is in the way.",
        discussion: """
            With --why-not, the rules that give the role, those first that the person comes nearest to, each with the first
            condition that fails. Each look is written into the audit log with its reason.

            Examples:
              knutpunkt roles explain 9d2c7a52-0a0e-4a0c-8d5e-6f3b8c1f2a11 --reason "case 4711"
              knutpunkt roles explain 9d2c7a52-0a0e-4a0c-8d5e-6f3b8c1f2a11 --system unikum --why-not mentor --reason "case 4711"

            Exit status: 0 told; with --why-not 1 when the person doesn't get the role; 64 wrong use; 66 no such person.
            """)

    @Argument(help: "The person's id.") var person: String
    @Option(help: "Only this system.") var system: String?
    @Option(help: "A role that is missing; with --system.") var whyNot: String?
    @Option(help: "The day, yyyy-MM-dd. Default: today.") var at: CalendarDate?
    @Option(help: "Another policy than Mappings/roles.yaml: what if.") var policy: String?
    @Option(help: "Why you look: kept in the audit log. No personal data.") var reason: String
    @Flag(help: "As JSON.") var json = false
    @OptionGroup var options: HubOptions

    func validate() throws {
        if self.whyNot != nil, self.system == nil { throw ValidationError("--why-not ROLE needs --system SYSTEM.") }
    }

    func run() async throws {
        let context = try await self.options.context()
        let language = self.options.language
        let today = HubClock.system.calendarDate
        try requireReason(self.reason, language)
        let id = try personID(self.person, language)
        try await context.require(.see, on: Set([self.system].compactMap { $0 }), by: operatorName)
        guard try await !context.lookAtRoles(of: id, reason: self.reason, by: operatorName) else {
            return say(
                language(
                    sv: "Personen har skyddad identitet: här visas inget.",
                    en: "The person's identity is protected: nothing is shown here."))
        }
        let policy = try context.rolePolicy(self.policy)
        let reading = try await context.roleReading()
        let planner = RolePlanner(
            policy: policy, population: reading.population, held: reading.held, date: self.at ?? today)
        let words = RoleWords(language, reading)
        if let system, let whyNot {
            let role = try policy.known(RoleName(system: system, role: whyNot))
            return try self.answer(planner.whyNot(id, role), words)
        }
        let entries = planner.explain(id, system: self.system)
        let origins = try await context.roleOrigins(of: id, entries)
        if self.json {
            return say(
                try ReadableJSON.text(
                    entries.map { entry in
                        guard let origin = origins.origin(of: entry.key), case .object(var members) = entry.json else {
                            return entry.json
                        }
                        members["origin"] = try JSONValue(parsing: Data(ReadableJSON.text(origin).utf8))
                        return .object(members)
                    }))
        }
        if entries.isEmpty {
            say(
                language(
                    sv: "Policyn ger inget, och systemen har inget.", en: "The policy gives nothing, and systems hold nothing."))
        }
        for role in RoleExplanationText(words, policy).told(entries, origins) { self.show(role) }
    }

    private func answer(_ answer: RoleAnswer, _ words: RoleWords) throws {
        let text = RoleExplanationText(words)
        if self.json {
            say(try ReadableJSON.text(text.json(answer)))
        } else {
            let told = text.told(answer)
            say(told.heading)
            for role in told.roles { self.show(role) }
        }
        if case .given = answer { return }
        throw ExitCode(1)
    }

    private func show(_ role: ToldRole) {
        say("\(role.sign ?? " ") \(role.title)")
        for line in role.details { say("    \(line)") }
    }
}
