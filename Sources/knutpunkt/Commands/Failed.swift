public import ArgumentParser
import Foundation
import Hub
import KnutpunktApp
import SchoolRecords

extension Entity: ExpressibleByArgument {}

struct Failed: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Failed messages: what, why, and sending them again.",
        discussion: """
            Examples:
              knutpunkt failed groups
              knutpunkt failed list --group 4f1c2a
              knutpunkt failed show 17
              knutpunkt failed replay --group 4f1c2a --dry-run
              knutpunkt failed replay --group 4f1c2a
            """,
        subcommands: [Groups.self, List.self, Show.self, Replay.self], defaultSubcommand: Groups.self)

    struct Selection: ParsableArguments {
        @Option(help: "A group's fingerprint, whole or its beginning.")
        var group: String?
        @Option(help: "One system, e.g. unikum.")
        var system: String?
        @Option(help: "One entity, e.g. duty.")
        var entity: Entity?

        func filter(_ context: HubContext) async throws -> FailureFilter {
            var filter = FailureFilter()
            filter.system = self.system
            filter.entity = self.entity
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
            let groups = try await context.store.groups(try await self.selection.filter(context)).sorted { $0.count > $1.count }
            if self.json { return say(try ReadableJSON.text(groups)) }
            let language = self.options.language
            if groups.isEmpty { return say(language(sv: "Inga misslyckade meddelanden.", en: "No failed messages.")) }
            for group in groups {
                say("\(group.fingerprint)  \(group.count) × \(group.system) \(group.entity?.rawValue ?? "-")  \(group.code)")
                say("    \(group.message)")
                if let place = group.place { say("    \(language(sv: "regel", en: "rule")): \(place)") }
                say(
                    "    \(language(sv: "först", en: "first")) \(group.firstAt), \(language(sv: "senast", en: "last")) \(group.lastAt)"
                )
            }
        }
    }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Failed messages, one a line.")
        @OptionGroup var selection: Selection
        @Option(help: "At most this many.") var limit = 100
        @Flag(help: "As JSON.") var json = false
        @OptionGroup var options: HubOptions

        func validate() throws {
            if self.limit < 1 { throw ValidationError("--limit must be at least 1.") }
        }

        func run() async throws {
            let context = try await self.options.context()
            var filter = try await self.selection.filter(context)
            filter.limit = self.limit
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
            discussion: "The message's body holds personal data and is shown only with --body.")
        @Argument(help: "The failed message's number.") var id: Int64
        @Flag(help: "Show the message's body too.") var body = false
        @Flag(help: "As JSON.") var json = false
        @OptionGroup var options: HubOptions

        func run() async throws {
            let context = try await self.options.context()
            guard let failure = try await context.store.message(self.id) else {
                throw AppError(.notFound, "There is no failed message \(self.id). See: knutpunkt failed list")
            }
            if self.json { return say(try ReadableJSON.text(FailureView(failure, withBody: self.body))) }
            let language = self.options.language
            say("\(failure.id)  \(failure.failure.system)  \(failure.failure.key?.description ?? "-")  \(failure.state.rawValue)")
            say(failure.failure.message)
            if let place = failure.failure.place { say("\(language(sv: "Regel", en: "Rule")): \(place)") }
            if let field = failure.failure.field { say("\(language(sv: "Fält", en: "Field")): \(field)") }
            say("\(language(sv: "Grupp", en: "Group")): \(failure.fingerprint)")
            say("\(language(sv: "Försök", en: "Attempts")): \(failure.attempts) (\(failure.firstAt) – \(failure.lastAt))")
            if self.body, let body = failure.failure.body { say(String(decoding: body, as: UTF8.self)) }
        }
    }

    struct Replay: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Send failed messages again, as the records' present state.",
            discussion: "Sending again what has been overtaken by a newer state does no harm: the receiver's sequence sees to it."
        )
        @Argument(help: "Numbers of failed messages.") var ids: [Int64] = []
        @OptionGroup var selection: Selection
        @Flag(help: "All open failures.") var all = false
        @Flag(name: .long, help: "Say what would be sent, and send nothing.") var dryRun = false
        @OptionGroup var options: HubOptions

        func validate() throws {
            let chosen =
                !self.ids.isEmpty || self.selection.group != nil || self.selection.system != nil || self.selection.entity != nil
            if !chosen, !self.all { throw ValidationError("Say which: numbers, --group, --system, --entity or --all.") }
        }

        func run() async throws {
            let context = try await self.options.context()
            var filter = try await self.selection.filter(context)
            filter.ids = self.ids
            let chosen = try await context.store.list(filter)
            let language = self.options.language
            guard !chosen.isEmpty else {
                throw AppError(
                    .notFound, language(sv: "Inget öppet misslyckat meddelande stämmer.", en: "No open failed message matches."))
            }
            if self.dryRun {
                for failure in chosen {
                    say("\(failure.id)  \(failure.failure.system)  \(failure.failure.key?.description ?? "-")")
                }
                return say(language(sv: "\(chosen.count) skulle sändas igen.", en: "\(chosen.count) would be sent again."))
            }
            let sent = try await context.store.replay(chosen.map(\.id))
            say(language(sv: "\(sent) sänds igen.", en: "\(sent) are sent again."))
        }
    }
}

/// A failed message as JSON: without the body unless asked for.
private struct FailureView: Encodable {
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
        self.body = withBody ? failure.failure.body.map { String(decoding: $0, as: UTF8.self) } : nil
    }
}
