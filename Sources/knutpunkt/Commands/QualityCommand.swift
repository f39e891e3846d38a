public import ArgumentParser
import Foundation
import Hub
import KnutpunktApp
import Mapping
public import Reconciliation
import SchoolRecords

struct QualityCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "quality", abstract: "What the sources lack, told to those who must put it right.",
        subcommands: [QualityShow.self, QualityRules.self], defaultSubcommand: QualityShow.self)
}

struct QualityShow: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show", abstract: "What the latest run found, by school, owner and rule.",
        discussion: """
            Holds the rules of docs/quality.md against the register: a pupil without class, a class without mentor, a duty
            without title code, two persons with one number. Without a run so far one is made now; the hub makes one a day
            with quality.daily: true.

            Findings name records by their ids. The list takes the permission to see and is written into the audit log; so
            are names, which take --reason. --summary has numbers only. Of persons with protected identity nothing is told.

            Examples:
              knutpunkt quality
              knutpunkt quality --run-now --summary --trend
              knutpunkt quality --unit 12345678 --names --reason "term start" --html school.html
              knutpunkt quality --owner human-resources --csv hr.csv
              knutpunkt quality --rule pupil-without-class --limit 0
              knutpunkt quality --run-now --json --fail-under 99
              knutpunkt quality rules

            Exit status: 0 nothing lacks; 1 something does, or with --fail-under a smaller share of the checks holds; 64 wrong
            use; 66 no such school; 74 the store, or a file can't be written; 77 not allowed.
            """)

    @Option(help: "Only this school: school unit code, name or id; a school brings its units. May be given several times.")
    var unit: [String] = []
    @Option(help: "Only this rule; may be given several times. See: knutpunkt quality rules") var rule: [QualityRule] = []
    @Option(help: "Only what is the task of: school-administrator, principal, human-resources or system-administrator.")
    var owner: [QualityOwner] = []
    @Option(help: "Only records of this kind: organisation, group, duty, placement or person.") var entity: [Entity] = []
    @Flag(help: "Make a run now.") var runNow = false
    @Flag(help: "Only the latest run: never make one.") var last = false
    @Flag(help: "Also the runs before.") var trend = false
    @Flag(help: "Numbers only: no record is named.") var summary = false
    @Option(help: "So many findings of each rule on the terminal; 0 = all.") var limit = 20
    @Flag(help: "As JSON, with every finding.") var json = false
    @Option(help: "Write the findings, one a line, to this file; - = standard output.") var csv: String?
    @Option(help: "Write a page to this file, with a chapter for each school; - = standard output.") var html: String?
    @Option(help: "For monitoring: status 1 only when a smaller share of the checks holds, in per cent, e.g. 99.5.")
    var failUnder: Double?
    @Flag(help: "Name persons beside their ids; with --reason.") var names = false
    @Option(help: "With --names: why; kept in the audit log. No personal data.") var reason: String?
    @OptionGroup var options: HubOptions

    func validate() throws {
        if self.runNow, self.last { throw ValidationError("Say one of --run-now and --last.") }
        let forms = [self.json, self.csv != nil, self.html != nil, self.summary].filter(\.self).count
        if forms > 1 { throw ValidationError("Say one of --summary, --json, --csv and --html.") }
        if self.names, self.summary { throw ValidationError("--summary names nobody: leave out --names.") }
        if self.names != (self.reason != nil) { throw ValidationError("--names and --reason belong together.") }
        if self.reason?.allSatisfy(\.isWhitespace) == true { throw ValidationError("--reason must say why.") }
        if self.limit < 0 { throw ValidationError("--limit is 0 or more.") }
        if let failUnder, !(0...100).contains(failUnder) { throw ValidationError("--fail-under is from 0 to 100.") }
    }

    func run() async throws {
        let language = self.options.language
        let today = HubClock.system.calendarDate
        for word in (self.reason ?? "").split(whereSeparator: \.isWhitespace)
        where (try? PersonalIdentityNumber(word, today: today)) != nil {
            throw ValidationError(
                language(
                    sv: "--reason sparas: skriv inget personnummer där.", en: "--reason is kept: write no identity number there.")
            )
        }
        let context = try await self.options.context()
        if !self.summary {
            try await context.require(.see, on: [], by: operatorName)
            try await context.lookAtQuality(withNames: self.names, reason: self.reason, by: operatorName)
        }
        if self.runNow { try await context.runQuality() }
        var question = QualityQuestion()
        question.units = self.unit
        question.rules = Set(self.rule)
        question.owners = Set(self.owner)
        question.entities = Set(self.entity)
        question.withNames = self.names
        if self.summary { question.limit = 0 }
        var report = try await context.qualityReport(question)
        if report == nil, !self.last {
            try await context.runQuality()
            report = try await context.qualityReport(question)
        }
        guard let report else {
            throw AppError(
                .notFound, sv: "Ingen körning finns än. Gör en: knutpunkt quality --run-now",
                en: "There is no run yet. Make one: knutpunkt quality --run-now")
        }
        if self.json {
            say(try report.json(language))
        } else if let csv {
            try tell(report.csv(language), to: csv == "-" ? nil : csv, language: language)
        } else if let html {
            try tell(report.html(language), to: html == "-" ? nil : html, language: language)
        } else {
            say(report.text(language, limit: self.summary ? 0 : self.limit == 0 ? nil : self.limit, trend: self.trend))
        }
        let isShort = self.failUnder.map { Double(report.total.tenths) / 10 < $0 } ?? (report.total.found > 0)
        if isShort { throw ExitCode(1) }
    }
}

struct QualityRules: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rules", abstract: "The catalogue: what is looked for, whose task it is, and what it means.",
        discussion: """
            Mappings/quality.yaml switches rules off and changes how bad it is what they find:
              rules:
                department-without-staff: off
                duty-without-title-code: blocks

            Examples:
              knutpunkt quality rules
              knutpunkt quality rules --json
              knutpunkt quality rules --schema > quality.schema.json
            """)
    @Flag(help: "As JSON.") var json = false
    @Flag(help: "The JSON Schema of quality.yaml, for editors.") var schema = false
    @OptionGroup var options: HubOptions

    private struct View: Encodable {
        let rule: String, entity: String, severity: String, owner: String, title: String, consequence: String, remedy: String
        let isOn: Bool
    }

    func validate() throws {
        if self.json, self.schema { throw ValidationError("Say one of --json and --schema.") }
    }

    func run() async throws {
        if self.schema { return say(try ReadableJSON.text(QualityFile.schema)) }
        let language = self.options.language
        let configuration = try await self.options.configuration()
        let load = configuration.loadMappings()
        guard let set = load.set else {
            throw AppError(.mappings, load.diagnostics.map(\.description).joined(separator: "\n"))
        }
        let settings = set.quality.map { QualityFile.read($0).settings } ?? QualitySettings()
        if self.json {
            return say(
                try ReadableJSON.text(
                    QualityRule.allCases.map { rule in
                        View(
                            rule: rule.rawValue, entity: rule.entity.standardName,
                            severity: settings.severity(of: rule).rawValue, owner: rule.owner.rawValue,
                            title: rule.title(language), consequence: rule.consequence(language),
                            remedy: rule.remedy(language), isOn: !settings.off.contains(rule))
                    }))
        }
        for rule in QualityRule.allCases {
            let state =
                settings.off.contains(rule) ? language(sv: "avstängd", en: "off") : settings.severity(of: rule).title(language)
            say("\(rule.rawValue) · \(state) · \(rule.owner.title(language))")
            say("  \(rule.title(language)). \(rule.consequence(language))")
            say("  \(language(sv: "Gör så här", en: "To do")): \(rule.remedy(language))")
        }
    }
}

extension QualityRule: ExpressibleByArgument {}
extension QualityOwner: ExpressibleByArgument {}
