import ArgumentParser
import Hub
import KnutpunktApp

struct PrivacyErase: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "erase",
        abstract: "Erase a person: here, at every system, and in every older copy of the store.",
        discussion: """
            At once, everything that the hub has of the person is destroyed, nothing can bring the person back, and every system \
            that has something is told to delete. When all systems have confirmed, the hub gets a new key and everybody else's \
            data is sealed with it: whatever was copied before, backups too, can't be opened any more. So take a new backup, \
            and renew the copy of the key that is kept elsewhere, when knutpunkt privacy erasures says done.

            Refused while a source has the person (--although-active: readings then leave the person out until knutpunkt \
            privacy restore), and under a legal hold. What is left: an opaque id, when, by whom and why.

            Without --yes nothing is changed: what would go is told, as with --dry-run.

            Examples:
              knutpunkt privacy erase 9d2c7a52-0a0e-4a0c-8d5e-6f3b8c1f2a11 --reason "case 4711" --dry-run
              knutpunkt privacy erase 9d2c7a52-0a0e-4a0c-8d5e-6f3b8c1f2a11 --reason "case 4711" --yes
              knutpunkt privacy erase 9d2c7a52-0a0e-4a0c-8d5e-6f3b8c1f2a11 --reason "case 4711" --yes --although-active --json

            Permission: erase. Exit status: 0 erased everywhere; 1 systems have still to confirm, or nothing was changed; 64 wrong \
            use; 66 the hub knows of no such person; 74 the store; 77 not allowed, held or active.
            """)

    @Argument(help: "The person's id, or the opaque one that protect told.")
    var person: String
    @Option(help: "Why: kept with the erasure. No personal data.")
    var reason: String
    @Flag(help: "Erase although a source has the person.")
    var althoughActive = false
    @Flag(help: "Only tell what would go.")
    var dryRun = false
    @Flag(help: "Do it: it can't be undone.")
    var yes = false
    @Flag(help: "As JSON.")
    var json = false
    @OptionGroup var options: HubOptions

    func run() async throws {
        let language = self.options.language
        try requireReason(self.reason, language)
        let id = try personID(self.person, language)
        let context = try await self.options.context()
        try await context.require(.erase, on: [], by: operatorName)
        let text = ErasureText(language: language, context: context)
        guard self.yes, !self.dryRun else {
            let outlook = try await context.eraser().look(at: id)
            if self.json {
                say(try ReadableJSON.text(ErasureText.Outlook(outlook, context)))
            } else {
                for line in text.outlook(outlook) { say(line) }
            }
            if !self.dryRun { throw ExitCode(1) }
            return
        }
        guard try await context.eraser().look(at: id).isErasable else {
            throw AppError(
                .notFound, sv: "Navet känner ingen sådan person.", en: "The hub knows of no such person.")
        }
        let erasure = try await context.erase(id, although: self.althoughActive, by: operatorName, reason: self.reason)
        if self.json {
            say(try ReadableJSON.text(ErasureText.Proof(erasure, context)))
        } else {
            for line in text.proof(erasure) { say(line) }
        }
        if erasure.state != .done { throw ExitCode(1) }
    }
}

struct PrivacyErasures: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "erasures",
        abstract: "Who was erased, what was destroyed, and which systems have confirmed.",
        discussion: """
            The proof of each erasure: persons are named by their opaque ids. A running hub ends erasures as systems confirm; \
            --settle does it now. A system that will never confirm (it is gone, or lets nobody delete) is given up by --give-up: \
            make sure by hand that it has nothing.

            Examples:
              knutpunkt privacy erasures
              knutpunkt privacy erasures --settle
              knutpunkt privacy erasures --give-up unikum --person 6a7f… --reason "contract ended, deletion confirmed by letter"
              knutpunkt privacy erasures --json > proof.json

            Permission: erase, for --settle and --give-up. Exit status: 0 all done; 1 something isn't; 64 wrong use; 74 the store; \
            77 not allowed.
            """)

    @Flag(help: "End now what every system has confirmed.")
    var settle = false
    @Option(help: "A system that will never confirm; with --person and --reason.")
    var giveUp: String?
    @Option(help: "The opaque id of the erasure.")
    var person: String?
    @Option(help: "Why the system is given up: kept in the audit log. No personal data.")
    var reason: String?
    @Flag(help: "As JSON.")
    var json = false
    @OptionGroup var options: HubOptions

    func run() async throws {
        let language = self.options.language
        let context = try await self.options.context()
        if let system = self.giveUp {
            guard let person = self.person, let reason = self.reason else {
                throw ValidationError(
                    language(sv: "--give-up behöver --person och --reason.", en: "--give-up needs --person and --reason."))
            }
            try requireReason(reason, language)
            try await context.require(.erase, on: [], by: operatorName)
            guard
                try await context.eraser().giveUp(
                    system, for: try personID(person, language), by: operatorName, reason: reason)
            else {
                throw AppError(
                    .notFound, sv: "Ingen radering av \(person) väntar på \(system).",
                    en: "No erasure of \(person) waits for \(system).")
            }
        }
        if self.settle || self.giveUp != nil {
            try await context.require(.erase, on: [], by: operatorName)
            try await context.settleErasures()
        }
        let erasures = try await context.store.erasures()
        if self.json {
            say(try ReadableJSON.text(erasures.map { ErasureText.Proof($0, context) }))
        } else {
            if erasures.isEmpty { say(language(sv: "Ingen är raderad.", en: "Nobody is erased.")) }
            let text = ErasureText(language: language, context: context)
            for erasure in erasures { for line in text.proof(erasure) { say(line) } }
        }
        if erasures.contains(where: { $0.state == .pending || $0.state == .listed }) { throw ExitCode(1) }
    }
}

struct PrivacyRestore: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "restore",
        abstract: "Let readings take an erased person in again.",
        discussion: """
            For a person who has come back, e.g. moved in again. What was erased stays erased: the next full reading of the \
            source brings what the source has.

            Examples:
              knutpunkt privacy restore 9d2c7a52-0a0e-4a0c-8d5e-6f3b8c1f2a11 --reason "case 4712: moved in again"

            Permission: erase. Exit status: 0 lifted; 1 the person wasn't erased; 64 wrong use; 74 the store; 77 not allowed.
            """)

    @Argument(help: "The person's id, or the opaque one of the erasure.")
    var person: String
    @Option(help: "Why: kept in the audit log. No personal data.")
    var reason: String
    @Flag(help: "As JSON.")
    var json = false
    @OptionGroup var options: HubOptions

    func run() async throws {
        let language = self.options.language
        try requireReason(self.reason, language)
        let context = try await self.options.context()
        try await context.require(.erase, on: [], by: operatorName)
        let lifted = try await context.liftErasure(
            try personID(self.person, language), by: operatorName, reason: self.reason)
        if self.json {
            say(try ReadableJSON.text(Answer(person: lifted, isLifted: lifted != nil)))
        } else {
            say(
                lifted == nil
                    ? language(sv: "Personen är inte raderad.", en: "The person isn't erased.")
                    : language(
                        sv: "Källan får ge personen igen, med nästa fulla läsning.",
                        en: "The source may give the person again, with the next full reading."))
        }
        if lifted == nil { throw ExitCode(1) }
    }

    private struct Answer: Encodable {
        let person: String?
        let isLifted: Bool
    }
}

extension Eraser.Outlook {
    /// Whether there is anything, or anybody, to erase.
    fileprivate var isErasable: Bool { self.isKnown || self.isActive || self.earlier != nil || self.hold != nil }
}
