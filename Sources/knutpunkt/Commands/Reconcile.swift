import ArgumentParser
import Foundation
import Hub
import KnutpunktApp
import Reconciliation
import SchoolRecords

struct ReconcileCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "reconcile",
        abstract: "Whether systems hold what they should, what differs, why, and what to do.",
        discussion: """
            Examples:
              knutpunkt reconcile                                compare everything now
              knutpunkt reconcile --system vega --unit 12345678  one system, one school
              knutpunkt reconcile list --situation missing       what was found, one by one
              knutpunkt reconcile repair --dry-run               what the hub can mend
              knutpunkt reconcile worklist --csv list.csv        what people have to mend, by owner
            """,
        subcommands: [
            ReconcileRunCommand.self, ReconcileRuns.self, ReconcileList.self, ReconcileShow.self, ReconcileWorklist.self,
            ReconcileRepair.self, ReconcileRepairs.self, ReconcileApprove.self, ReconcileReject.self, ReconcileMatch.self,
            ReconcileCancel.self,
        ], defaultSubcommand: ReconcileRunCommand.self)
}

struct ReconcileRunCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run",
        abstract: "Compare what systems hold with what they should, now.",
        discussion: """
            Reads every system that tells what it holds, and the register; writes nothing to them. What is on its way is told apart
            from what differs. Ctrl-C ends it; what was compared is kept, and --resume goes on.
            What a run found, and what to do about it: knutpunkt reconcile list, show, worklist, repair, match, runs … See
            knutpunkt help reconcile.

            Examples:
              knutpunkt reconcile
              knutpunkt reconcile --system unikum --system vega
              knutpunkt reconcile --changed --json
              knutpunkt reconcile --html agreement.html
              knutpunkt reconcile --fail-under 99.9

            Exit status: 0 all agree (or at least --fail-under); 2 something differs; 66 no such system or school; 69 a system couldn't
            be read; 74 the store; 75 another comparison is at work; 77 not allowed; 78 wrong set-up; 130 somebody
            cancelled it.
            """)
    @Option(help: "Only this system; may be given several times.") var system: [String] = []
    @Option(help: "Only what is found of records of this entity, e.g. person; may be given several times.") var entity: [Entity] =
        []
    @Option(help: "Only what is found at this school: school unit code, name or id. May be given several times.") var unit:
        [String] = []
    @Flag(help: "Everything that systems hold (the default).") var full = false
    @Flag(help: "Only what has changed since the last run, and what that found.") var changed = false
    @Option(help: "Go on with this run, which was interrupted.") var resume: String?
    @Option(help: "For monitoring: the share that has to agree, in per cent, e.g. 99.9. Status 2 only below it.") var failUnder:
        Double?
    @Option(help: "Write a report with a page for each school to this file; - = standard output.") var html: String?
    @Flag(help: "As JSON.") var json = false
    @OptionGroup var options: HubOptions

    func validate() throws {
        if let failUnder, !(0...100).contains(failUnder) { throw ValidationError("--fail-under: a share in per cent, 0-100.") }
        if self.full, self.changed { throw ValidationError("Say one of --full and --changed.") }
        if self.json, self.html == "-" { throw ValidationError("Say one of --json and --html -.") }
        let isPart = !self.unit.isEmpty || !self.entity.isEmpty
        if self.failUnder != nil, isPart {
            throw ValidationError(
                "--fail-under is a share of all that systems hold: leave out --unit and --entity. Without it status 2 tells of any difference."
            )
        }
        if self.resume != nil, isPart || self.full || self.changed || !self.system.isEmpty {
            throw ValidationError(
                "--resume goes on with what the run was about: leave out --system, --entity, --unit, --full and --changed.")
        }
    }

    func run() async throws {
        let context = try await self.options.context()
        let language = self.options.language
        try await context.require(.reconcile, on: Set(self.system), by: operatorName)
        var scope = ReconcileScope()
        scope.mode = self.changed ? .changed : .full
        scope.systems = self.system
        scope.entities = self.entity
        scope.units = try await context.units(named: self.unit)?.sorted() ?? []
        let progress = ReconcileProgress(language: language)
        let run = try await context.reconcile(scope, by: operatorName, resuming: self.resume) { await progress.show($0) }
        await progress.end()
        let words = ReconcileWords(language, units: try await context.placeNames())
        if let html {
            let report = try await ReconcileReport.read(run, context, words)
            try write(report.html, to: html)
        }
        if self.json {
            say(try ReadableJSON.text(ToldRun(run)))
        } else if self.html != "-" {
            say(ReconcileText(words).summary(run))
        }
        if run.systems.contains(where: { $0.state == .unread }) { throw ExitCode(69) }
        if let failUnder {
            if run.agreement * 100 < failUnder { throw ExitCode(2) }
        } else if run.differences > 0 {
            throw ExitCode(2)
        }
    }
}

/// Shows on a terminal how far a run is.
actor ReconcileProgress {
    private let language: Language
    private let isTerminal = isatty(STDERR_FILENO) == 1
    private var records = 0
    /// Rows read so far, by system: all of them are read at once.
    private var rows: [String: Int] = [:]
    private var shown = false

    init(language: Language) { self.language = language }

    func show(_ progress: Reconciler.Progress) {
        guard self.isTerminal else { return }
        var text: String
        switch progress {
        case .expected(let records):
            self.records = records
            text = self.reading
        case .held(let system, let rows):
            self.rows[system] = rows
            text = self.reading
        case .compared(let system): text = self.language(sv: "\(system.system) jämfört", en: "\(system.system) compared")
        }
        self.shown = true
        // A line that is broken can't be written over.
        text = String(text.prefix(79))
        FileHandle.standardError.write(Data("\r\u{1B}[K\(text)".utf8))
    }

    private var reading: String {
        let rows = self.rows.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }.joined(separator: ", ")
        let records = self.language(sv: "\(self.records) poster översatta", en: "\(self.records) records mapped")
        return rows.isEmpty ? records : records + self.language(sv: "; rader lästa: ", en: "; rows read: ") + rows
    }

    func end() {
        if self.shown { FileHandle.standardError.write(Data("\r\u{1B}[K".utf8)) }
    }
}

struct ReconcileRuns: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "runs", abstract: "The runs so far, the newest first.",
        discussion: "Exit status: 0 told.")
    @Option(help: "So many.") var limit = 20
    @Flag(help: "As JSON.") var json = false
    @OptionGroup var options: HubOptions

    func run() async throws {
        let context = try await self.options.context()
        let language = self.options.language
        let runs = try await context.store.reconcileRuns(states: [], limit: max(1, self.limit))
        if self.json { return say(try ReadableJSON.text(runs.map { ToldRun($0) })) }
        let text = ReconcileText(ReconcileWords(language, units: try await context.placeNames()))
        if runs.isEmpty { say(language(sv: "Inget är jämfört ännu.", en: "Nothing has been compared yet.")) }
        for run in runs { say(text.line(run)) }
    }
}

struct ReconcileCancel: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "cancel", abstract: "End a run that is under way, in whichever process.",
        discussion: """
            What it has compared is kept; --resume goes on.

            Examples:
              knutpunkt reconcile cancel run-1a2b3c4d

            Exit status: 0 it ends; 66 no such run, or it isn't running; 77 not allowed.
            """)
    @Argument(help: "The run.") var id: String
    @OptionGroup var options: HubOptions

    func run() async throws {
        let context = try await self.options.context()
        let systems = Set(try await context.reconcileRun(self.id).scope.systems)
        try await context.require(.reconcile, on: systems, by: operatorName)
        let run = try await context.cancelReconcile(self.id, by: operatorName)
        say("\(run.id): \(ReconcileWords(self.options.language).state(run))")
    }
}
