import ArgumentParser
import Foundation
import Hub
import KnutpunktApp

struct AuditCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "audit",
        abstract: "Who decided what, and when: replays, corrections, discarded messages, held changes; and who looked at whom.",
        discussion: """
            Each entry seals the one before; --verify goes through the whole log and says where it was tampered with.

            Examples:
              knutpunkt audit
              knutpunkt audit --operation 1f2e3d4c
              knutpunkt audit --subject failure/17
              knutpunkt audit --subject person/920d2fa2-2536-8a5d-bca2-27ee57b8d473
              knutpunkt audit --subject held/edlevo-person-1f2e3d4c5b6a7988
              knutpunkt audit --verify
            """)
    @Option(help: "One operation, e.g. a replay's id.") var operation: String?
    @Option(help: "What it was done to, e.g. failure/17.") var subject: String?
    @Option(help: "Who did it.") var person: String?
    @Option(help: "Only numbers above this one: the next page.") var after: Int64 = 0
    @Option(help: "At most this many.") var limit = 100
    @Flag(help: "Check that nothing was changed or taken away.") var verify = false
    @Flag(help: "As JSON.") var json = false
    @OptionGroup var options: HubOptions

    func validate() throws {
        if self.limit < 1 { throw ValidationError("--limit must be at least 1.") }
    }

    func run() async throws {
        let context = try await self.options.context()
        let language = self.options.language
        if self.verify {
            if let number = try await context.store.firstBrokenAuditEntry() {
                say(
                    language(
                        sv: "Loggen är ändrad: post \(number) är inte som den skrevs, eller saknas.",
                        en: "The log was changed: entry \(number) is not as it was written, or is missing."))
                throw ExitCode(1)
            }
            return say(language(sv: "Loggen är hel.", en: "The log is whole."))
        }
        var filter = AuditFilter()
        (filter.operation, filter.subject, filter.person) = (self.operation, self.subject, self.person)
        (filter.after, filter.limit) = (self.after, self.limit)
        let entries = try await context.store.auditEntries(filter)
        if self.json { return say(try ReadableJSON.text(entries)) }
        if entries.isEmpty { return say(language(sv: "Inga poster.", en: "No entries.")) }
        for entry in entries {
            say(
                [
                    String(entry.number), entry.time, entry.person, entry.action, entry.subject, entry.operation ?? "-",
                    entry.reason ?? "",
                ].joined(separator: "  "))
        }
    }
}
