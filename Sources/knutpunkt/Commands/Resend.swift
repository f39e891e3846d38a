import ArgumentParser
import Foundation
import Hub
import KnutpunktApp
import SchoolRecords

struct Resend: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Send records to a receiving system again.",
        discussion: """
            For a system that was restored from a backup, or a queue that was deleted with messages in it. Without --all
            only what the system hasn't been given goes; with it every record. What would change nothing isn't written.

            Examples:
              knutpunkt resend unikum --dry-run
              knutpunkt resend unikum
              knutpunkt resend unikum --all --entity person --entity group
            """)

    @Argument(help: "The receiving system, e.g. unikum.")
    var system: String

    @Option(help: "Only records of this entity; may be given several times.")
    var entity: [String] = []

    @Flag(help: "Every record, not only those whose present state the system hasn't been given.")
    var all = false

    @Flag(help: "Count only; nothing is sent.")
    var dryRun = false

    @Flag(help: "The result as JSON.")
    var json = false

    @OptionGroup var options: HubOptions

    func run() async throws {
        let entities = try self.entity.map { name in
            guard let entity = Entity(rawValue: name) else {
                throw ValidationError(
                    "--entity \(name): there is no such entity. Known: \(Entity.allCases.map(\.rawValue).joined(separator: ", "))."
                )
            }
            return entity
        }
        let context = try await self.options.context()
        if !self.dryRun {
            try await context.require(.resend, on: [self.system], by: operatorName)
        }
        let isShown = !self.json && isatty(STDERR_FILENO) == 1
        let counts = try await context.resend(
            to: self.system, entities: entities.isEmpty ? nil : entities, everything: self.all, isDryRun: self.dryRun
        ) { entity, count in
            if isShown { FileHandle.standardError.write(Data("\r\u{1B}[K\(entity.rawValue): \(count)".utf8)) }
        }
        if isShown { FileHandle.standardError.write(Data("\r\u{1B}[K".utf8)) }
        let total = counts.values.reduce(0, +)
        if self.json {
            let byName = Dictionary(uniqueKeysWithValues: counts.map { ($0.key.rawValue, $0.value) })
            return say(try ReadableJSON.text(Outcome(system: self.system, dryRun: self.dryRun, records: byName, total: total)))
        }
        let language = self.options.language
        for (entity, count) in counts.sorted(by: { $0.key < $1.key }) { say("  \(entity.rawValue): \(count)") }
        say(
            self.dryRun
                ? language(
                    sv: "\(total) poster skulle sändas igen till \(self.system).",
                    en: "\(total) records would be sent to \(self.system) again.")
                : language(
                    sv: "\(total) poster ligger i utkorgen till \(self.system). En hubb som är igång levererar dem nu.",
                    en: "\(total) records are in the outbox to \(self.system). A running hub delivers them now."))
    }

    private struct Outcome: Encodable {
        let system: String
        let dryRun: Bool
        let records: [String: Int]
        let total: Int
    }
}
