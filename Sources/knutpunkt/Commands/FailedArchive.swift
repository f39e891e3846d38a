import ArgumentParser
import Foundation
import Hub
import KnutpunktApp

extension Failed {
    struct Archive: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract:
                "Remove what has been over for long enough: content of failed messages, then the rest, then old audit entries.",
            discussion: """
                A running hub does it every hour; the periods are retention.* in the configuration. What is still open is never \
                touched. It goes in small steps with pauses, so that deliveries go on, and can be interrupted at any time.

                Examples:
                  knutpunkt failed archive --dry-run
                  knutpunkt failed archive
                """)
        @Flag(name: .long, help: "Say what would be removed, and remove nothing.") var dryRun = false
        @Flag(help: "As JSON.") var json = false
        @OptionGroup var options: HubOptions

        func run() async throws {
            let context = try await self.options.context()
            let periods = context.configuration.retention
            let step: RetentionStep
            if self.dryRun {
                step = try await context.store.retainable(periods, now: HubClock.system.now())
            } else {
                try await context.require(.archive, on: [], by: operatorName)
                let service = RetentionService(periods: periods, store: context.store, logger: context.logger)
                let isTerminal = isatty(STDERR_FILENO) == 1
                step = try await service.sweep(by: operatorName) { done in
                    guard isTerminal else { return }
                    FileHandle.standardError.write(Data("\r\(done.archived + done.deleted + done.audit) ".utf8))
                }
                if isTerminal { FileHandle.standardError.write(Data("\r".utf8)) }
            }
            if self.json { return say(try ReadableJSON.text(Shown(dryRun: self.dryRun, periods: periods, done: step))) }
            for line in self.lines(step, periods, self.options.language) { say(line) }
        }

        private struct Shown: Encodable {
            let dryRun: Bool
            let periods: RetentionPeriods
            let done: RetentionStep
        }

        private func lines(_ step: RetentionStep, _ periods: RetentionPeriods, _ language: Language) -> [String] {
            func after(_ days: Int?) -> String {
                days.map { language(sv: "efter \($0) dagar", en: "after \($0) days") } ?? language(sv: "aldrig", en: "never")
            }
            func line(_ number: Int, _ days: Int?, _ sv: (would: String, done: String), _ en: (would: String, done: String))
                -> String
            {
                let what = self.dryRun ? language(sv: sv.would, en: en.would) : language(sv: sv.done, en: en.done)
                return "\(what) (\(after(days))): \(number)"
            }
            return [
                line(
                    step.archived, periods.failuresDays, ("Misslyckade som skulle arkiveras", "Misslyckade, arkiverade"),
                    ("Failed messages that would be archived", "Failed messages archived")),
                line(
                    step.deleted, periods.archivedDays, ("Arkiverade som skulle raderas", "Arkiverade, raderade"),
                    ("Archived ones that would be deleted", "Archived ones deleted")),
                line(
                    step.audit, periods.auditDays,
                    ("Poster i granskningsloggen som skulle raderas", "Poster i granskningsloggen, raderade"),
                    ("Entries of the audit log that would be deleted", "Entries of the audit log deleted")),
            ]
        }
    }
}
