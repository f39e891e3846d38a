import ArgumentParser
import Hub
import KnutpunktApp

struct PrivacyRetention: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "retention",
        abstract: "How long each kind of data is kept, and what is too old now.",
        discussion: """
            The periods are retention.* in the configuration. A running hub forgets by itself, every hour, in small steps; \
            --sweep does it now. What is open, what a system still has, and what a legal hold keeps (knutpunkt privacy hold) \
            isn't touched.

            Examples:
              knutpunkt privacy retention
              knutpunkt privacy retention --json
              knutpunkt privacy retention --sweep

            Permission: archive, for --sweep. Exit status: 0 done; 64 wrong use; 74 the store; 77 not allowed.
            """)

    @Flag(help: "Forget now what is too old.")
    var sweep = false
    @Flag(help: "As JSON.")
    var json = false
    @OptionGroup var options: HubOptions

    private struct Kind: Encodable {
        let kind: String
        let days: Int?
        /// What was forgotten with `--sweep`; what is too old without it. Counted up to 10,000 without.
        let count: Int
    }

    func run() async throws {
        let language = self.options.language
        let context = try await self.options.context()
        let (periods, forgetting) = (context.configuration.retention, context.configuration.forgetting)
        let now = HubClock.system.now()
        let step: RetentionStep
        let forgotten: Forgotten
        if self.sweep {
            try await context.require(.archive, on: [], by: operatorName)
            let service = RetentionService(
                periods: periods, forgetting: forgetting, store: context.store, logger: context.logger)
            step = try await service.sweep(by: operatorName)
            forgotten = try await service.forget(by: operatorName)
        } else {
            step = try await context.store.retainable(periods, now: now)
            forgotten = try await context.store.forgettable(forgetting, now: now, limit: 10_000)
        }
        let kinds = [
            Kind(kind: "failures", days: periods.failuresDays, count: step.archived),
            Kind(kind: "archived", days: periods.archivedDays, count: step.deleted),
            Kind(kind: "audit", days: periods.auditDays, count: step.audit),
            Kind(kind: "gone", days: forgetting.goneDays, count: forgotten.gone),
            Kind(kind: "keys", days: 0, count: forgotten.keys),
            Kind(kind: "history", days: forgetting.historyDays, count: forgotten.history),
            Kind(kind: "roles", days: forgetting.rolesDays, count: forgotten.roles + forgotten.plans),
            Kind(kind: "changes", days: forgetting.changesDays, count: forgotten.changes),
        ]
        if self.json { return say(try ReadableJSON.text(kinds)) }
        for kind in kinds {
            let days =
                kind.days.map { language(sv: "\($0) dagar", en: "\($0) days") } ?? language(sv: "alltid", en: "for ever")
            let count =
                self.sweep
                ? language(sv: "glömda: \(kind.count)", en: "forgotten: \(kind.count)")
                : language(sv: "för gamla nu: \(kind.count)", en: "too old now: \(kind.count)")
            say("\(Self.name(kind.kind, language))  \(days)  \(count)")
        }
    }

    private static func name(_ kind: String, _ language: Language) -> String {
        switch kind {
        case "failures": language(sv: "misslyckade meddelanden som är över", en: "failed messages that are over")
        case "archived": language(sv: "det som finns kvar av dem", en: "what is left of them")
        case "audit": language(sv: "granskningsloggen", en: "the audit log")
        case "gone": language(sv: "id för poster som är borta", en: "ids of records that are gone")
        case "keys": language(sv: "nycklar för personer som är borta", en: "keys of persons who are gone")
        case "history": language(sv: "posters tidigare resor", en: "earlier journeys of records")
        case "roles": language(sv: "rollplaner och rollbeslut som är över", en: "role plans and decisions that are over")
        default: language(sv: "massändringar som är avgjorda", en: "mass changes that are decided")
        }
    }
}
