public import ArgumentParser
import Hub
import KnutpunktApp
public import Mapping

extension ProtectionLevel: ExpressibleByArgument {}

struct Protect: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Hide a person from every system, at once, whatever the source says.",
        discussion: """
            The hub's own mark. The person's data goes to the vault, what waits in the outbox, in retries and in failed messages \
            is withdrawn, and every system that has the person is told to delete. It holds until knutpunkt unprotect, also when \
            the source says that the person isn't protected. A running hub goes by it at once; nothing has to be restarted.

            Told is what each system had been given, and where the system lets nobody delete: there somebody has to do it by \
            hand. knutpunkt reconcile shows as leaked what is still there.

            Nobody needs a permission for it. The decision is written to the audit log with its reason.

            Examples:
              knutpunkt protect 9d2c7a52-0a0e-4a0c-8d5e-6f3b8c1f2a11 --reason "case 4711: decided by the principal"
              knutpunkt protect 9d2c7a52-0a0e-4a0c-8d5e-6f3b8c1f2a11 --level skyddad_folkbokforing --reason "case 4711" --json

            Exit status: 0 hidden, and no system had anything; 1 hidden, and systems had been given something; 64 wrong use; \
            74 the store.
            """)

    @Argument(help: "The person's id.")
    var person: String
    @Option(
        help:
            "How strictly: \(ProtectionLevel.allCases.map(\.rawValue).joined(separator: ", ")). Mappings/privacy.yaml goes by it."
    )
    var level = ProtectionLevel.hub
    @Option(help: "Why: kept in the audit log. No personal data.")
    var reason: String
    @Flag(help: "As JSON.")
    var json = false
    @OptionGroup var options: HubOptions

    func run() async throws {
        let language = self.options.language
        try requireReason(self.reason, language)
        let context = try await self.options.context()
        let outcome = try await context.protector().protect(
            try personID(self.person, language), level: self.level, by: operatorName, reason: self.reason)
        let departures = context.departures(outcome.departed)
        if self.json {
            say(try ReadableJSON.text(ProtectionAnswer(outcome, departures)))
        } else {
            for line in ProtectionText(language: language).protected(outcome, departures) { say(line) }
        }
        if !departures.isEmpty { throw ExitCode(1) }
    }
}

struct Unprotect: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Take the hub's own protection of a person away, or the population register's.",
        discussion: """
            Whom the source protects stays protected: only the hub's own mark is taken away. Otherwise the person's data comes \
            back from the vault and is given to systems again as their mappings say.

            --source takes the mark of the population register away instead, where no notice says that it is over. As long as a notice \
            that says otherwise is kept, the next full reading marks the person anew.

            Examples:
              knutpunkt unprotect 9d2c7a52-0a0e-4a0c-8d5e-6f3b8c1f2a11 --reason "case 4711: closed"
              knutpunkt unprotect 9d2c7a52-0a0e-4a0c-8d5e-6f3b8c1f2a11 --source navet --reason "case 4711: letter of 12 May"

            Permission: protect. Exit status: 0 protected no more; 1 still protected, or there was no such mark; 64 wrong use; \
            74 the store; 77 not allowed.
            """)

    @Argument(help: "The person's id, or the opaque one that protect told.")
    var person: String
    @Option(help: "Whose mark: a source such as navet. Default: the hub's own.")
    var source: String?
    @Option(help: "Why: kept in the audit log. No personal data.")
    var reason: String
    @Flag(help: "As JSON.")
    var json = false
    @OptionGroup var options: HubOptions

    func run() async throws {
        let language = self.options.language
        try requireReason(self.reason, language)
        let context = try await self.options.context()
        try await context.require(.protect, on: [], by: operatorName)
        let person = try personID(self.person, language)
        let protector = context.protector()
        let outcome =
            if let source = self.source {
                try await protector.unprotect(person, markedBy: source, by: operatorName, reason: self.reason)
            } else {
                try await protector.unprotect(person, by: operatorName, reason: self.reason)
            }
        if self.json {
            say(try ReadableJSON.text(ProtectionAnswer(outcome, [])))
        } else {
            say(ProtectionText(language: language).unprotected(outcome, by: self.source))
        }
        if outcome.isProtected || outcome.note == .notMarked { throw ExitCode(1) }
    }
}

/// What came of a decision, as JSON.
struct ProtectionAnswer: Encodable {
    let person: String
    let isProtected: Bool
    let note: String?
    let departed: [HubContext.Departure]

    init(_ outcome: Protector.Outcome, _ departures: [HubContext.Departure]) {
        self.person = outcome.person
        self.isProtected = outcome.isProtected
        self.note = outcome.note?.rawValue
        self.departed = departures
    }
}

/// What came of a decision, for people.
struct ProtectionText {
    let language: Language

    func protected(_ outcome: Protector.Outcome, _ departures: [HubContext.Departure]) -> [String] {
        var lines = [
            self.language(
                sv: "Skyddad nu. Utanför valvet heter personen \(outcome.person).",
                en: "Protected now. Outside of the vault the person is called \(outcome.person).")
        ]
        if outcome.note == .unknownPerson {
            lines.append(
                self.language(
                    sv: "Ingen källa har gett någon med det id:t. Kontrollera det; märkningen gäller om personen kommer.",
                    en: "No source has given anybody with that id. Check it; the mark holds should the person come."))
        }
        guard !departures.isEmpty else {
            lines.append(
                self.language(
                    sv: "Inget system har fått något om personen av navet.",
                    en: "The hub has given no system anything about the person."))
            return lines
        }
        lines.append(
            self.language(
                sv: "Detta hade lämnats ut. Navet säger nu till systemen att ta bort det:",
                en: "This had been given. The hub now tells the systems to delete it:"))
        for departure in departures {
            let how =
                departure.isRemovable
                ? self.language(sv: "tas bort av navet", en: "removed by the hub")
                : self.language(sv: "TA BORT FÖR HAND i systemet", en: "REMOVE BY HAND in the system")
            lines.append("  \(departure.system)  \(departure.kind)  \(departure.rows)  \(how)")
        }
        lines.append(
            self.language(
                sv: "Se efter att det är borta: knutpunkt reconcile (läge: läckt)",
                en: "Look that it is gone: knutpunkt reconcile (situation: leaked)"))
        return lines
    }

    /// - Parameter source: whose mark was taken away; `nil` for the hub's own.
    func unprotected(_ outcome: Protector.Outcome, by source: String?) -> String {
        switch outcome.note {
        case .notMarked:
            source.map {
                self.language(sv: "\($0) hade inte märkt personen.", en: "\($0) hadn't marked the person.")
            } ?? self.language(sv: "Navet hade inte märkt personen.", en: "The hub hadn't marked the person.")
        case .protectedBySource:
            source.map {
                self.language(
                    sv: "Märkningen från \($0) är borttagen. Någon annan skyddar personen, så skyddet står kvar.",
                    en: "The mark of \($0) is gone. Somebody else protects the person, so the protection stands.")
            }
                ?? self.language(
                    sv: "Navets märkning är borttagen. Källan skyddar personen, så skyddet står kvar.",
                    en: "The hub's mark is gone. The source protects the person, so the protection stands.")
        case .unknownPerson:
            self.language(
                sv: "Märkningen är borttagen. Ingen källa har gett personen.",
                en: "The mark is gone. No source has given the person.")
        case nil:
            self.language(
                sv: "Inte skyddad längre. Systemen får personens uppgifter igen.",
                en: "Protected no more. Systems are given the person's data again.")
        }
    }
}
