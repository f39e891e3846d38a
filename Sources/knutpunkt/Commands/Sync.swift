import SchoolRecords
import ArgumentParser
import Foundation
import Hub
import KnutpunktApp

struct Sync: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Read a source system now.",
        discussion: """
            What changed goes to the outbox; a running hub delivers it at once, otherwise the next one does.
            A change of very many records waits and is told with its id; look at it, then approve exactly that set.

            Examples:
              knutpunkt sync edlevo
              knutpunkt sync edlevo --full
              knutpunkt sync edlevo --full --approve edlevo-person-1f2e3d4c5b6a7988
            """)

    @Argument(help: "The source system, e.g. edlevo.")
    var system: String

    @Flag(help: "Everything, not only what changed; finds deletions that the source didn't tell.")
    var full = false

    @Option(help: "Id of a held change to let through; may be given several times.")
    var approve: [String] = []

    @Flag(help: "The result as JSON.")
    var json = false

    @OptionGroup var options: HubOptions

    func run() async throws {
        let context = try await self.options.context()
        let language = self.options.language
        let bar = SyncBar(language: language, isSilent: self.json)
        let report = try await context.sync(
            self.system, mode: self.full ? .full : .changes, approved: Set(self.approve), progress: { bar.show($0) })
        bar.close()
        if self.json {
            say(try ReadableJSON.text(report))
        } else {
            for (entity, part) in report.parts.sorted(by: { $0.key < $1.key }) {
                say(
                    language(
                        sv:
                            "\(entity): \(part.read) lästa, \(part.created) nya, \(part.updated) ändrade, \(part.deleted) borttagna, \(part.unchanged) oförändrade, \(part.withheld) skyddade, \(part.failed) fel",
                        en:
                            "\(entity): \(part.read) read, \(part.created) new, \(part.updated) changed, \(part.deleted) deleted, \(part.unchanged) unchanged, \(part.withheld) protected, \(part.failed) failed"
                    ))
            }
            for held in report.held {
                say(
                    language(
                        sv:
                            "VÄNTAR: \(held.entity): \(held.updates) ändringar och \(held.deletes) borttagningar av \(held.living) poster. Inget av det är infört. Är det rätt? Kör: knutpunkt sync \(self.system)\(self.full ? " --full" : "") --approve \(held.id)",
                        en:
                            "HELD: \(held.entity): \(held.updates) updates and \(held.deletes) deletions of \(held.living) records. None of it is taken. If it is right, run: knutpunkt sync \(self.system)\(self.full ? " --full" : "") --approve \(held.id)"
                    ))
            }
            for unit in report.held.flatMap(\.units) {
                say(
                    language(
                        sv:
                            "  enhet \(unit.unit): \(unit.updates) ändringar och \(unit.deletes) borttagningar av \(unit.living) poster",
                        en: "  unit \(unit.unit): \(unit.updates) updates and \(unit.deletes) deletions of \(unit.living) records"
                    ))
            }
            say(
                language(
                    sv: "\(report.changed) ändringar till utkorgen på \(String(format: "%.1f", report.seconds)) s",
                    en: "\(report.changed) changes to the outbox in \(String(format: "%.1f", report.seconds)) s"))
        }
        if !report.held.isEmpty || report.failed > 0 { throw ExitCode(1) }
    }
}

/// Shows on a terminal how far the reading is.
private struct SyncBar: Sendable {
    let language: Language
    let isSilent: Bool

    private var isShown: Bool { !self.isSilent && isatty(STDERR_FILENO) == 1 }

    func show(_ progress: IntakeProgress) {
        guard self.isShown else { return }
        let step =
            switch progress.step {
            case .reading: self.language(sv: "läser", en: "reading")
            case .comparing: self.language(sv: "jämför", en: "comparing")
            case .taking: self.language(sv: "inför", en: "taking")
            }
        FileHandle.standardError.write(Data("\r\u{1B}[K\(progress.entity.rawValue): \(step) \(progress.count)".utf8))
    }

    func close() {
        if self.isShown { FileHandle.standardError.write(Data("\r\u{1B}[K".utf8)) }
    }
}
