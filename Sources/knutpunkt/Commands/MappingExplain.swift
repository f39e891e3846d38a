public import ArgumentParser
import Foundation
import Hub
import KnutpunktApp
public import Mapping
public import SchoolRecords

struct MappingExplain: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "explain",
        abstract: "Tell, field by field, where what a record gives comes from: path, rule, code table row, file and line.",
        discussion: """
            RECORD is a record of the Register (person/4f1c…) or a JSON file: for a source system the document as it came
            from there, for a receiving one the record in SS 12000's form. Values are shown only with --values: they are
            personal data.

            Examples:
              knutpunkt mapping explain unikum person/9d2c7a52-0a0e-4a0c-8d5e-6f3b8c1f2a11
              knutpunkt mapping explain unikum duty/4f1c --today 2026-08-15 --values
              knutpunkt mapping explain edlevo person.json
              knutpunkt mapping explain edlevo document.json --entity duty --json
              knutpunkt mapping explain tempus absence.json --direction target

            Exit status: 0 explained; 1 explained, and the record fails; 66 no such system or record.
            """)

    @Argument(help: "The system, e.g. unikum.") var system: String
    @Argument(help: "entity/id of a record of the Register, or a JSON file.") var record: String
    @Option(help: "What a JSON file holds, when its name (person.json) doesn't say: person, group, …") var entity: Entity?
    @Option(help: "The day to map for, yyyy-MM-dd. Default: today.") var today: CalendarDate?
    @Option(help: "source or target, for a file and a system that is both. Default: source.")
    var direction: SystemDescription.Direction?
    @Flag(help: "Show values. They are personal data.") var values = false
    @Flag(help: "As JSON.") var json = false
    @OptionGroup var options: HubOptions

    func run() async throws {
        let tools = try await self.options.tools()
        let explanation = try await self.explanation(tools, self.today ?? HubClock.system.calendarDate)
        let shown = self.values ? explanation : explanation.withoutValues()
        if self.json {
            say(try ReadableJSON.text(shown))
        } else {
            for line in ExplanationText(shown, language: self.options.language).lines { say(line) }
        }
        if explanation.outcome == .failed { throw ExitCode(1) }
    }

    private func explanation(_ tools: MappingTools, _ today: CalendarDate) async throws -> Explanation {
        let parts = self.record.split(separator: "/", maxSplits: 1).map(String.init)
        if parts.count == 2, let entity = Entity(rawValue: parts[0]), !FileManager.default.fileExists(atPath: self.record) {
            return try await tools.explain(RecordKey(entity, parts[1]), for: self.system, today: today)
        }
        guard let data = FileManager.default.contents(atPath: self.record) else {
            throw AppError(
                .notFound, "\(self.record): neither entity/id of a record nor a file that can be read.")
        }
        let name = URL(fileURLWithPath: self.record).deletingPathExtension().lastPathComponent
        guard let entity = self.entity ?? Entity(rawValue: name) else {
            throw ValidationError(
                "--entity is missing: say what \(self.record) holds (\(Entity.allCases.map(\.rawValue).joined(separator: ", ")))."
            )
        }
        do {
            return try await tools.explain(
                JSONValue(parsing: data), entity, for: self.system, today: today, direction: self.direction)
        } catch let error as JSONSyntaxError {
            throw AppError(.notFound, "\(self.record): \(error)")
        }
    }
}

extension SystemDescription.Direction: ExpressibleByArgument {}

extension CalendarDate: ExpressibleByArgument {
    public init?(argument: String) { self.init(argument) }
}
