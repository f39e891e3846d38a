import ArgumentParser
import Foundation
import Hub
import KnutpunktApp
import SchoolRecords

struct Interop: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Tell how the systems play together: what goes where, field by field, and what arrives of it.",
        discussion: """
            Without more: systems × records × directions, with what the hub has seen of each, and what is wrong with the mappings:
            they are tried with synthetic records and held against what was agreed (Mappings/agreed-fields.json).

            --probe sends marked synthetic records through the running hub into the systems that can be read, reads them back,
            changes every field, and takes everything away again. It finds what a system drops, cuts, garbles or keeps, and
            says on which stretch of the way it happened. docs/interop.md says what is sent.

            Examples:
              knutpunkt interop
              knutpunkt interop --fields --html interop.html
              knutpunkt interop --probe --dry-run           what would be written where
              knutpunkt interop --probe --system tempus
              knutpunkt interop --fail-under 99.9 --json    for monitoring
              knutpunkt interop --accept                    keep what the mappings do as what is agreed
              knutpunkt interop --clean-up                  take away what an interrupted probe left

            Exit status: 0 nothing differs; 2 something does: a field is broken, or less agrees than --fail-under says;
            64 wrong use; 66 no such system or unit; 69 no hub runs, or a system can't be reached; 75 another probe is at
            work; 77 not allowed; 78 a mapping or the configuration is wrong.
            """)

    @Option(help: "Only this system; may be given several times.") var system: [String] = []
    @Option(help: "Only records of this entity; may be given several times.") var entity: [String] = []
    @Flag(help: "Field by field: what becomes of each on its way to each system.") var fields = false
    @Flag(help: "Send the probe. Needs the permission probe.") var probe = false
    @Flag(help: "With --probe: only tell what would be written where.") var dryRun = false
    @Flag(help: "With --probe: write also rows that a system keeps for good; they stay there, ended and marked.")
    var lasting = false
    @Option(help: "With --probe: the school unit to use, by code, name or id. Default: one that fits (probe.unit).")
    var unit: String?
    @Option(help: ArgumentHelp("With --probe: how long to wait for a delivery.", valueName: "seconds")) var timeout = 120.0
    @Option(help: ArgumentHelp("With --probe: how long a system may take to show what it has.", valueName: "seconds"))
    var patience = 10.0
    @Flag(help: "Take away what an interrupted probe has left.") var cleanUp = false
    @Flag(help: "Keep what the mappings do now as what is agreed (Mappings/agreed-fields.json).") var accept = false
    @Option(help: ArgumentHelp("Differ when less than this agrees.", valueName: "percent")) var failUnder = 100.0
    @Flag(help: "As JSON.") var json = false
    @Option(help: ArgumentHelp("Write a page to this file too.", valueName: "file")) var html: String?
    @OptionGroup var options: HubOptions

    func validate() throws {
        if [self.cleanUp, self.accept, self.probe].count(where: { $0 }) > 1 {
            throw ValidationError("--probe, --clean-up and --accept are three things: say one of them.")
        }
        if !self.probe, self.dryRun || self.lasting || self.unit != nil {
            throw ValidationError("--dry-run, --lasting and --unit belong to --probe.")
        }
        if !(0...100).contains(self.failUnder) { throw ValidationError("--fail-under is a percentage: 0 to 100.") }
        if self.timeout < 0 || self.patience < 0 { throw ValidationError("--timeout and --patience are seconds: 0 or more.") }
        _ = try self.entities()
    }

    private func entities() throws -> Set<Entity>? {
        let entities = try self.entity.map { name in
            guard let entity = Entity(rawValue: name) else {
                let known = Entity.allCases.map(\.rawValue).joined(separator: ", ")
                throw ValidationError("--entity \(name): there is no such entity. Known: \(known).")
            }
            return entity
        }
        return entities.isEmpty ? nil : Set(entities)
    }

    private var systems: Set<String>? { self.system.isEmpty ? nil : Set(self.system) }

    func run() async throws {
        if self.accept { return try await self.keepAgreement() }
        let context = try await self.options.context()
        for system in self.system { try context.requireSystem(system) }
        if self.cleanUp { return try await self.clean(context) }
        var order = HubContext.ProbeOrder()
        (order.systems, order.entities, order.unit, order.writesLasting) = (
            self.systems, try self.entities(), self.unit, self.lasting
        )
        order.patience = ProbePatience(delivery: self.timeout, showing: self.patience)
        if self.probe, self.dryRun { return try self.tell(try context.probePlan(order)) }
        let check = try FieldCheck(context)
        var (probe, interrupted) = try await context.lastProbe()
        if self.probe {
            let plan = try context.probePlan(order)
            try await context.require(
                .probe, on: Set(plan.scope.keys), by: operatorName)
            let isShown = !self.json && isatty(STDERR_FILENO) == 1
            let language = self.options.language
            probe = try await context.probe(order, by: operatorName) { phase in
                guard isShown else { return }
                FileHandle.standardError.write(Data("\r\u{1B}[K\(InteropReport.progress(phase, language))".utf8))
            }
            if isShown { FileHandle.standardError.write(Data("\r\u{1B}[K".utf8)) }
            interrupted = nil
        }
        let report = InteropReport(
            at: HubClock.system.timestamp,
            matrix: try await context.interopMatrix(
                systems: self.systems, entities: try self.entities(), agreement: try await context.agreement()),
            fields: self.fields || self.html != nil ? check.lines(of: self.systems) : nil, isAgreed: check.agreed != nil,
            findings: InteropReport.findings(check, probe, systems: self.systems), probe: probe,
            interrupted: interrupted, limit: self.failUnder)
        try self.show(report)
        if report.differs { throw ExitCode(2) }
    }

    private func show(_ report: InteropReport) throws {
        var report = report
        if let html { try write(report.html(self.options.language), to: html) }
        if !self.fields { report.fields = nil }
        say(self.json ? try ReadableJSON.text(report) : report.text(self.options.language))
    }

    private func tell(_ plan: ProbePlan) throws {
        if self.json { return say(try ReadableJSON.text(plan.parts)) }
        for line in InteropReport.partLines(plan.parts, self.options.language) { say(line) }
        say(self.options.language(sv: "Inget har skickats.", en: "Nothing has been sent."))
    }

    private func clean(_ context: HubContext) async throws {
        try await context.require(
            .probe, on: try await context.probedSystems(), by: operatorName)
        let count = try await context.cleanUpProbe(by: operatorName)
        if self.json { return say(try ReadableJSON.text(["records": count])) }
        say(
            self.options.language(
                sv: "\(count) sondposter borttagna ur registret. En hubb som är igång tar bort dem ur systemen.",
                en: "\(count) probe records taken out of the register. A running hub takes them out of the systems."))
    }

    private func keepAgreement() async throws {
        let kept = try FieldCheck.accept(try await self.options.configuration(), today: HubClock.system.calendarDate)
        if self.json { return say(try ReadableJSON.text(["fields": kept.fields])) }
        say(
            self.options.language(
                sv: "\(kept.fields) fält står nu som överenskomna i \(kept.path). Granska ändringen innan den checkas in.",
                en: "\(kept.fields) fields now stand as agreed in \(kept.path). Review the change before you commit it."))
    }
}
