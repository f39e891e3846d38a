import ArgumentParser
import Hub
import KnutpunktApp
import Mapping

/// The register of processing: shown, held against what was accepted, accepted.
struct PrivacyRegister: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "register",
        abstract: "The register of processing that the mappings are: show it, see what edited files widen, accept it.",
        discussion: """
            From the first acceptance on a running hub goes by no mapping files that give a system more personal data than was
            accepted: the earlier ones stay in force, also when the hub is started anew.

            Examples:
              knutpunkt privacy register
              knutpunkt privacy register diff
              knutpunkt privacy register accept --reason "decision KS 2026-117"
            """,
        subcommands: [Show.self, Diff.self, Accept.self], defaultSubcommand: Show.self)

    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Who gets what of persons, why, by what right, and how long it is kept there.",
            discussion: """
                The fields of `knutpunkt mapping fields` with the legal basis and retention that each system's system.yaml says
                (processing:), what systems may be given of protected persons, and who accepted it when.

                Examples:
                  knutpunkt privacy register
                  knutpunkt privacy register --system unikum --json

                Exit status: 0 told; 66 no such system; 78 the mappings have errors.
                """)

        @Option(help: "One system only.")
        var system: String?
        @Flag(help: "As JSON.")
        var json = false
        @OptionGroup var options: HubOptions

        private struct Answer: Encodable {
            struct System: Encodable {
                let system: String
                let legalBasis: Purpose?
                let retention: Purpose?
                let fields: [ProcessingRegister.Line]
            }
            let accepted: ProcessingState.Acceptance?
            let version: String
            let systems: [System]
            let protectedPersons: [ProcessingRegister.Protected]
        }

        func run() async throws {
            let language = self.options.language
            let context = try await self.options.context()
            let set = context.mappings.set
            if let system, set.provisions[system] == nil { _ = try set.system(system) }
            let state = try context.processing()
            let register = ProcessingRegister(set)
            let lines = register.lines.filter { self.system == nil || $0.system == self.system }
            let protected = register.protected.filter { self.system == nil || $0.system == self.system }
            let systems = Set(lines.map(\.system)).sorted().map { name in
                let note = set.systems[name]?.processing
                return Answer.System(
                    system: name, legalBasis: note?.legalBasis, retention: note?.retention,
                    fields: lines.filter { $0.system == name })
            }
            if self.json {
                return say(
                    try ReadableJSON.text(
                        Answer(accepted: state.accepted, version: state.version, systems: systems, protectedPersons: protected)))
            }
            self.tell(state, language)
            for system in systems {
                say("")
                let unsaid = language(sv: "ANGES INTE", en: "NOT SAID")
                func text(_ purpose: Purpose?) -> String { purpose.map { language(sv: $0.sv, en: $0.en) } ?? unsaid }
                say("\(system.system)")
                say("    \(language(sv: "Rättslig grund", en: "Legal basis")): \(text(system.legalBasis))")
                say("    \(language(sv: "Sparas där", en: "Kept there")): \(text(system.retention))")
                let uses = set.fieldUses.filter { $0.isPersonal && $0.system == system.system }
                for line in FieldRegister(uses, language: language).text { say(line.isEmpty ? "" : "    \(line)") }
                for each in protected where each.system == system.system {
                    let fields = each.fields.sorted().joined(separator: ", ")
                    say(
                        "    \(language(sv: "Skyddade", en: "Protected")) (\(each.level.rawValue) \(each.kind.rawValue)): "
                            + "\(each.form.rawValue) \(fields)")
                }
            }
        }

        private func tell(_ state: ProcessingState, _ language: Language) {
            guard let accepted = state.accepted else {
                return say(
                    language(
                        sv: "Ingen har godkänt registret än: knutpunkt privacy register accept --reason …",
                        en: "Nobody has accepted the register yet: knutpunkt privacy register accept --reason …"))
            }
            say(
                language(
                    sv: "Godkänt \(accepted.time) av \(accepted.person): \(accepted.reason)",
                    en: "Accepted \(accepted.time) by \(accepted.person): \(accepted.reason)"))
            if !state.widening.isEmpty {
                say(
                    language(
                        sv: "Filerna ger mer än så (\(state.widening.count)): knutpunkt privacy register diff",
                        en: "The files give more than that (\(state.widening.count)): knutpunkt privacy register diff"))
            }
        }
    }

    struct Diff: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "What the mapping files give that isn't accepted, and what they give no more.",
            discussion: """
                New systems, fields and origins, conditions and changes that are gone, other purposes, more of protected persons. \
                It compares files, and names no person.

                Examples:
                  knutpunkt privacy register diff
                  knutpunkt privacy register diff --mappings ./edited --json

                Exit status: 0 the same or less; 1 more, it waits for acceptance; 66 nobody has accepted anything; 78 the \
                mappings have errors.
                """)

        @Flag(help: "As JSON.")
        var json = false
        @OptionGroup var options: HubOptions

        func run() async throws {
            let language = self.options.language
            let state = try await self.options.context().processing()
            guard state.accepted != nil else {
                throw AppError(
                    .notFound,
                    sv: "Ingen har godkänt registret än. Läs det, sedan: knutpunkt privacy register accept --reason …",
                    en: "Nobody has accepted the register yet. Read it, then: knutpunkt privacy register accept --reason …")
            }
            if self.json {
                say(try ReadableJSON.text(state))
            } else {
                for line in WideningText(state.widening, language: language).lines { say(line) }
                for line in WideningText(state.narrowing, language: language).narrowed { say(line) }
                if state.widening.isEmpty {
                    say(
                        language(
                            sv: "Inget system får mer än vad som är godkänt.", en: "No system is given more than is accepted."))
                }
            }
            if !state.widening.isEmpty { throw ExitCode(1) }
        }
    }

    struct Accept: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Accept what the mapping files give; a running hub goes by them then.",
            discussion: """
                Who accepted what, and why, is in the audit log. Look first: knutpunkt privacy register diff.

                Examples:
                  knutpunkt privacy register accept --reason "decision KS 2026-117"

                Permission: protect. Exit status: 0 accepted; 64 wrong use; 74 the store; 77 not allowed; 78 the mappings have \
                errors.
                """)

        @Option(help: "The decision that it follows from: kept in the audit log. No personal data.")
        var reason: String
        @Flag(help: "As JSON.")
        var json = false
        @OptionGroup var options: HubOptions

        func run() async throws {
            let language = self.options.language
            try requireReason(self.reason, language)
            let context = try await self.options.context()
            let before = try context.processing()
            try await context.acceptProcessing(by: operatorName, reason: self.reason)
            if self.json { return say(try ReadableJSON.text(try context.processing())) }
            for line in WideningText(before.widening, language: language).lines { say(line) }
            say(
                language(
                    sv: "Godkänt: version \(before.version). Vidgade filer väntar från och med nu på ett godkännande.",
                    en: "Accepted: version \(before.version). From now on files that widen it wait for acceptance."))
        }
    }
}
