import ArgumentParser
import Hub
import KnutpunktApp
import Mapping
import Provisioning
import SchoolRecords

struct RolesWho: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "who",
        abstract: "Who has a role in a system, or shall have it.",
        discussion: """
            Examples:
              knutpunkt roles who rektor --system skola24
              knutpunkt roles who pedagog --system unikum --unit 12345678 --names

            Exit status: 0 told; 64 wrong use; 66 no such role or school; 77 not allowed.
            """)
    @Argument(help: "The role, as Mappings/roles names it.") var name: String
    @Option(help: "The system.") var system: String
    @Option(help: "Only this school: school unit code, name or id; a school brings its units. May be given several times.")
    var unit: [String] = []
    @Option(help: "The day, yyyy-MM-dd. Default: today.") var at: CalendarDate?
    @Flag(help: "Name persons instead of giving their ids.") var names = false
    @Flag(help: "As JSON.") var json = false
    @OptionGroup var options: HubOptions

    func run() async throws {
        let context = try await self.options.context()
        let language = self.options.language
        let policy = try context.rolePolicy()
        let name = RoleName(system: self.system, role: self.name)
        guard policy.vocabulary.role(name) != nil else {
            let known = policy.vocabulary.catalogs[self.system]?.roles.keys.sorted().joined(separator: ", ") ?? "-"
            throw AppError(
                .notFound,
                language(
                    sv: "Det finns ingen roll \(name) i Mappings/roles. Det finns: \(known)",
                    en: "There is no role \(name) in Mappings/roles. There are: \(known)"))
        }
        try await context.require(.see, on: [self.system], by: operatorName)
        let units = try await context.units(named: self.unit)
        try await context.lookAtRoles("who", systems: [self.system], by: operatorName)
        let reading = try await context.roleReading(withNames: self.names)
        let planner = RolePlanner(
            policy: policy, population: reading.population, held: reading.held, date: self.at ?? HubClock.system.calendarDate)
        let entries = planner.who(name).filter { units == nil || ($0.unit.map { units?.contains($0) ?? false } ?? false) }
        let words = RoleWords(language, reading)
        if self.json {
            return say(try ReadableJSON.text(entries.filter { !reading.protectedPersons.contains($0.key.person) }.map(\.json)))
        }
        for entry in entries {
            say(
                "\(entry.action.sign) \(words.person(entry.key.person))  \(words.scope(entry.key.scope))  (\(words.action(entry.action)))"
            )
        }
        say(language(sv: "\(entries.count) personer och platser", en: "\(entries.count) persons and places"))
    }
}

struct RolesReview: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "review",
        abstract: "Access that no rule gives: orphans, leavers, substitutes whose duty has ended, what was given by hand.",
        discussion: """
            For certification: somebody goes through the list and decides. Nothing is changed.

            Examples:
              knutpunkt roles review
              knutpunkt roles review --system unikum --unit 12345678 --names

            Exit status: 0 nothing to look at; 1 something; 66 no such school or policy; 77 not allowed.
            """)
    @OptionGroup var role: RoleOptions
    @Flag(help: "Name persons instead of giving their ids.") var names = false
    @Flag(help: "As JSON.") var json = false
    @OptionGroup var options: HubOptions

    private struct Finding: Encodable {
        let kind: String, person: String, system: String, role: String, scope: String, unit: String?, cause: String?
    }

    func run() async throws {
        let context = try await self.options.context()
        let language = self.options.language
        try await context.require(.see, on: Set(self.role.system), by: operatorName)
        try await context.lookAtRoles("review", systems: Set(self.role.system), by: operatorName)
        let question = try await self.role.read(context, withNames: self.names, language: language)
        let found = question.planner.review(systems: question.systems, units: question.units)
        let words = question.words
        if self.json {
            say(
                try ReadableJSON.text(
                    found.map { finding in
                        Finding(
                            kind: finding.kind.rawValue, person: words.person(finding.key.person),
                            system: finding.key.name.system,
                            role: finding.key.name.role, scope: finding.key.scope.description, unit: finding.unit,
                            cause: finding.cause.map(words.cause))
                    }))
        } else {
            for kind in RoleFinding.Kind.allCases {
                let own = found.filter { $0.kind == kind }
                guard !own.isEmpty else { continue }
                say("\(words.finding(kind)): \(own.count)")
                for finding in own {
                    let end = finding.last.map { language(sv: "  till och med \($0)", en: "  until \($0)") } ?? ""
                    let cause = (finding.cause.map { "  \(words.cause($0))" } ?? "") + end
                    say("  \(words.person(finding.key.person))  \(finding.key.name)  \(words.scope(finding.key.scope))\(cause)")
                }
            }
            if found.isEmpty { say(language(sv: "Inget att se på.", en: "Nothing to look at.")) }
        }
        if !found.isEmpty { throw ExitCode(1) }
    }
}
