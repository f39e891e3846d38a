import ArgumentParser
import Hub
import KnutpunktApp
import SchoolRecords

struct Held: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Mass changes that wait for a person: what, why, and letting them through.",
        discussion: """
            A change of very many records at once is held until somebody has looked at it. An approval is of exactly the set
            that the id names; when the system has moved on, there is another set to look at.

            Examples:
              knutpunkt held
              knutpunkt held show edlevo-person-1f2e3d4c
              knutpunkt held approve edlevo-person-1f2e3d4c --reason "new school year"
              knutpunkt held reject edlevo-person-1f2e3d4c --reason "the export is cut short; told Edlevo"
              knutpunkt held plan --system edlevo --entity person --updates 14000 --deletes 3000 \\
                --from 2026-08-01 --to 2026-08-20 --reason "new school year"
              knutpunkt held plans

            Exit status: 0 done (list: nothing waits); 1 list: something waits; 66 no such change.
            """,
        subcommands: [
            List.self, Show.self, Approve.self, Reject.self, Plan.self, Plans.self, Revoke.self,
        ], defaultSubcommand: List.self)

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "What is held, one a line; the latest first.")
        @Flag(help: "Also what has gone through or been overtaken.") var all = false
        @Option(help: "One system, e.g. edlevo.") var system: String?
        @Flag(help: "As JSON.") var json = false
        @OptionGroup var options: HubOptions

        func run() async throws {
            let context = try await self.options.context()
            var filter = HeldFilter()
            filter.system = self.system
            if !self.all { filter.states = HeldChange.State.open }
            let changes = try await context.store.heldChanges(filter)
            if self.json {
                say(try ReadableJSON.text(changes))
            } else {
                let text = HeldText(self.options.language)
                if changes.isEmpty { say(text.language(sv: "Ingenting väntar.", en: "Nothing is held.")) }
                for change in changes { say(text.line(change)) }
            }
            if changes.contains(where: { $0.state == .held || $0.state == .told }) { throw ExitCode(1) }
        }
    }

    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "One held change: how many, which fields, what it looks like, examples.",
            discussion: "Values are personal data: they are shown only with --values, and it is written down who saw them.")
        @Argument(help: "The change's id, whole or its beginning.") var id: String
        @Flag(help: "Show the examples' values before and after.") var values = false
        @Option(help: "Who looks, beside the operating system's user.") var by: String?
        @Flag(help: "As JSON.") var json = false
        @OptionGroup var options: HubOptions

        private struct View: Encodable {
            let change: HeldChange
            let examples: [HeldSample]
            let history: [HeldEvent]
        }

        func run() async throws {
            let context = try await self.options.context()
            let change = try await context.heldChange(self.id)
            if self.values {
                try await context.require(.see, on: [change.system], by: operatorName)
            }
            let samples = try await context.samples(of: change, withValues: self.values, by: self.by)
            let events = try await context.store.events(ofHeld: change.id)
            if self.json { return say(try ReadableJSON.text(View(change: change, examples: samples, history: events))) }
            for line in HeldText(self.options.language).lines(change, samples, events, withValues: self.values) { say(line) }
        }
    }

    struct Approve: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Let a held change through: exactly this set.",
            discussion: """
                A running hub carries it out within seconds: it reads the source again, and takes the set if it is still the same.
                With --now this command reads by itself. If the source, or the rows, are others by then, nothing of it is done.

                Examples:
                  knutpunkt held approve edlevo-person-1f2e3d4c --dry-run
                  knutpunkt held approve edlevo-person-1f2e3d4c --reason "new school year" --now
                """)
        @Argument(help: "The change's id, whole or its beginning.") var id: String
        @Option(help: "Why it is right; kept with it.") var reason: String = ""
        @Option(help: "Who approves, beside the operating system's user.") var by: String?
        @Flag(help: "Read the source at once and carry it out.") var now = false
        @Flag(help: "Only show what would be approved.") var dryRun = false
        @Flag(help: "As JSON.") var json = false
        @OptionGroup var options: HubOptions

        func validate() throws {
            guard self.dryRun || !self.reason.isEmpty else { throw ValidationError("Say why it is right: --reason \"…\".") }
        }

        func run() async throws {
            let context = try await self.options.context()
            let language = self.options.language
            if self.dryRun {
                let change = try await context.decidable(self.id, .approved)
                if self.json { return say(try ReadableJSON.text(change)) }
                for line in HeldText(language).lines(change, [], [], withValues: false) { say(line) }
                return say(language(sv: "Inget har ändrats (--dry-run).", en: "Nothing was changed (--dry-run)."))
            }
            try await context.require(
                .approveChanges, on: [try await context.heldChange(self.id).system], by: operatorName)
            let change = try await context.decide(self.id, .approved, by: self.by, reason: self.reason)
            if self.json, !self.now { return say(try ReadableJSON.text(change)) }
            guard change.state == .approved else {
                return say(language(sv: "\(change.id): noterat.", en: "\(change.id): noted."))
            }
            say(language(sv: "\(change.id) är godkänd.", en: "\(change.id) is approved."))
            guard self.now, change.direction == .source, context.isSource(change.system) else { return }
            let report = try await context.sync(change.system, mode: change.mode == "full" ? .full : .changes)
            guard report.parts.values.contains(where: { $0.applied.contains(change.id) }) else {
                throw AppError(
                    .notFound,
                    language(
                        sv: "Källan har ändrats sedan dess: godkännandet gäller inte. Se: knutpunkt held",
                        en: "The source has moved on: the approval doesn't apply. See: knutpunkt held"))
            }
            say(
                language(
                    sv: "\(report.changed) ändringar till utkorgen.", en: "\(report.changed) changes to the outbox."))
        }
    }

    struct Reject: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Keep a held change out for as long as it is this set.",
            discussion: """
                Have the source, or the mapping, put right. What it says then is looked at anew. A rejected change can be approved
                later, if it is still the same.

                Example:
                  knutpunkt held reject edlevo-person-1f2e3d4c --reason "the export is cut short; told Edlevo"
                """)
        @Argument(help: "The change's id, whole or its beginning.") var id: String
        @Option(help: "Why it is wrong; kept with it.") var reason: String
        @Option(help: "Who rejects, beside the operating system's user.") var by: String?
        @Flag(help: "As JSON.") var json = false
        @OptionGroup var options: HubOptions

        func run() async throws {
            let context = try await self.options.context()
            try await context.require(
                .approveChanges, on: [try await context.heldChange(self.id).system], by: operatorName)
            let change = try await context.decide(self.id, .rejected, by: self.by, reason: self.reason)
            if self.json { return say(try ReadableJSON.text(change)) }
            say(
                self.options.language(
                    sv: "\(change.id) är avvisad och släpps inte igenom.", en: "\(change.id) is rejected and kept out."))
        }
    }
}
