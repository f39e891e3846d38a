import ArgumentParser
import Foundation
import Hub
import KnutpunktApp
import SchoolRecords

extension Failed {
    struct Replay: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Send failed messages again, as the records' present state.",
            discussion: """
                Sending again what has been overtaken by a newer state does no harm: the receiver's sequence sees to it.

                What matches when the command is given is what is sent, no matter what fails later; --dry-run shows it, and \
                --batch sends exactly that. A running hub goes on with the replay when the command has ended.

                Examples:
                  knutpunkt failed replay 17 18
                  knutpunkt failed replay --group 4f1c2a --dry-run
                  knutpunkt failed replay --batch 1f2e3d4c
                  knutpunkt failed replay --group 4f1c2a --canary 1 --ramp --rate 600
                  knutpunkt failed replay 17 --as-was --dry-run
                """)
        @Argument(help: "Numbers of failed messages.") var ids: [Int64] = []
        @OptionGroup var selection: Selection
        @Flag(help: "All open failures.") var all = false
        @Option(help: "The id of a choice that --dry-run has shown.") var batch: String?
        @Flag(name: .long, help: "Say what would happen to each, and send nothing.") var dryRun = false
        @Option(help: "Send this many first, and the rest when they have come through.") var canary: Int?
        @Flag(help: "After the canary 5, 50 and 500 times as many; stop at the first failure.") var ramp = false
        @Option(help: "Messages a minute at most.") var rate: Int?
        @Flag(
            name: .long,
            help: "Send what a system refused as it was made then, not by today's mapping. Nothing newer is overwritten.")
        var asWas = false
        @Flag(help: "As JSON.") var json = false
        @OptionGroup var options: HubOptions

        func validate() throws {
            let choice = !self.ids.isEmpty || !self.selection.isEmpty || self.all
            if self.batch == nil, !choice {
                throw ValidationError(
                    "Say which: numbers, --group, --system, --entity, --record, --code, --since, --until, --batch or --all.")
            }
            if self.batch != nil, choice || self.dryRun || self.canary != nil || self.ramp || self.rate != nil || self.asWas {
                throw ValidationError("--batch names what was chosen, and how it is sent: no other choice goes with it.")
            }
            for (name, number) in [("canary", self.canary), ("rate", self.rate)] {
                if let number, number < 1 { throw ValidationError("--\(name) must be at least 1.") }
            }
        }

        func run() async throws {
            let context = try await self.options.context()
            let batch = try await self.chosen(context)
            if self.dryRun { return try await self.forecast(batch, context) }
            try await context.require(
                .replay, on: try await context.store.systems(of: batch.id), by: operatorName)
            do {
                try await context.store.change(batch.id, .start, by: operatorName, time: HubClock.system.timestamp)
                let advanced = try await context.store.advance(batch.id, now: HubClock.system.now())
                if self.json { return say(try ReadableJSON.text(BatchView(advanced.batch))) }
                for line in BatchText(advanced.batch, language: self.options.language).lines { say(line) }
            } catch let refusal as ReplayRefusal {
                throw AppError(.notFound, "\(refusal)", cause: refusal)
            }
        }

        private func chosen(_ context: HubContext) async throws -> ReplayBatch {
            if let id = self.batch {
                guard let batch = try await context.store.batch(id) else {
                    throw AppError(.notFound, "\(ReplayRefusal(batch: id, reason: .unknown))")
                }
                return batch
            }
            var filter = try await self.selection.filter(context)
            filter.ids = self.ids
            var one = filter
            one.limit = 1
            guard try await !context.store.list(one).isEmpty else {
                throw AppError(
                    .notFound,
                    self.options.language(
                        sv: "Inget öppet misslyckat meddelande stämmer.", en: "No open failed message matches."))
            }
            return try await context.store.select(
                filter, plan: ReplayPlan(canary: self.canary, ramp: self.ramp, rate: self.rate, asWas: self.asWas),
                by: operatorName,
                time: HubClock.system.timestamp)
        }

        private func forecast(_ batch: ReplayBatch, _ context: HubContext) async throws {
            let forecast = ReplayForecast(store: context.store, mappings: context.mappings)
            let language = self.options.language
            var after: Int64 = 0
            while true {
                let items = try await context.store.items(of: batch.id, after: after, limit: 500)
                guard let last = items.last else { break }
                after = last.failure
                var filter = FailureFilter()
                filter.ids = items.map(\.failure)
                let failures = try await context.store.list(filter)
                let outcomes = try await forecast.outcomes(of: failures, asWas: batch.plan.asWas)
                for failure in failures {
                    guard let outcome = outcomes[failure.id] else { continue }
                    let view = ForecastView(failure, outcome)
                    say(self.json ? try view.line() : view.text(language))
                }
            }
            guard !self.json else { return }
            say(
                language(
                    sv: "\(batch.size) valda, inget sänt. Sänd just dessa: knutpunkt failed replay --batch \(batch.id)",
                    en: "\(batch.size) chosen, nothing sent. Send exactly these: knutpunkt failed replay --batch \(batch.id)"))
        }
    }
}

/// Who gives the command: the person behind `sudo`, if it was used.
let operatorName = ProcessInfo.processInfo.environment["SUDO_USER"] ?? NSUserName()

/// One message's forecast, as a line of JSON or of text.
struct ForecastView: Encodable {
    let id: Int64
    let system: String
    let record: String?
    let outcome: String
    /// Why it still fails, or what it waits for.
    let reason: String?
    /// Where the remedy is written, when it still fails.
    let runbook: String?

    init(_ failure: FailedMessage, _ outcome: ReplayForecast.Outcome) {
        self.id = failure.id
        self.system = failure.failure.system
        self.record = failure.failure.key?.description
        if case .stillFails(let failure) = outcome { self.runbook = failure.runbook } else { self.runbook = nil }
        switch outcome {
        case .sent: (self.outcome, self.reason) = ("sent", nil)
        case .unchanged: (self.outcome, self.reason) = ("unchanged", nil)
        case .superseded: (self.outcome, self.reason) = ("superseded", nil)
        case .waits(let keys): (self.outcome, self.reason) = ("waits", keys.sorted().map(\.description).joined(separator: ", "))
        case .stillFails(let failure): (self.outcome, self.reason) = ("still-fails", failure.message)
        case .asksSource: (self.outcome, self.reason) = ("asks-source", nil)
        case .decidesAgain: (self.outcome, self.reason) = ("decides-again", nil)
        case .nothingKept: (self.outcome, self.reason) = ("nothing-kept", nil)
        case .overtaken: (self.outcome, self.reason) = ("overtaken", nil)
        case .unsendable: (self.outcome, self.reason) = ("unsendable", nil)
        }
    }

    func line() throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(self), as: UTF8.self)
    }

    func text(_ language: Language) -> String {
        let word =
            switch self.outcome {
            case "sent": language(sv: "sänds", en: "would be sent")
            case "unchanged": language(sv: "systemet har det redan", en: "the system has it already")
            case "superseded": language(sv: "ett nyare tillstånd är levererat", en: "a newer state was delivered")
            case "waits": language(sv: "väntar på", en: "would wait for")
            case "still-fails": language(sv: "misslyckas fortfarande", en: "still fails")
            case "decides-again": language(sv: "flödet avgör på nytt", en: "the flow decides again")
            case "asks-source": language(sv: "källan frågas igen", en: "the source is asked again")
            case "nothing-kept":
                language(
                    sv: "inget var gjort av det, kan inte sändas som det var",
                    en: "nothing had been made of it, can't be sent as it was")
            case "overtaken":
                language(
                    sv: "posten har ändrats sedan dess, sänds inte som den var",
                    en: "the record has changed since, not sent as it was")
            default: language(sv: "finns inte i registret, kan inte sändas", en: "not in the register, can't be sent")
            }
        return "\(self.id)  \(self.system)  \(self.record ?? "-")  \(word)" + (self.reason.map { ": \($0)" } ?? "")
            + (self.runbook.map { " → \($0)" } ?? "")
    }
}
