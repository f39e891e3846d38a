import ArgumentParser
import Foundation
import Hub
import KnutpunktApp

extension Failed {
    struct Batches: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Replays: how far they are, and pausing, resuming or cancelling one.",
            discussion: """
                Examples:
                  knutpunkt failed batches
                  knutpunkt failed batches 1f2e3d4c --pause
                  knutpunkt failed batches 1f2e3d4c --resume
                  knutpunkt failed batches 1f2e3d4c --items
                """)
        @Argument(help: "A replay's id.") var id: String?
        @Flag(help: "Send no more for now.") var pause = false
        @Flag(help: "Go on after a pause or a stop.") var resume = false
        @Flag(help: "Send no more; what is under way gets its outcome.") var cancel = false
        @Flag(help: "Say what became of each message.") var items = false
        @Option(help: "At most this many replays.") var limit = 20
        @Flag(help: "As JSON.") var json = false
        @OptionGroup var options: HubOptions

        func validate() throws {
            let commands = [self.pause, self.resume, self.cancel].count { $0 }
            if commands > 1 { throw ValidationError("Only one of --pause, --resume and --cancel.") }
            if self.id == nil, commands > 0 || self.items {
                throw ValidationError("Say which replay. See: knutpunkt failed batches")
            }
        }

        func run() async throws {
            let context = try await self.options.context()
            let language = self.options.language
            guard let id = self.id else {
                let batches = try await context.store.batches(limit: self.limit)
                if self.json { return say(try ReadableJSON.text(batches.map(BatchView.init))) }
                if batches.isEmpty { return say(language(sv: "Inga omsändningar.", en: "No replays.")) }
                for batch in batches { for line in BatchText(batch, language: language).lines { say(line) } }
                return
            }
            if self.pause || self.resume || self.cancel {
                try await context.require(
                    .replay, on: try await context.store.systems(of: id), by: operatorName)
            }
            do {
                if self.pause { try await context.store.change(id, .pause, by: operatorName, time: HubClock.system.timestamp) }
                if self.resume { try await context.store.change(id, .resume, by: operatorName, time: HubClock.system.timestamp) }
                if self.cancel { try await context.store.change(id, .cancel, by: operatorName, time: HubClock.system.timestamp) }
            } catch let refusal as ReplayRefusal {
                throw AppError(.notFound, "\(refusal)", cause: refusal)
            }
            guard let batch = try await context.store.batch(id) else {
                throw AppError(.notFound, "\(ReplayRefusal(batch: id, reason: .unknown))")
            }
            if self.json {
                say(try ReadableJSON.text(BatchView(batch)))
            } else {
                for line in BatchText(batch, language: language).lines { say(line) }
            }
            if self.items { try await self.list(batch, context) }
        }

        private func list(_ batch: ReplayBatch, _ context: HubContext) async throws {
            var after: Int64 = 0
            while true {
                let items = try await context.store.items(of: batch.id, after: after, limit: 1000)
                guard let last = items.last else { return }
                after = last.failure
                for item in items { say("\(item.failure)  \(item.outcome.rawValue)") }
            }
        }
    }

    struct Discard: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Give up failed messages: they stay listed as discarded, with the reason and who said so.",
            discussion: """
                Example:
                  knutpunkt failed discard 17 18 --reason "test record, not a pupil"
                """)
        @Argument(help: "Numbers of failed messages.") var ids: [Int64]
        @Option(help: "Why. No personal data.") var reason: String
        @OptionGroup var options: HubOptions

        func validate() throws {
            if self.reason.allSatisfy(\.isWhitespace) { throw ValidationError("--reason must say why.") }
        }

        func run() async throws {
            let context = try await self.options.context()
            var filter = FailureFilter()
            filter.ids = self.ids
            let systems = Set(try await context.store.list(filter).map(\.failure.system))
            if !systems.isEmpty {
                try await context.require(.discard, on: systems, by: operatorName)
            }
            let number = try await context.store.discard(
                self.ids, reason: self.reason, by: operatorName, time: HubClock.system.timestamp)
            let language = self.options.language
            say(language(sv: "\(number) av \(self.ids.count) kastade.", en: "\(number) of \(self.ids.count) discarded."))
            if number < Set(self.ids).count {
                throw AppError(
                    .notFound,
                    language(
                        sv: "De andra är inte öppna, eller en omsändning har dem. Se: knutpunkt failed batches",
                        en: "The others are not open, or a replay has them. See: knutpunkt failed batches"))
            }
        }
    }
}

/// A replay as JSON.
struct BatchView: Encodable {
    let id: String
    let state: String
    let size: Int
    let contentHash: String
    let madeAt: String
    let madeBy: String
    let canary: Int?
    let ramp: Bool
    let rate: Int?
    let asWas: Bool
    let outcomes: [String: Int]

    init(_ batch: ReplayBatch) {
        self.id = batch.id
        self.state = batch.state.rawValue
        self.size = batch.size
        self.contentHash = batch.contentHash
        self.madeAt = batch.madeAt
        self.madeBy = batch.madeBy
        self.canary = batch.plan.canary
        self.ramp = batch.plan.ramp
        self.rate = batch.plan.rate
        self.asWas = batch.plan.asWas
        self.outcomes = Dictionary(
            batch.tally.numbers.map { ($0.key.rawValue, $0.value) }, uniquingKeysWith: { first, _ in first })
    }
}

/// A replay for people.
struct BatchText {
    let lines: [String]

    init(_ batch: ReplayBatch, language: Language) {
        let outcomes = ReplayItem.Outcome.allCases.filter { batch.tally[$0] > 0 }.map { outcome in
            "\(batch.tally[outcome]) \(Self.word(outcome, language))"
        }
        var lines = [
            "\(batch.id)  \(Self.word(batch.state, language))  \(outcomes.joined(separator: ", "))  \(batch.madeAt)  \(batch.madeBy)"
                + (batch.plan.asWas ? language(sv: "  som det var", en: "  as it was") : "")
        ]
        switch batch.state {
        case .running, .paused:
            lines.append(language(sv: "    Följ den: ", en: "    Follow it: ") + "knutpunkt failed batches \(batch.id)")
        case .stopped:
            lines.append(
                language(
                    sv: "    Ett meddelande misslyckades igen. Rätta orsaken, fortsätt sedan: ",
                    en: "    A message failed again. Mend the cause, then go on: ")
                    + "knutpunkt failed batches \(batch.id) --resume")
        case .selected, .cancelled, .done: break
        }
        self.lines = lines
    }

    private static func word(_ state: ReplayBatch.State, _ language: Language) -> String {
        switch state {
        case .selected: language(sv: "vald", en: "chosen")
        case .running: language(sv: "pågår", en: "running")
        case .paused: language(sv: "pausad", en: "paused")
        case .stopped: language(sv: "stannad", en: "stopped")
        case .cancelled: language(sv: "avbruten", en: "cancelled")
        case .done: language(sv: "klar", en: "done")
        }
    }

    private static func word(_ outcome: ReplayItem.Outcome, _ language: Language) -> String {
        switch outcome {
        case .selected: language(sv: "valda", en: "chosen")
        case .waiting: language(sv: "på tur", en: "to go")
        case .sent: language(sv: "sänds igen", en: "are sent again")
        case .replayed: language(sv: "omsända", en: "replayed")
        case .superseded: language(sv: "passerade", en: "superseded")
        case .failed: language(sv: "misslyckade igen", en: "failed again")
        case .skipped: language(sv: "hoppades över", en: "skipped")
        case .unsendable: language(sv: "kan inte sändas", en: "can't be sent")
        case .cancelled: language(sv: "avbrutna", en: "cancelled")
        }
    }
}
