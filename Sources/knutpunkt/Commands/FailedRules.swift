import ArgumentParser
import Foundation
import Hub
import KnutpunktApp
import SchoolRecords

extension Failed {
    struct Rules: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Rules by which failed messages are sent again by themselves: what each has done, and when it goes next.",
            discussion: """
                Rules stand in the configuration under failed.rules. A running hub looks at them every quarter of a minute; what \
                they sent is among the replays (failed batches) and in the audit log.

                Examples:
                  knutpunkt failed rules
                  knutpunkt failed rules --dry-run
                  knutpunkt failed rules night --dry-run --json
                """)
        @Argument(help: "One rule's name; all without.") var name: String?
        @Flag(name: .long, help: "Say which failures each rule would send now, and send nothing.") var dryRun = false
        @Option(help: "With --dry-run: at most this many of each rule.") var limit = 1000
        @Flag(help: "As JSON.") var json = false
        @OptionGroup var options: HubOptions

        func validate() throws {
            if self.limit < 1 { throw ValidationError("--limit must be at least 1.") }
        }

        func run() async throws {
            let context = try await self.options.context()
            let language = self.options.language
            let all = context.configuration.replayRules
            let rules = self.name.map { name in all.filter { $0.name == name } } ?? all
            if rules.isEmpty, let name = self.name {
                let known = all.map(\.name).joined(separator: ", ")
                throw AppError(
                    .notFound,
                    language(
                        sv: "Det finns ingen regel \(name). Kända: \(known).", en: "There is no rule \(name). Known: \(known)."))
            }
            if rules.isEmpty, !self.json {
                return say(
                    language(
                        sv: "Inga regler. De skrivs under failed.rules i inställningarna: docs/operations.md#rules",
                        en: "No rules. They are written under failed.rules in the configuration: docs/operations.md#rules"))
            }
            let now = HubClock.system.now()
            let runs = try await context.store.runs(of: rules.map(\.name))
            var views: [RuleView] = []
            for rule in rules {
                var view = RuleView(
                    rule: rule, runs: runs[rule.name] ?? RuleRuns(), look: try await context.store.look(rule, now: now))
                if self.dryRun {
                    let ids = try await context.store.due(rule, now: now, limit: self.limit)
                    view.failures = try await self.failures(ids, context)
                }
                views.append(view)
            }
            if self.json { return say(try ReadableJSON.text(views)) }
            for view in views { for line in view.lines(language) { say(line) } }
        }

        private func failures(_ ids: [Int64], _ context: HubContext) async throws -> [FailureView] {
            var views: [FailureView] = []
            var rest = ids[...]
            while !rest.isEmpty {
                var filter = FailureFilter()
                filter.ids = Array(rest.prefix(500))
                rest = rest.dropFirst(500)
                views += try await context.store.list(filter).map(FailureView.init)
            }
            return views
        }
    }
}

/// A rule with what it has done and finds.
struct RuleView: Encodable {
    let rule: ReplayRule
    let runs: RuleRuns
    let look: RuleLook
    /// With `--dry-run`: what it would send now.
    var failures: [FailureView]?

    func lines(_ language: Language) -> [String] {
        let takes = [
            self.rule.group.map { "group \($0)" }, self.rule.system.map { "system \($0)" },
            self.rule.entity.map { "entity \($0.rawValue)" }, self.rule.code.map { "code \($0)" },
        ].compactMap(\.self).joined(separator: ", ")
        var lines = [
            language(
                sv: "\(self.rule.name)  \(takes): efter \(self.rule.afterMinutes) min, högst \(self.rule.atMost) gånger",
                en: "\(self.rule.name)  \(takes): after \(self.rule.afterMinutes) min, \(self.rule.atMost) times at most"),
            language(
                sv:
                    "    \(self.runs.runs) körningar, \(self.runs.sent) sända, \(self.runs.replayed) gick igenom, \(self.runs.failed) misslyckades igen",
                en:
                    "    \(self.runs.runs) runs, \(self.runs.sent) sent, \(self.runs.replayed) came through, \(self.runs.failed) failed again"
            ),
        ]
        if let batch = self.runs.lastBatch, let time = self.runs.lastAt {
            lines.append("    \(language(sv: "senast", en: "latest")) \(time): knutpunkt failed batches \(batch)")
        }
        let next =
            self.look.due > 0
            ? language(sv: "nu", en: "now") : self.look.next ?? language(sv: "inget väntar", en: "nothing waits")
        lines.append(
            language(
                sv: "    nästa: \(next); \(self.look.due) på tur, \(self.look.spent) sända så ofta de får",
                en: "    next: \(next); \(self.look.due) due, \(self.look.spent) sent as often as they may be"))
        for failure in self.failures ?? [] {
            lines.append("    \(failure.id)  \(failure.lastAt)  \(failure.system)  \(failure.record ?? "-")  \(failure.code)")
        }
        return lines
    }
}
