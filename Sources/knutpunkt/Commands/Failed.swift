public import ArgumentParser
import ConnectorKit
import Foundation
import Hub
import KnutpunktApp
import SchoolRecords

extension Entity: ExpressibleByArgument {}
extension FailedMessage.State: ExpressibleByArgument {}

struct Failed: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Failed messages: what, why, and sending them again.",
        discussion: """
            Examples:
              knutpunkt failed groups
              knutpunkt failed list --group 4f1c2a
              knutpunkt failed show 17
              knutpunkt failed replay --group 4f1c2a --dry-run
              knutpunkt failed replay --group 4f1c2a --canary 1 --ramp
              knutpunkt failed batches
              knutpunkt failed rules
              knutpunkt failed edit 17 --field enrolments[0].schoolYear=4 --reason "year missing in Edlevo"
              knutpunkt failed discard 17 --reason "test record"
            """,
        subcommands: [
            Groups.self, List.self, Show.self, Replay.self, Batches.self, Rules.self, Edit.self, Discard.self, Export.self,
            Archive.self,
        ],
        defaultSubcommand: Groups.self)

    struct Selection: ParsableArguments {
        @Option(help: "A group's fingerprint, whole or its beginning.")
        var group: String?
        @Option(help: "One system, e.g. unikum.")
        var system: String?
        @Option(help: "One entity, e.g. duty.")
        var entity: Entity?
        @Option(help: "A record's id.")
        var record: String?
        @Option(help: "An error's code, e.g. value-without-code.")
        var code: String?
        @Option(help: "Failed last at or after this moment, e.g. 2026-08-17T06:00:00Z.")
        var since: String?
        @Option(help: "Failed last before this moment.")
        var until: String?

        var isEmpty: Bool {
            [self.group, self.system, self.record, self.code, self.since, self.until].allSatisfy { $0 == nil }
                && self.entity == nil
        }

        func validate() throws {
            for (name, time) in [("since", self.since), ("until", self.until)] {
                if let time, RFC3339.date(time) == nil {
                    throw ValidationError("--\(name) \(time): write it as 2026-08-17T06:00:00Z.")
                }
            }
        }

        func filter(_ context: HubContext) async throws -> FailureFilter {
            var filter = FailureFilter()
            filter.system = self.system
            filter.entity = self.entity
            filter.record = self.record
            filter.code = self.code
            // As they are stored: RFC 3339 in UTC sorts as text.
            filter.since = self.since.flatMap(RFC3339.date).map(RFC3339.text)
            filter.until = self.until.flatMap(RFC3339.date).map(RFC3339.text)
            if let group = self.group {
                let matches = try await context.store.groups(FailureFilter()).filter { $0.fingerprint.hasPrefix(group) }
                guard matches.count == 1, let match = matches.first else {
                    throw AppError(
                        .notFound,
                        matches.isEmpty
                            ? "No group of open failures begins with \(group). See: knutpunkt failed groups"
                            : "Several groups begin with \(group): \(matches.map(\.fingerprint).joined(separator: ", ")).")
                }
                filter.fingerprint = match.fingerprint
            }
            return filter
        }
    }

    struct Groups: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Open failures by cause, the largest group first.")
        @OptionGroup var selection: Selection
        @Flag(help: "As JSON.") var json = false
        @OptionGroup var options: HubOptions

        func run() async throws {
            let context = try await self.options.context()
            let groups = try await context.store.groups(try await self.selection.filter(context))
            let clock = HubClock.system
            let latest = try await context.store.failures(
                of: groups.map(\.fingerprint), since: RFC3339.text(clock.now().addingTimeInterval(-3600)))
            let forecast = ReplayForecast(store: context.store, mappings: context.mappings, clock: clock)
            var verdicts: [String: ReplayForecast.Verdict] = [:]
            for group in groups { verdicts[group.fingerprint] = try await forecast.verdict(on: group) }
            if self.json {
                return say(
                    try ReadableJSON.text(
                        groups.map {
                            GroupView(group: $0, lastHour: latest[$0.fingerprint] ?? 0, wouldPass: verdicts[$0.fingerprint])
                        }))
            }
            let language = self.options.language
            if groups.isEmpty { return say(language(sv: "Inga misslyckade meddelanden.", en: "No failed messages.")) }
            for group in groups {
                say("\(group.fingerprint)  \(group.count) × \(group.system) \(group.entity?.rawValue ?? "-")  \(group.code)")
                say("    \(group.message)")
                say("    \(language(sv: "åtgärd", en: "what to do")): \(group.runbook)")
                if let place = group.place { say("    \(language(sv: "regel", en: "rule")): \(place)") }
                say(
                    "    \(language(sv: "först", en: "first")) \(group.firstAt), \(language(sv: "senast", en: "last")) \(group.lastAt), "
                        + language(
                            sv: "\(latest[group.fingerprint] ?? 0) den senaste timmen",
                            en: "\(latest[group.fingerprint] ?? 0) in the last hour"))
                if let verdict = verdicts[group.fingerprint] { self.tell(verdict, of: group, in: language) }
            }
        }

        /// Says whether the group would pass now, and how to send it.
        private func tell(_ verdict: ReplayForecast.Verdict, of group: FailureGroup, in language: Language) {
            guard verdict.isFixed else {
                guard verdict.passing > 0 else { return }
                return say(
                    language(
                        sv: "    \(verdict.passing) av \(verdict.looked) prövade skulle gå igenom nu",
                        en: "    \(verdict.passing) of \(verdict.looked) looked at would pass now"))
            }
            say(
                language(sv: "    RÄTTAT: skulle gå igenom nu. Sänd igen:", en: "    FIXED: would pass now. Send again:")
                    + " knutpunkt failed replay --group \(group.fingerprint)")
        }
    }

    /// A group as JSON.
    private struct GroupView: Encodable {
        let group: FailureGroup
        let lastHour: Int
        let wouldPass: ReplayForecast.Verdict?

        private enum Key: CodingKey { case lastHour, wouldPass, runbook }

        func encode(to encoder: any Encoder) throws {
            try self.group.encode(to: encoder)
            var container = encoder.container(keyedBy: Key.self)
            try container.encode(self.lastHour, forKey: .lastHour)
            try container.encode(self.group.runbook, forKey: .runbook)
            try container.encodeIfPresent(self.wouldPass, forKey: .wouldPass)
        }
    }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Failed messages, one a line.")
        @OptionGroup var selection: Selection
        @Option(help: "In this state instead of failed; may be given several times.") var state: [FailedMessage.State] = []
        @Option(help: "At most this many.") var limit = 100
        @Option(help: "Only numbers above this one: the next page.") var after: Int64?
        @Flag(help: "As JSON.") var json = false
        @OptionGroup var options: HubOptions

        func validate() throws {
            if self.limit < 1 { throw ValidationError("--limit must be at least 1.") }
        }

        func run() async throws {
            let context = try await self.options.context()
            var filter = try await self.selection.filter(context)
            if !self.state.isEmpty { filter.states = Set(self.state) }
            filter.limit = self.limit
            filter.after = self.after
            let failures = try await context.store.list(filter)
            if self.json { return say(try ReadableJSON.text(failures.map(FailureView.init))) }
            for failure in failures {
                say(
                    "\(failure.id)  \(failure.lastAt)  \(failure.failure.system)  \(failure.failure.key?.description ?? "-")  \(failure.failure.code)  \(failure.fingerprint)"
                )
            }
        }
    }

    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "One failed message with its cause.",
            discussion: """
                What the message and the record hold is personal data, and shown only when asked for.

                Examples:
                  knutpunkt failed show 17
                  knutpunkt failed show 17 --record > record.json
                """)
        @Argument(help: "The failed message's number.") var id: Int64
        @Flag(help: "Show the message's body too.") var body = false
        @Flag(help: "Print the record as the register has it now, and nothing else: to correct it with failed edit --file.")
        var record = false
        @Flag(help: "As JSON.") var json = false
        @OptionGroup var options: HubOptions

        func run() async throws {
            let context = try await self.options.context()
            guard let failure = try await context.store.message(self.id) else {
                throw AppError(.notFound, "There is no failed message \(self.id). See: knutpunkt failed list")
            }
            let language = self.options.language
            if self.body || self.record {
                try await context.require(.see, on: [failure.failure.system], by: operatorName)
                try await context.store.note(
                    "see", subject: "failure/\(failure.id)", reason: nil, by: operatorName, time: HubClock.system.timestamp)
            }
            if self.json { return say(try ReadableJSON.text(FailureView(failure, withBody: self.body))) }
            if self.record { return try await self.printRecord(of: failure, context) }
            say("\(failure.id)  \(failure.failure.system)  \(failure.failure.key?.description ?? "-")  \(failure.state.rawValue)")
            if failure.state == .archived {
                say(
                    language(
                        sv: "Innehållet är borttaget: tiden för sådant som är avslutat har gått (retention).",
                        en: "Its content was removed: the time for what is over has passed (retention)."))
            }
            if !failure.failure.message.isEmpty { say(failure.failure.message) }
            say("\(language(sv: "Åtgärd", en: "What to do")): \(failure.failure.runbook)")
            if let place = failure.failure.place { say("\(language(sv: "Regel", en: "Rule")): \(place)") }
            if let field = failure.failure.field { say("\(language(sv: "Fält", en: "Field")): \(field)") }
            say("\(language(sv: "Grupp", en: "Group")): \(failure.fingerprint)")
            say("\(language(sv: "Försök", en: "Attempts")): \(failure.attempts) (\(failure.firstAt) – \(failure.lastAt))")
            for attempt in try await context.store.attempts(of: failure.id) {
                say("  \(attempt.number)  \(attempt.time)  \(attempt.code)  \(attempt.message)")
            }
            if let kept = try await context.store.forms(of: [failure.id])[failure.id] { self.tell(kept.form, in: language) }
            if let edit = try await context.store.edits(of: [failure.id])[failure.id] { self.tell(edit, in: language) }
            if self.body, let body = failure.failure.body { say(String(decoding: body, as: UTF8.self)) }
        }

        private func tell(_ form: DeliveredForm, in language: Language) {
            let version = form.mappings ?? language(sv: "okänd version", en: "unknown version")
            say(
                language(
                    sv: "Som det var: \(form.rows.count) rader, mappningarna \(version) (omsänds så med --as-was)",
                    en: "As it was: \(form.rows.count) rows, mappings \(version) (replayed so with --as-was)"))
            guard self.body else { return }
            for row in form.rows {
                let fields = row.fields.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }.joined(separator: ", ")
                say("    \(row.kind)  \(row.key)  \(fields)")
            }
        }

        private func tell(_ edit: FailureEdit, in language: Language) {
            let fields = edit.fields.joined(separator: ", ")
            say("\(language(sv: "Rättat", en: "Corrected")): \(fields)  \(edit.person)  \(edit.time)  \(edit.reason)")
            if !edit.isReleased {
                say(
                    language(sv: "    Väntar på godkännande av en annan person: ", en: "    Waits for somebody else's approval: ")
                        + "knutpunkt failed edit \(edit.failure) --approve")
            }
        }

        private func printRecord(of failure: FailedMessage, _ context: HubContext) async throws {
            guard let key = failure.failure.key, let record = try await context.store.records([key])[key] else {
                throw AppError(
                    .notFound,
                    self.options.language(sv: "Registret har ingen sådan post.", en: "The register has no such record."))
            }
            say(String(decoding: record.body, as: UTF8.self))
        }
    }
}

/// A failed message as JSON: without the body unless asked for.
struct FailureView: Encodable {
    let id: Int64
    let state: String
    let system: String
    let record: String?
    let code: String
    let message: String
    let field: String?
    let rule: String?
    let group: String
    let attempts: Int
    let firstAt: String
    let lastAt: String
    /// Where the remedy is written.
    let runbook: String
    let body: String?

    init(_ failure: FailedMessage) { self.init(failure, withBody: false) }

    init(_ failure: FailedMessage, withBody: Bool) {
        self.id = failure.id
        self.state = failure.state.rawValue
        self.system = failure.failure.system
        self.record = failure.failure.key?.description
        self.code = failure.failure.code
        self.message = failure.failure.message
        self.field = failure.failure.field
        self.rule = failure.failure.place
        self.group = failure.fingerprint
        self.attempts = failure.attempts
        self.firstAt = failure.firstAt
        self.lastAt = failure.lastAt
        self.runbook = failure.failure.runbook
        self.body = withBody ? failure.failure.body.map { String(decoding: $0, as: UTF8.self) } : nil
    }
}
