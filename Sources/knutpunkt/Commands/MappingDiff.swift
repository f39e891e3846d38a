import ArgumentParser
import Hub
import KnutpunktApp
import Mapping
import SchoolRecords

struct MappingDiff: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "diff",
        abstract: "Tell who would change if an edited folder went live, over the records of the Register.",
        discussion: """
            Compares DIR with the mappings in force (--mappings). Nothing is sent. Values are shown only with --values: they
            are personal data.

            Examples:
              cp -r Mappings /tmp/edited          then edit the copy
              knutpunkt mapping diff /tmp/edited
              knutpunkt mapping diff /tmp/edited --system unikum --limit 20 --values
              knutpunkt mapping diff /tmp/edited --json

            Exit status: 0 nothing would change; 1 something would; 66 no Register; 78 one of the folders has errors.
            """)

    @Argument(help: "The edited folder.") var directory: String
    @Option(help: "One system only.") var system: String?
    @Option(help: "List at most this many records.") var limit = 10
    @Option(help: "The day to map for, yyyy-MM-dd. Default: today.") var today: CalendarDate?
    @Flag(help: "Show keys and values. They are personal data.") var values = false
    @Flag(help: "As JSON.") var json = false
    @OptionGroup var options: HubOptions

    func validate() throws {
        if self.limit < 0 { throw ValidationError("--limit must be 0 or more.") }
    }

    func run() async throws {
        let tools = try await self.options.tools()
        if let system { _ = try tools.system(system) }
        let load = tools.load(directory: self.directory)
        guard let edited = load.set else {
            throw AppError(.mappings, load.diagnostics.map { "\(self.directory)/\($0)" }.joined(separator: "\n"))
        }
        let difference = try await tools.difference(
            to: edited, today: self.today ?? HubClock.system.calendarDate, only: self.system, limit: self.limit,
            withValues: self.values)
        if self.json { say(try ReadableJSON.text(difference)) } else { self.show(difference) }
        if !difference.isEmpty { throw ExitCode(1) }
    }

    private func show(_ difference: MappingDifference) {
        let language = self.options.language
        say("\(difference.before) → \(difference.after)")
        for file in difference.sourceFiles {
            say(
                language(
                    sv: "\(file): visar sig först när källan läses igen",
                    en: "\(file): shows only when the source is read again"))
        }
        for records in difference.records where records.changed + records.newlyFailing + records.noLongerFailing > 0 {
            var text = language(
                sv: "\(records.system) \(records.entity): \(records.changed) av \(records.examined) poster ändras",
                en: "\(records.system) \(records.entity): \(records.changed) of \(records.examined) records change")
            if records.newlyFailing > 0 {
                text += language(sv: ", \(records.newlyFailing) misslyckas", en: ", \(records.newlyFailing) fail")
            }
            if records.noLongerFailing > 0 {
                text += language(
                    sv: ", \(records.noLongerFailing) misslyckas inte längre", en: ", \(records.noLongerFailing) fail no longer")
            }
            say(text)
        }
        for kind in difference.kinds {
            say(
                "    \(kind.kind): +\(kind.created) ~\(kind.updated) -\(kind.deleted)"
                    + language(sv: " (nya, ändrade, borttagna rader)", en: " (new, changed, removed rows)"))
        }
        for record in difference.examples { self.show(record) }
        if difference.isEmpty { say(language(sv: "Ingen post ändras.", en: "No record changes.")) }
    }

    private func show(_ record: MappingDifference.Record) {
        say("\(record.system) \(record.record)")
        if let failure = record.failure { say("    \(failure)") }
        for row in record.rows {
            let sign =
                switch row.change {
                case .created: "+"
                case .updated: "~"
                case .deleted: "-"
                }
            say("    \(sign) \(row.kind)\(row.key.map { " \($0)" } ?? "")")
            for field in row.fields {
                if self.values {
                    say("        \(field.name): \(field.before ?? "–") → \(field.after ?? "–")")
                } else {
                    say("        \(field.name)")
                }
            }
        }
    }
}
