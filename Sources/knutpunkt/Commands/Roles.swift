import ArgumentParser
import ConnectorKit
import Foundation
import Hub
import KnutpunktApp
import Mapping
import Provisioning
import SchoolRecords

struct Roles: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Who gets which role in which system: check the policy, plan, approve, apply, explain, review.",
        discussion: """
            Mappings/roles.yaml says what follows from duties, enrolments and guardianships; docs/roles.md tells how to read and
            write it. Nothing changes in a system until somebody else than its maker has approved a plan, and it is applied.

            Examples:
              knutpunkt roles check
              knutpunkt roles plan --term HT2026
              knutpunkt roles plan --term HT2026 --unit 12345678 --list
              knutpunkt roles plan --term HT2026 --keep
              knutpunkt roles approve plan-1f2e3d4c5b6a7988 --reason "seen with the heads"
              knutpunkt roles apply plan-1f2e3d4c5b6a7988
              knutpunkt roles explain 9d2c7a52-0a0e-4a0c-8d5e-6f3b8c1f2a11 --reason "case 4711"
              knutpunkt roles ready --term HT2026
            """,
        subcommands: [
            RolesCheck.self, RolesPlan.self, RolesPlans.self, RolesShow.self, RolesApprove.self, RolesApply.self,
            RolesVerify.self, RolesUndo.self, RolesStop.self, RolesExplain.self, RolesHistory.self, RolesWho.self,
            RolesReview.self, RolesReady.self, RolesGive.self, RolesDeny.self, RolesDecisions.self, RolesWithdraw.self,
            RolesSchedule.self,
        ])
}

/// What commands on plans take.
struct RoleOptions: ParsableArguments {
    @Option(help: "The day, yyyy-MM-dd. Default: today; with --term the day of the term that is nearest to today.")
    var at: CalendarDate?
    @Option(help: "Only this system; may be given several times.") var system: [String] = []
    @Option(help: "Only this school: school unit code, name or id; a school brings its units. May be given several times.")
    var unit: [String] = []
    @Option(help: "Another policy than Mappings/roles.yaml: what if.") var policy: String?

    func read(_ context: HubContext, term: String? = nil, withNames: Bool, language: Language) async throws -> RoleQuestion {
        do {
            return try await context.roleQuestion(
                term: term, at: self.at, systems: Set(self.system), units: self.unit, policy: self.policy, withNames: withNames,
                in: language)
        } catch let problem as RoleQuestion.Problem {
            throw ValidationError(language(sv: problem.text.sv, en: problem.text.en))
        }
    }
}

/// Writes to a file, or to standard output without one.
func tell(_ text: String, to file: String?, language: Language) throws {
    guard let file, file != "-" else { return say(text) }
    try write(text, to: file)
    say(language(sv: "Skrev \(file)", en: "Wrote \(file)"))
}

struct RolesCheck: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: "Tell rules that never apply, overlap or contradict, and duty roles and title codes that give nothing.",
        discussion: """
            Examples:
              knutpunkt roles check
              knutpunkt roles check --policy /tmp/roles.yaml
              knutpunkt roles check --register

            Exit status: 0 nothing to remark on; 1 something; 66 no roles.yaml; 78 the policy can't be read.
            """)
    @Option(help: "Another policy than Mappings/roles.yaml.") var policy: String?
    @Flag(help: "Also hold it against the register: rules that apply to nobody today, and duties that nothing follows from.")
    var register = false
    @Flag(help: "As JSON.") var json = false
    @OptionGroup var options: HubOptions

    private struct Finding: Encodable { let file: String, line: Int, column: Int, message: String, hint: String? }

    func run() async throws {
        let load = try await self.options.configuration().loadMappings()
        guard let set = load.set else {
            throw AppError(.mappings, load.diagnostics.map(\.description).joined(separator: "\n"))
        }
        let policy = try set.rolePolicy(self.policy)
        var found = policy.review()
        if self.register { found += try await self.remarks(policy) }
        if self.json {
            say(
                try ReadableJSON.text(
                    found.map { Finding(file: $0.file, line: $0.line, column: $0.column, message: $0.message, hint: $0.hint) }))
        } else {
            for diagnostic in found { say(diagnostic.description) }
            let roles = policy.vocabulary.catalogs.values.reduce(0) { $0 + $1.roles.count }
            say(
                self.options.language(
                    sv: "\(policy.rules.count) regler, \(roles) roller i \(policy.vocabulary.catalogs.count) system, "
                        + "version \(policy.version): \(found.count) anmärkningar",
                    en: "\(policy.rules.count) rules, \(roles) roles in \(policy.vocabulary.catalogs.count) systems, "
                        + "version \(policy.version): \(found.count) remarks"))
        }
        if !found.isEmpty { throw ExitCode(1) }
    }

    /// What the policy comes to for the people in the register.
    private func remarks(_ policy: RolePolicy) async throws -> [Diagnostic] {
        let context = try await self.options.context()
        let reading = try await context.roleReading()
        let coverage = RolePlanner(
            policy: policy, population: reading.population, held: reading.held, date: HubClock.system.calendarDate
        ).coverage()
        let language = self.options.language
        let file = policy.rules.first?.place.file ?? "roles.yaml"
        let idle = policy.rules.filter { coverage.rules[$0.name] == 0 }.map { rule in
            Diagnostic(
                .warning,
                language(sv: "regeln '\(rule.name)' gäller ingen i dag", en: "the rule '\(rule.name)' applies to nobody today"),
                file: rule.place.file, line: rule.place.line, column: rule.place.column)
        }
        let silent = coverage.silent.sorted { $0.key < $1.key }.map { duty, count in
            let what = "\(duty.dutyRole)\(duty.titleCode.map { " \($0)" } ?? "")"
            return Diagnostic(
                .warning,
                language(
                    sv: "inget följer av \(count) tjänster i dag: \(what)",
                    en: "nothing follows from \(count) duties today: \(what)"),
                file: file, line: 1, column: 1)
        }
        let unknown = coverage.unknownTitles.sorted { $0.key < $1.key }.map { code, count in
            Diagnostic(
                .warning,
                language(
                    sv: "\(count) tjänster har befattningskod \(code), som saknas",
                    en: "\(count) duties have the title code \(code), which isn't there"),
                file: "codes/title_code.csv", line: 1, column: 1,
                hint: language(sv: "lägg till en rad", en: "add a row"))
        }
        return idle + silent + unknown
    }
}
