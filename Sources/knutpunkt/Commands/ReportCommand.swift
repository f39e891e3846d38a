public import ArgumentParser
import Foundation
public import Hub
import KnutpunktApp
import SchoolRecords

struct ReportCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "report", abstract: "Statistics on what the hub carries.", subcommands: [Lessons.self])

    struct Lessons: AsyncParsableCommand {
        enum Format: String, ExpressibleByArgument, CaseIterable { case table, csv, html, json }

        static let configuration = CommandConfiguration(
            abstract: "Reported against scheduled lessons, and presence against planned stays, by school and month.",
            discussion: """
                Counts lessons that have been held, and stays in preschool and
                after-school care that have ended; what counts as reported stands in
                docs/reports.md. Without a period: the month before this one.

                Examples:
                  knutpunkt report lessons
                  knutpunkt report lessons --month 2026-10 --school 12345678
                  knutpunkt report lessons --from 2026-09-01 --to 2026-11-30 \\
                    --output lessons.html

                Exit status: 0 told; 64 wrong use; 66 no such school; 74 the store, or the
                file can't be written; 78 the configuration or a mapping is wrong.
                """)

        @Option(help: "Only this school: school unit code, name or id; a school brings its units. May be given several times.")
        var school: [String] = []
        @Option(help: "One month, yyyy-MM.") var month: YearMonth?
        @Option(help: "The first day, yyyy-MM-dd; with --to.") var from: CalendarDate?
        @Option(help: "The last day, inclusive; with --from.") var to: CalendarDate?
        @Option(help: "table, csv, html or json.") var format: Format?
        @Flag(help: "As JSON.") var json = false
        @Option(help: "Write to this file instead of standard output. Its ending chooses the format when --format doesn't.")
        var output: String?
        @OptionGroup var options: HubOptions

        func validate() throws {
            if self.month != nil, self.from != nil || self.to != nil {
                throw ValidationError("Say --month, or --from and --to, not both.")
            }
            if (self.from == nil) != (self.to == nil) { throw ValidationError("--from and --to belong together.") }
            if let from, let to, ReportPeriod(from, to) == nil {
                throw ValidationError("--to must not be before --from, and at most a year after it.")
            }
        }

        private func period(_ today: CalendarDate) -> ReportPeriod {
            if let from, let to, let period = ReportPeriod(from, to) { return period }
            return ReportPeriod(self.month ?? YearMonth(of: today).previous)
        }

        private var chosenFormat: Format {
            if self.json { return .json }
            if let format { return format }
            let ending = self.output.map { URL(fileURLWithPath: $0).pathExtension.lowercased() }
            return ending.flatMap(Format.init(rawValue:)) ?? (ending == "htm" ? .html : .table)
        }

        func run() async throws {
            let context = try await self.options.context()
            let table = try await context.lessonReport(self.period(HubClock.system.calendarDate), schools: self.school)
            let language = self.options.language
            let text =
                switch self.chosenFormat {
                case .table: table.text(language)
                case .csv: table.csv(language)
                case .html: table.html(language)
                case .json: try table.json()
                }
            guard let output, output != "-" else { return say(text) }
            try write(text, to: output)
            say(language(sv: "Skrev \(output)", en: "Wrote \(output)"))
        }
    }
}

extension YearMonth: ExpressibleByArgument {
    public init?(argument: String) { self.init(argument) }
}
