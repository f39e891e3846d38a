public import ArgumentParser
import Foundation
import Hub
import KnutpunktApp
public import Reconciliation
import SchoolRecords

extension Situation: ExpressibleByArgument {}
extension Cause: ExpressibleByArgument {}
extension Remedy: ExpressibleByArgument {}
extension Owner: ExpressibleByArgument {}

/// Which findings of which run.
struct FindingOptions: ParsableArguments {
    @Option(help: "The run, whole or its beginning. Default: the latest.") var run: String?
    @Option(help: "Only this system; may be given several times.") var system: [String] = []
    @Option(help: "Only rows of this kind, e.g. person; may be given several times.") var kind: [String] = []
    @Option(help: "Only this situation, e.g. missing; may be given several times.") var situation: [Situation] = []
    @Option(help: "Only this cause, e.g. lost; may be given several times.") var cause: [Cause] = []
    @Option(help: "Only records of this entity; may be given several times.") var entity: [Entity] = []
    @Option(help: "Only this school: school unit code, name or id. May be given several times.") var unit: [String] = []

    func read(_ context: HubContext, _ argument: String? = nil) async throws -> (run: ReconcileRun, filter: FindingFilter) {
        if let argument, let run = self.run, argument != run { throw ValidationError("Say the run once.") }
        var filter = FindingFilter()
        filter.systems = Set(self.system)
        filter.kinds = Set(self.kind)
        filter.situations = Set(self.situation)
        filter.causes = Set(self.cause)
        filter.entities = Set(self.entity)
        filter.units = try await context.units(named: self.unit) ?? []
        let run = try await context.reconcileRun(argument ?? self.run)
        try run.requireParts(systems: filter.systems, kinds: filter.kinds)
        return (run, filter)
    }
}

struct ReconcileList: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "What a run found, one by one: what, why, who is right, what to do.",
        discussion: """
            Records are named by their ids. --values shows keys and what fields hold: personal data, which takes the permission to see and
            a reason, and is written into the audit log.

            Examples:
              knutpunkt reconcile list
              knutpunkt reconcile list --system vega --situation different --limit 0
              knutpunkt reconcile list --unit 12345678 --values --reason "guardian called"

            Exit status: 0 told; 64 wrong use; 66 no such run or school; 77 not allowed.
            """)
    @Argument(help: "The run, whole or its beginning. Default: the latest.") var id: String?
    @OptionGroup var which: FindingOptions
    @Flag(help: "Also what is merely on its way, or withheld.") var all = false
    @Option(help: "So many; 0 = all.") var limit = 50
    @Option(help: "Only what comes after this number: the next page.") var after = 0
    @Flag(help: "Show keys and values: personal data.") var values = false
    @Option(help: "Why values are looked at; kept in the audit log. No personal data.") var reason: String?
    @Flag(help: "As JSON.") var json = false
    @OptionGroup var options: HubOptions

    func validate() throws {
        if self.values, (self.reason ?? "").isEmpty { throw ValidationError("--values needs --reason: why they are looked at.") }
    }

    func run() async throws {
        let context = try await self.options.context()
        let language = self.options.language
        if let reason { try requireReason(reason, language) }
        var (run, filter) = try await self.which.read(context, self.id)
        try await context.lookAtFindings(
            run, systems: Set(self.which.system), withValues: self.values, reason: self.reason, by: operatorName,
            language: language)
        filter.isReal = !self.all
        filter.limit = self.limit > 0 ? self.limit : nil
        filter.after = self.after
        let found = try await context.store.findings(of: run.id, filter)
        let words = ReconcileWords(language, units: try await context.placeNames())
        if self.json {
            return say(try ReadableJSON.text(found.map { ToldFinding($0, words, withValues: self.values) }))
        }
        let text = ReconcileText(words)
        for kept in found { for line in text.lines(kept, values: self.values) { say(line) } }
        if found.isEmpty { say(language(sv: "Inget.", en: "Nothing.")) }
        if let last = found.last, self.limit > 0, found.count == self.limit {
            say(language(sv: "Fler: --after \(last.number)", en: "More: --after \(last.number)"))
        }
    }
}

struct ReconcileShow: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show",
        abstract: "One finding, with the way of its record: difference, trace, failed message, mending.",
        discussion: """
            Examples:
              knutpunkt reconcile show 17
              knutpunkt reconcile show 17 --run run-1a2b3c4d --values --reason "guardian called"

            Exit status: 0 told; 66 no such run or finding; 77 not allowed.
            """)
    @Argument(help: "The finding's number.") var number: Int
    @Option(help: "The run, whole or its beginning. Default: the latest.") var run: String?
    @Flag(help: "Show keys and values: personal data.") var values = false
    @Option(help: "Why values are looked at; kept in the audit log. No personal data.") var reason: String?
    @Flag(help: "As JSON.") var json = false
    @OptionGroup var options: HubOptions

    func validate() throws {
        if self.values, (self.reason ?? "").isEmpty { throw ValidationError("--values needs --reason: why they are looked at.") }
    }

    func run() async throws {
        let context = try await self.options.context()
        let language = self.options.language
        if let reason { try requireReason(reason, language) }
        let run = try await context.reconcileRun(self.run)
        var filter = FindingFilter()
        filter.after = self.number - 1
        filter.limit = 1
        guard let kept = try await context.store.findings(of: run.id, filter).first, kept.number == self.number else {
            throw AppError(
                .notFound, sv: "\(run.id) har ingen skillnad \(self.number). Se: knutpunkt reconcile list \(run.id)",
                en: "\(run.id) has no finding \(self.number). See: knutpunkt reconcile list \(run.id)")
        }
        try await context.lookAtFindings(
            run, systems: [kept.finding.system], withValues: self.values, reason: self.reason, by: operatorName,
            language: language)
        let words = ReconcileWords(language, units: try await context.placeNames())
        if self.json { return say(try ReadableJSON.text(ToldFinding(kept, words, withValues: self.values))) }
        for line in ReconcileText(words).lines(kept, values: self.values) { say(line) }
        if let record = kept.finding.record { say("    knutpunkt trace \(record) --system \(kept.finding.system)") }
        if let message = kept.finding.message { say("    knutpunkt failed show \(message)") }
    }
}

struct ReconcileWorklist: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "worklist",
        abstract: "What the hub can't mend by itself, by who has to.",
        discussion: """
            Examples:
              knutpunkt reconcile worklist
              knutpunkt reconcile worklist --owner receiver --system vega
              knutpunkt reconcile worklist --csv list.csv

            Exit status: 0 nothing to do; 2 something; 66 no such run or school; 77 not allowed.
            """)
    @Argument(help: "The run, whole or its beginning. Default: the latest.") var id: String?
    @OptionGroup var which: FindingOptions
    @Option(help: "Only this owner: operations, receiver, roles or data-protection.") var owner: Owner?
    @Option(help: "Write the list, one finding a line, to this file; - = standard output.") var csv: String?
    @Flag(help: "As JSON.") var json = false
    @OptionGroup var options: HubOptions

    func run() async throws {
        let context = try await self.options.context()
        let language = self.options.language
        var (run, filter) = try await self.which.read(context, self.id)
        try await context.lookAtFindings(
            run, systems: Set(self.which.system), withValues: false, reason: nil, by: operatorName, language: language)
        filter.isReal = true
        let found = try await context.store.findings(of: run.id, filter).filter { kept in
            !kept.finding.remedy.isRepairable && (self.owner == nil || kept.finding.owner == self.owner)
        }
        let words = ReconcileWords(language, units: try await context.placeNames())
        if let csv {
            let text = ToldFinding.csv(found.map { ToldFinding($0, words, withValues: false) })
            try write(text, to: csv)
        } else if self.json {
            say(try ReadableJSON.text(found.map { ToldFinding($0, words, withValues: false) }))
        } else {
            for owner in Owner.allCases {
                let own = found.filter { $0.finding.owner == owner }
                guard !own.isEmpty else { continue }
                say("\(words.owner(owner)): \(own.count)")
                let groups = Dictionary(grouping: own) {
                    ReconcileText(words).line(ReconcileRun.CauseCount($0.finding, count: 0))
                }
                for (line, findings) in groups.sorted(by: { ($1.value.count, $0.key) < ($0.value.count, $1.key) }) {
                    say("  \(ReconcileText.padded(findings.count, 6)) \(line)")
                    if let first = findings.first {
                        say("         → \(words.remedy(first.finding, run: run.id, number: first.number))")
                    }
                }
            }
            if found.isEmpty { say(language(sv: "Inget att göra.", en: "Nothing to do.")) }
        }
        if !found.isEmpty { throw ExitCode(2) }
    }
}

struct ReconcileMatch: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "match",
        abstract: "Say whether two rows are the same person; later runs remember it.",
        discussion: """
            Examples:
              knutpunkt reconcile match run-1a2b3c4d 17 --same --reason "asked the school"
              knutpunkt reconcile match run-1a2b3c4d 17 --different --reason "two cousins"

            Exit status: 0 kept; 64 wrong use; 66 no such run or finding, or nothing to decide about it; 77 not allowed.
            """)
    enum Verdict: String, EnumerableFlag { case same, different }

    @Argument(help: "The run.") var id: String
    @Argument(help: "The finding's number.") var number: Int
    @Flag(help: "What you say of them.") var verdict: Verdict
    @Option(help: "Why; kept in the audit log. No personal data.") var reason: String
    @OptionGroup var options: HubOptions

    func run() async throws {
        let context = try await self.options.context()
        let language = self.options.language
        try requireReason(self.reason, language)
        let run = try await context.reconcileRun(self.id)
        let finding = try await context.decideMatch(
            run, self.number, isSame: self.verdict == .same, reason: self.reason, by: operatorName, language: language)
        say(
            language(
                sv: "Noterat för \(finding.system) \(finding.kind). Nästa körning räknar med det.",
                en: "Noted for \(finding.system) \(finding.kind). The next run reckons with it."))
    }
}
