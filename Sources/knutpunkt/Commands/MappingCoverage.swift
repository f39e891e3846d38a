import ArgumentParser
import Hub
import KnutpunktApp
import SchoolRecords

struct MappingCoverage: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "coverage",
        abstract: "Tell which codes of the Register have no row in a table, with counts; or which fields nothing carries.",
        discussion: """
            Looks at what receiving systems are given. Codes that a source's own mapping lacks fail at intake: see
            knutpunkt failed groups. What doesn't look like a code is shown only with --values: it may be anything.

            Examples:
              knutpunkt mapping coverage
              knutpunkt mapping coverage --system unikum --json
              knutpunkt mapping coverage --loss --system unikum

            Exit status: 0 no record fails for want of a row; 1 some do; 66 no Register.
            """)

    @Option(help: "One system only.") var system: String?
    @Flag(help: "The fields of records that the system isn't given, or not so that they can be read back.") var loss = false
    @Option(help: "The day to map for, yyyy-MM-dd. Default: today.") var today: CalendarDate?
    @Flag(help: "Show also what doesn't look like a code.") var values = false
    @Flag(help: "As JSON.") var json = false
    @OptionGroup var options: HubOptions

    func run() async throws {
        let tools = try await self.options.tools()
        if let system { _ = try tools.system(system) }
        if self.loss {
            let lost = try await tools.lostFields(only: self.system)
            if self.json { return say(try ReadableJSON.text(lost)) }
            return self.show(lost)
        }
        let coverage = try await tools.coverage(
            today: self.today ?? HubClock.system.calendarDate, only: self.system, withValues: self.values)
        if self.json { say(try ReadableJSON.text(coverage)) } else { self.show(coverage) }
        if coverage.hasFailures { throw ExitCode(1) }
    }

    private func show(_ lost: [LostFields]) {
        let language = self.options.language
        for entity in lost {
            let way =
                entity.direction == "source"
                ? language(sv: "från \(entity.system)", en: "from \(entity.system)")
                : language(sv: "till \(entity.system)", en: "to \(entity.system)")
            let head = "\(way): \(entity.entity)"
            if entity.fields.isEmpty { say("\(head): \(language(sv: "alla fält förs över", en: "every field is carried"))") }
            for (fields, title) in [
                (entity.fields, language(sv: "förs inte över", en: "not carried")),
                (entity.changed, language(sv: "förs över, kan inte läsas tillbaka", en: "carried, can't be read back")),
            ] where !fields.isEmpty {
                say("\(head): \(title)")
                for field in fields {
                    let count = field.records.map { "  \($0) \(language(sv: "poster har det", en: "records have it"))" } ?? ""
                    say("    \(field.path)\(count)")
                }
            }
        }
    }

    private func show(_ coverage: CodeCoverage) {
        let language = self.options.language
        for use in coverage.uses {
            say("\(use.system)  \(use.rule)  \(use.field)  \(use.table): \(use.find) → \(use.give)")
            say(
                language(
                    sv: "    \(use.found) koder med rad, \(use.foundCount) gånger",
                    en: "    \(use.found) codes with a row, \(use.foundCount) times"))
            for missing in use.missing {
                let value = missing.value ?? language(sv: "(ett värde som inte ser ut som en kod)", en: "(no code by its looks)")
                say("    \(language(sv: "utan rad", en: "no row")): \(value)  \(missing.count) ×  → \(use.otherwise)")
            }
        }
        if coverage.uses.isEmpty { say(language(sv: "Inga koder slås upp.", en: "No codes are looked up.")) }
    }
}
