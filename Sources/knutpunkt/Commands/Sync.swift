import Mapping
import SchoolRecords
import ArgumentParser
import Foundation
import Hub
import KnutpunktApp

struct Sync: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Read one source system now, or all of them.",
        discussion: """
            What changed goes to the outbox; a running hub delivers it at once, otherwise the next one does.
            A change of very many records waits and is told with its id; look at it, then approve exactly that set.
            All sources are read one after the other; one that can't be read doesn't keep the others from it.

            Examples:
              knutpunkt sync
              knutpunkt sync edlevo
              knutpunkt sync edlevo --full
              knutpunkt sync unikum --full --entity rolegrant --entity accountstatus
              knutpunkt sync edlevo --full --approve edlevo-person-1f2e3d4c5b6a7988

            Exit status: 0 read; 1 read, and something waits for approval or couldn't be used; 66 no such source;
            69 a source can't be reached; 78 wrong set-up. Of several sources the gravest counts.
            """)

    @Argument(help: "The source system, e.g. edlevo. Left out: all of them.")
    var system: String?

    @Flag(help: "Everything, not only what changed; finds deletions that the source didn't tell.")
    var full = false

    @Option(help: "Id of a held change to let through; may be given several times.")
    var approve: [String] = []

    @Option(help: "A kind of record, e.g. rolegrant: the others aren't read. May be given several times.")
    var entity: [Entity] = []

    @Flag(help: "The result as JSON: one report, or a list of them when all are read.")
    var json = false

    @OptionGroup var options: HubOptions

    func run() async throws {
        let context = try await self.options.context()
        guard let system else { return try await self.runAll(context) }
        let report = try await self.read(system, context)
        if self.json { say(try ReadableJSON.text(report)) } else { self.show(report) }
        if !report.isWhole { throw ExitCode(1) }
    }

    /// One source's report, or why there is none.
    private struct Outcome: Encodable {
        let source: String
        var report: IntakeReport?
        var error: String?
    }

    private func runAll(_ context: HubContext) async throws {
        let language = self.options.language
        let set = context.mappings.set
        let all = set.sourceNames.filter { set.systems[$0]?.source?.connector != "handed_in" }
        // Who is protected is known when persons have been read.
        let first = all.filter { set.inboundEntities(system: $0).contains(.person) }
        let names = first + all.filter { !first.contains($0) }
        guard !names.isEmpty else {
            throw AppError(.notFound, "No source is switched on: see enabled in Mappings/<system>/system.yaml.")
        }
        var outcomes: [Outcome] = []
        var status: Int32 = 0
        for (number, name) in names.enumerated() {
            if !self.json {
                say(language(sv: "\(name) (\(number + 1) av \(names.count))", en: "\(name) (\(number + 1) of \(names.count))"))
            }
            do {
                let report = try await self.read(name, context)
                outcomes.append(Outcome(source: name, report: report))
                if !self.json { self.show(report, indent: "  ") }
                if !report.isWhole { status = max(status, 1) }
            } catch let error as AppError {
                outcomes.append(Outcome(source: name, error: error.message))
                status = max(status, error.exitCode)
                if !self.json { say(language(sv: "  KUNDE INTE LÄSAS: ", en: "  COULD NOT BE READ: ") + error.message) }
            }
        }
        if self.json { say(try ReadableJSON.text(outcomes)) }
        if status != 0 { throw ExitCode(status) }
    }

    private func read(_ system: String, _ context: HubContext) async throws -> IntakeReport {
        for action in self.approve.isEmpty ? [Permissions.Action.sync] : [.sync, .approveChanges] {
            try await context.require(action, on: [system], by: operatorName)
        }
        let bar = SyncBar(system: system, language: self.options.language, isSilent: self.json)
        defer { bar.close() }
        return try await context.sync(
            system, mode: self.full ? .full : .changes, approved: Set(self.approve),
            only: self.entity.isEmpty ? nil : Set(self.entity), progress: { bar.show($0) })
    }

    private func show(_ report: IntakeReport, indent: String = "") {
        let language = self.options.language
        for (entity, part) in report.parts.sorted(by: { $0.key < $1.key }) {
            say(
                indent
                    + language(
                        sv:
                            "\(entity): \(part.read) lästa, \(part.created) nya, \(part.updated) ändrade, \(part.deleted) borttagna, \(part.unchanged) oförändrade, \(part.withheld) skyddade, \(part.failed) fel",
                        en:
                            "\(entity): \(part.read) read, \(part.created) new, \(part.updated) changed, \(part.deleted) deleted, \(part.unchanged) unchanged, \(part.withheld) protected, \(part.failed) failed"
                    ))
        }
        for (entity, needed) in report.waiting.sorted(by: { $0.key < $1.key }) {
            let needed = needed.joined(separator: ", ")
            say(
                indent
                    + language(
                        sv:
                            "\(entity): väntar. Först måste \(needed) läsas från sin källa, så att det är känt vilka som är skyddade: knutpunkt sync",
                        en:
                            "\(entity): waits. First \(needed) must be read from their source, so that it is known who is protected: knutpunkt sync"
                    ))
        }
        let text = HeldText(language)
        for held in report.held {
            for line in text.lines(held, [], [], withValues: false) { say(indent + line) }
        }
        for id in report.parts.values.flatMap(\.applied).sorted() {
            say(indent + language(sv: "Godkänd ändring genomförd: \(id)", en: "Approved change carried out: \(id)"))
        }
        for id in report.parts.values.flatMap(\.lapsed).sorted() {
            say(
                indent
                    + language(
                        sv: "Godkännandet av \(id) gäller inte: källan har ändrats sedan dess.",
                        en: "The approval of \(id) doesn't apply: the source has moved on."))
        }
        say(
            indent
                + language(
                    sv: "\(report.changed) ändringar till utkorgen på \(String(format: "%.1f", report.seconds)) s",
                    en: "\(report.changed) changes to the outbox in \(String(format: "%.1f", report.seconds)) s"))
    }
}

/// Shows on a terminal how far the reading is.
private struct SyncBar: Sendable {
    let system: String
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
        FileHandle.standardError.write(
            Data("\r\u{1B}[K\(self.system) \(progress.entity.rawValue): \(step) \(progress.count)".utf8))
    }

    func close() {
        if self.isShown { FileHandle.standardError.write(Data("\r\u{1B}[K".utf8)) }
    }
}
