import ArgumentParser
import Hub
import KnutpunktApp
import Mapping

struct PrivacyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "privacy",
        abstract: "What systems may be given of protected persons, consents, guardians who must not be told, and leaks.",
        discussion: """
            Examples:
              knutpunkt privacy show
              knutpunkt privacy consent 9d2c7a52-0a0e-4a0c-8d5e-6f3b8c1f2a11 --given --reason "form of 12 May, case 4711"
              knutpunkt privacy block 9d2c7a52-0a0e-4a0c-8d5e-6f3b8c1f2a11 --guardian 1f… --reason "case 4711"
              knutpunkt privacy recalls
              knutpunkt privacy contacts
              knutpunkt privacy register diff
              knutpunkt privacy scan /var/log/knutpunkt
            """,
        subcommands: [Show.self, Consent.self, Block.self, Recalls.self, PrivacyContacts.self, PrivacyRegister.self, Scan.self]
            + PrivacyRights.commands)

    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "What each system may be given of protected persons, and is given now.",
            discussion: """
                Says what Mappings/privacy.yaml comes to for each level of protection and kind of person, and how many records \
                each system is given. Nobody is named.

                Examples:
                  knutpunkt privacy show
                  knutpunkt privacy show --json
                """)

        @Flag(help: "As JSON.")
        var json = false
        @OptionGroup var options: HubOptions

        func run() async throws {
            let language = self.options.language
            let context = try await self.options.context()
            let systems = try await context.clearances()
            if self.json { return say(try ReadableJSON.text(systems)) }
            for system in systems {
                let open = system.clearances.filter { $0.value != Clearance.Form.withhold.rawValue }
                let given = system.given.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }.joined(separator: ", ")
                say(
                    "\(system.system): "
                        + (open.isEmpty ? language(sv: "får ingenting", en: "is given nothing") : "")
                        + (given.isEmpty ? "" : language(sv: " har nu: \(given)", en: " has now: \(given)")))
                for (who, form) in open.sorted(by: { $0.key < $1.key }) { say("  \(who)  \(form)") }
            }
        }
    }

    struct Consent: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Record that a protected person has consented to a fictitious identity, or has no more.",
            discussion: """
                Without a recorded consent nobody gets a fictitious identity: systems that would be given one are given nothing. \
                A withdrawn consent takes the fictitious identity back everywhere; given again, it is the same one.

                Examples:
                  knutpunkt privacy consent 9d2c7a52-0a0e-4a0c-8d5e-6f3b8c1f2a11 --given --reason "form of 12 May, case 4711"
                  knutpunkt privacy consent 9d2c7a52-0a0e-4a0c-8d5e-6f3b8c1f2a11 --withdrawn --reason "phone call, case 4711"

                Permission: protect. Exit status: 0 recorded; 1 recorded, but the person isn't protected; 64 wrong use; 74 the \
                store; 77 not allowed.
                """)

        enum Word: String, EnumerableFlag { case given, withdrawn }

        @Argument(help: "The person's id, or the opaque one.")
        var person: String
        @Flag(help: "Whether the consent is given or withdrawn.")
        var word: Word
        @Option(help: "Who took the consent. Default: who runs the command.")
        var by: String?
        @Option(help: "How it was given or withdrawn: kept in the audit log. No personal data.")
        var reason: String
        @Flag(help: "As JSON.")
        var json = false
        @OptionGroup var options: HubOptions

        func run() async throws {
            let language = self.options.language
            try requireReason(self.reason, language)
            let context = try await self.options.context()
            try await context.require(.protect, on: [], by: operatorName)
            let outcome = try await context.protector().consent(
                try personID(self.person, language), isGiven: self.word == .given, by: self.by ?? operatorName,
                reason: self.reason)
            if self.json {
                say(try ReadableJSON.text(ProtectionAnswer(outcome, [])))
            } else {
                say(
                    self.word == .given
                        ? language(sv: "Samtycke antecknat för \(outcome.person).", en: "Consent recorded for \(outcome.person).")
                        : language(
                            sv: "Återtaget samtycke antecknat för \(outcome.person): den fingerade identiteten tas tillbaka.",
                            en: "Withdrawn consent recorded for \(outcome.person): the fictitious identity is taken back."))
                if !outcome.isProtected {
                    say(language(sv: "Personen är inte skyddad nu.", en: "The person isn't protected now."))
                }
            }
            if !outcome.isProtected { throw ExitCode(1) }
        }
    }

    struct Block: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Keep a guardian from being told of a child, in every system.",
            discussion: """
                The relation is left out of what systems are given, also when the source has it; it holds for children with and \
                without protection. --lift takes the block away; the relation comes again with the next full reading.

                Examples:
                  knutpunkt privacy block 9d2c7a52-0a0e-4a0c-8d5e-6f3b8c1f2a11 --guardian 1f2e3d4c-… --reason "case 4711"
                  knutpunkt privacy block 9d2c7a52-0a0e-4a0c-8d5e-6f3b8c1f2a11 --guardian 1f2e3d4c-… --lift --reason "case 4711"

                Permission: protect for --lift. Exit status: 0 done; 1 nothing to change; 64 wrong use; 74 the store; 77 not \
                allowed.
                """)

        @Argument(help: "The child's id.")
        var child: String
        @Option(help: "The guardian's id.")
        var guardian: String
        @Flag(help: "Take the block away.")
        var lift = false
        @Option(help: "Why: kept in the audit log. No personal data.")
        var reason: String
        @Flag(help: "As JSON.")
        var json = false
        @OptionGroup var options: HubOptions

        func run() async throws {
            let language = self.options.language
            try requireReason(self.reason, language)
            let context = try await self.options.context()
            if self.lift { try await context.require(.protect, on: [], by: operatorName) }
            let isChanged = try await context.protector().block(
                child: try personID(self.child, language), guardian: try personID(self.guardian, language), isBlocked: !self.lift,
                by: operatorName,
                reason: self.reason)
            if self.json {
                say(try ReadableJSON.text(Answer(blocked: !self.lift, changed: isChanged)))
            } else if !isChanged {
                say(language(sv: "Inget att ändra.", en: "Nothing to change."))
            } else if self.lift {
                say(
                    language(
                        sv: "Spärren är borta. Relationen kommer igen med nästa fulla läsning.",
                        en: "The block is gone. The relation comes again with the next full reading."))
            } else {
                say(
                    language(
                        sv: "Spärrad: inget system får veta av relationen.", en: "Blocked: no system is told of the relation."))
            }
            if !isChanged { throw ExitCode(1) }
        }

        private struct Answer: Encodable {
            let blocked: Bool
            let changed: Bool
        }
    }

    struct Recalls: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "What systems had been given when persons were protected by knutpunkt protect.",
            discussion: """
                The list that the command told then, for whoever has to remove by hand what a system lets nobody delete. \
                Persons are named by their opaque ids.

                Examples:
                  knutpunkt privacy recalls
                  knutpunkt privacy recalls --json
                """)

        @Flag(help: "As JSON.")
        var json = false
        @OptionGroup var options: HubOptions

        func run() async throws {
            let language = self.options.language
            let context = try await self.options.context()
            let recalls = try await context.store.recalls().map {
                Recall(person: $0.person, time: $0.time, departed: context.departures($0.departed))
            }
            if self.json { return say(try ReadableJSON.text(recalls)) }
            if recalls.isEmpty { say(language(sv: "Inget.", en: "Nothing.")) }
            for recall in recalls {
                say("\(recall.time)  \(recall.person)")
                for departure in recall.departed {
                    let how =
                        departure.isRemovable
                        ? language(sv: "tas bort av navet", en: "removed by the hub")
                        : language(sv: "TA BORT FÖR HAND", en: "REMOVE BY HAND")
                    say("  \(departure.system)  \(departure.kind)  \(departure.rows)  \(how)")
                }
            }
        }

        private struct Recall: Encodable {
            let person: String
            let time: String
            let departed: [HubContext.Departure]
        }
    }
}
