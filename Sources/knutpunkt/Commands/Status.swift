import Hub
import ArgumentParser
import KnutpunktApp

struct Status: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "How far everything has come.",
        discussion: """
            Examples:
              knutpunkt status
              knutpunkt status --json
            """)

    @Flag(help: "As JSON.") var json = false
    @OptionGroup var options: HubOptions

    func run() async throws {
        let context = try await self.options.context()
        let status = try await context.status()
        if self.json { return say(try ReadableJSON.text(status)) }
        let language = self.options.language
        if let running = status.running {
            say(
                language(sv: "Hubben är igång (pid \(running.pid)): ", en: "The hub runs (pid \(running.pid)): ")
                    + "\(running.phase.rawValue), \(running.detail)")
        } else {
            say(language(sv: "Hubben är inte igång.", en: "The hub doesn't run."))
        }
        for (entity, count) in status.records.sorted(by: { $0.key < $1.key }) {
            let withheld = status.withheld[entity] ?? 0
            say(
                "  \(entity): \(count)"
                    + (withheld > 0 ? language(sv: " och \(withheld) skyddade", en: " and \(withheld) protected") : ""))
        }
        say(language(sv: "Utkorg: \(status.outbox) väntar", en: "Outbox: \(status.outbox) waiting"))
        for (system, lag) in status.lag.sorted(by: { $0.key < $1.key }) {
            let waiting = status.waiting[system] ?? 0
            say(
                language(
                    sv: "\(system): \(lag) på väg, \(waiting) väntar på annan post",
                    en: "\(system): \(lag) under way, \(waiting) waiting for another record"))
        }
        for held in status.held {
            let counts = ChangeCounts(
                creates: held.creates, updates: held.updates, deletes: held.deletes, releases: held.releases)
            let text = HeldText(language)
            let state = HeldChange.State(rawValue: held.state).map(text.state) ?? held.state
            say(
                "\(state): \(held.system) \(held.entity): \(text.words.counts(counts))"
                    + language(sv: " av \(held.living). Se: ", en: " of \(held.living). See: ") + "knutpunkt held show \(held.id)"
            )
        }
        for (flow, count) in status.derived.sorted(by: { $0.key < $1.key }) {
            say(language(sv: "\(flow): \(count) härledda poster", en: "\(flow): \(count) derived records"))
        }
        let counts = status.counts
        say(
            language(
                sv:
                    "Publicerade \(counts.published), levererade \(counts.delivered), passerade \(counts.superseded), misslyckade \(status.failed["failed"] ?? 0) öppna av \(counts.failed), omsända \(counts.replayed)",
                en:
                    "Published \(counts.published), delivered \(counts.delivered), superseded \(counts.superseded), failed \(status.failed["failed"] ?? 0) open of \(counts.failed), replayed \(counts.replayed)"
            ))
    }
}
