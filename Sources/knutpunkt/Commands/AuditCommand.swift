import ArgumentParser
import Foundation
import Hub
import KnutpunktApp

struct AuditCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "audit",
        abstract: "Who decided what, and when: replays, corrections, discarded messages, held changes; and who looked at whom.",
        discussion: """
            Each entry seals the one before. verify goes through the whole log and says where it was tampered with; an anchor that
            is kept elsewhere tells also whether its end was cut off.

            Examples:
              knutpunkt audit
              knutpunkt audit --operation 1f2e3d4c
              knutpunkt audit --subject failure/17
              knutpunkt audit --subject person/920d2fa2-2536-8a5d-bca2-27ee57b8d473
              knutpunkt audit --subject held/edlevo-person-1f2e3d4c5b6a7988
              knutpunkt audit anchor
              knutpunkt audit verify --anchors /mnt/elsewhere/anchors.txt
            """,
        subcommands: [AuditList.self, AuditVerify.self, AuditAnchorCommand.self], defaultSubcommand: AuditList.self)
}

struct AuditList: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "list", abstract: "Entries, in order; this is the default.")

    @Option(help: "One operation, e.g. a replay's id.") var operation: String?
    @Option(help: "What it was done to, e.g. failure/17.") var subject: String?
    @Option(help: "Who did it.") var person: String?
    @Option(help: "Only numbers above this one: the next page.") var after: Int64 = 0
    @Option(help: "At most this many.") var limit = 100
    @Flag(help: "As JSON.") var json = false
    @OptionGroup var options: HubOptions

    func validate() throws {
        if self.limit < 1 { throw ValidationError("--limit must be at least 1.") }
    }

    func run() async throws {
        let context = try await self.options.context()
        let language = self.options.language
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

struct AuditAnchorCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "anchor",
        abstract:
            "What to keep elsewhere, so that nobody can cut off the log's end unseen: one line, number and hash of its last entry.",
        discussion: """
            Keep it where nobody who gets at the hub can write: another machine, paper, a mail to somebody. It tells nothing of anybody.

            Examples:
              knutpunkt audit anchor >> /mnt/elsewhere/anchors.txt
              knutpunkt audit anchor | mail -s "anchor of the hub" registrator@kommun.example

            Exit status: 0 told; 66 there is no entry yet.
            """)
    @OptionGroup var options: HubOptions

    func run() async throws {
        let context = try await self.options.context()
        guard let last = try await context.store.lastAuditEntry() else {
            throw AppError(.notFound, sv: "Loggen har ingen post än.", en: "The log has no entry yet.")
        }
        say("\(AuditAnchor(last))")
    }
}

struct AuditVerify: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify",
        abstract: "Check that nothing was changed or taken away, and where.",
        discussion: """
            Without an anchor it can't be told whether the latest entries were cut off, or an older copy of the store put back.

            Examples:
              knutpunkt audit verify
              knutpunkt audit verify --anchor 1742:9f0c31aa52be7d10c4a1b2e3f4051627
              knutpunkt audit verify --anchors /mnt/elsewhere/anchors.txt --json

            Exit status: 0 the log is whole and every anchor holds; 1 it was tampered with; 64 wrong use; 66 no such file.
            """)
    @Option(help: "An anchor that was kept, as `audit anchor` wrote it; may be given several times.") var anchor: [String] = []
    @Option(help: "A file of anchors, one a line.") var anchors: String?
    @Flag(help: "As JSON.") var json = false
    @OptionGroup var options: HubOptions

    private struct Answer: Encodable {
        struct Checked: Encodable {
            let anchor: AuditAnchor
            let finding: String
        }

        let isWhole: Bool
        /// The first entry that isn't as it was written, or that is missing.
        let firstBroken: Int64?
        let anchors: [Checked]
    }

    func run() async throws {
        let language = self.options.language
        let anchors = try self.kept(language)
        let store = try await self.options.context().store
        let broken = try await store.firstBrokenAuditEntry()
        var checked: [(AuditAnchor, AuditAnchor.Finding)] = []
        for anchor in anchors { checked.append((anchor, try await store.check(anchor))) }
        let wrong = checked.filter { $0.1 != .holds && $0.1 != .tooOld }
        if self.json {
            say(
                try ReadableJSON.text(
                    Answer(
                        isWhole: broken == nil && wrong.isEmpty, firstBroken: broken,
                        anchors: checked.map { .init(anchor: $0.0, finding: Self.code($0.1)) })))
        } else {
            if let broken {
                say(
                    language(
                        sv: "Loggen är ändrad: post \(broken) är inte som den skrevs, eller saknas.",
                        en: "The log was changed: entry \(broken) is not as it was written, or is missing."))
            }
            for (anchor, finding) in checked where finding != .holds { say(Self.text(anchor, finding, language)) }
            if broken == nil, wrong.isEmpty {
                let held = checked.count { $0.1 == .holds }
                say(
                    held > 0
                        ? language(
                            sv: "Loggen är hel, och \(held) ankare stämmer.", en: "The log is whole, and \(held) anchors hold.")
                        : language(
                            sv: "Loggen är hel. Om slutet är avkapat kan bara ett sparat ankare visa (knutpunkt audit anchor).",
                            en:
                                "The log is whole. Whether its end was cut off only a kept anchor can tell (knutpunkt audit anchor)."
                        ))
            }
        }
        if broken != nil || !wrong.isEmpty { throw ExitCode(1) }
    }

    private func kept(_ language: Language) throws -> [AuditAnchor] {
        var lines = self.anchor.map { ($0, "--anchor") }
        if let file = self.anchors {
            let text: String
            do { text = try String(contentsOfFile: file, encoding: .utf8) } catch {
                throw AppError(
                    .notFound, sv: "\(file): filen kan inte läsas.", en: "\(file): the file can't be read.", cause: error)
            }
            lines += text.split(separator: "\n").enumerated().map { ("\($1)", "\(file):\($0 + 1)") }
        }
        return try lines.compactMap { line, place in
            let text = line.trimmingCharacters(in: .whitespaces)
            guard !text.isEmpty else { return nil }
            guard let anchor = AuditAnchor(text) else {
                throw ValidationError(
                    language(
                        sv: "\(place): det är inget ankare. Skriv det som knutpunkt audit anchor skrev: nummer, kolon, hash.",
                        en: "\(place): that is no anchor. Write it as knutpunkt audit anchor did: number, colon, hash."))
            }
            return anchor
        }
    }

    private static func code(_ finding: AuditAnchor.Finding) -> String {
        switch finding {
        case .holds: "holds"
        case .other: "other"
        case .cutOff: "cut-off"
        case .tooOld: "too-old"
        }
    }

    private static func text(_ anchor: AuditAnchor, _ finding: AuditAnchor.Finding, _ language: Language) -> String {
        switch finding {
        case .holds: language(sv: "\(anchor.number): stämmer", en: "\(anchor.number): holds")
        case .other:
            language(
                sv: "Ankare \(anchor.number): posten är en annan än den som ankaret skrevs för.",
                en: "Anchor \(anchor.number): the entry is another than the one that the anchor was written for.")
        case .cutOff(let last):
            language(
                sv: "Ankare \(anchor.number): loggen slutar vid \(last). Slutet är avkapat, eller en äldre kopia återlagd.",
                en: "Anchor \(anchor.number): the log ends at \(last). Its end was cut off, or an older copy was put back.")
        case .tooOld:
            language(
                sv: "Ankare \(anchor.number): posten är gallrad, så ankaret säger inget mer.",
                en: "Anchor \(anchor.number): the entry has been removed with age, so the anchor tells nothing more.")
        }
    }
}
