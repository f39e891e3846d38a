import ArgumentParser
import Hub
import KnutpunktApp
import Reconciliation
import SchoolRecords

struct ReconcileRepair: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "repair",
        abstract: "Have the hub mend what a run found, by messages on their usual way.",
        discussion: """
            The hub sends the records again of which a system holds something else; a delivery writes only the rows that differ. What is more
            than the system's limits waits for somebody else: knutpunkt reconcile approve. The next run shows whether it helped.

            Examples:
              knutpunkt reconcile repair --dry-run
              knutpunkt reconcile repair run-1a2b3c4d --system vega --situation missing
              knutpunkt reconcile repair --unit 12345678

            Exit status: 0 sent, or nothing to mend; 1 waits for approval; 66 no such run or school, or one that is too old; 77 not allowed.
            """)
    @Argument(help: "The run, whole or its beginning. Default: the latest.") var id: String?
    @OptionGroup var which: FindingOptions
    @Option(help: "Only this finding; may be given several times.") var number: [Int] = []
    @Flag(help: "Only say what would be done.") var dryRun = false
    @Flag(help: "As JSON.") var json = false
    @OptionGroup var options: HubOptions

    func run() async throws {
        let context = try await self.options.context()
        let language = self.options.language
        let (run, filter) = try await self.which.read(context, self.id)
        let systems = self.which.system.isEmpty ? Set(run.systems.map(\.system)) : Set(self.which.system)
        try await context.require(self.dryRun ? .reconcile : .repair, on: systems, by: operatorName)
        var order = try await context.repairing {
            try await $0.order(run.id, filter, numbers: Set(self.number), by: operatorName)
        }
        if !self.dryRun, !order.findings.isEmpty {
            let made = order
            order = try await context.repairing { try await $0.place(made) }
        }
        if self.json { return say(try ReadableJSON.text(order)) }
        let words = ReconcileWords(language)
        say("\(order.id)  \(run.id)  \(words.differences(order.findings.count))")
        for line in ReconcileText(words).lines(order) { say(line) }
        if self.dryRun { return say(language(sv: "Inget är gjort (--dry-run).", en: "Nothing is done (--dry-run).")) }
        guard !order.findings.isEmpty else { return }
        if order.state == .waiting {
            say(
                language(
                    sv:
                        "Mer än gränserna släpper igenom: någon annan godkänner det. knutpunkt reconcile approve \(order.id) --reason …",
                    en:
                        "More than the limits let through: somebody else approves it. knutpunkt reconcile approve \(order.id) --reason …"
                ))
            throw ExitCode(1)
        }
        say(Self.sent(order, language, isHubRunning: context.isHubRunning))
    }

    static func sent(_ order: RepairOrder, _ language: Language, isHubRunning: Bool) -> String {
        let waiting =
            isHubRunning
            ? ""
            : language(
                sv: "\nIngen hubb är igång: det levereras när den startas (knutpunkt serve).",
                en: "\nNo hub runs: they are delivered when it starts (knutpunkt serve).")
        return language(
            sv:
                "Skickat: \(order.records) poster; \(order.moved) har ändrats sedan dess och lämnades. Jämför igen: knutpunkt reconcile",
            en:
                "Sent: \(order.records) records; \(order.moved) have changed since and were left. Compare again: knutpunkt reconcile"
        ) + waiting
    }
}

struct ReconcileRepairs: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "repairs", abstract: "The repairs so far, the newest first.", discussion: "Exit status: 0 told.")
    @Flag(help: "As JSON.") var json = false
    @OptionGroup var options: HubOptions

    func run() async throws {
        let context = try await self.options.context()
        let language = self.options.language
        let orders = try await context.store.repairs(of: nil)
        if self.json { return say(try ReadableJSON.text(orders)) }
        if orders.isEmpty { say(language(sv: "Inga rättningar.", en: "No repairs.")) }
        let words = ReconcileWords(language)
        for order in orders {
            let decided = order.decidedBy.map { "  \($0): \(order.reason ?? "")" } ?? ""
            let left = order.left.map { language(sv: ", \($0) skiljer sig än", en: ", \($0) differ still") } ?? ""
            say(
                "\(order.id)  \(order.run)  \(order.madeAt)  \(order.madeBy)  \(words.state(order.state))  "
                    + "\(words.differences(order.findings.count))\(left)\(decided)")
            for line in ReconcileText(words).lines(order) { say(line) }
        }
    }
}

/// What somebody decides of a repair that waits.
struct RepairDecision: ParsableArguments {
    @Argument(help: "The repair.") var id: String
    @Option(help: "Why; kept in the audit log. No personal data.") var reason: String
    @OptionGroup var options: HubOptions

    func make(
        _ decide: (Repairer, RepairDecision) async throws -> RepairOrder
    ) async throws -> (order: RepairOrder, isHubRunning: Bool) {
        try requireReason(self.reason, self.options.language)
        let context = try await self.options.context()
        let systems = Set(try await context.store.repair(self.id)?.parts.map(\.system) ?? [])
        try await context.require(.approveRepairs, on: systems, by: operatorName)
        return (try await context.repairing { try await decide($0, self) }, context.isHubRunning)
    }
}

struct ReconcileApprove: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "approve", abstract: "Approve a repair that waits, made by somebody else, and have it sent.",
        discussion: """
            Examples:
              knutpunkt reconcile repairs
              knutpunkt reconcile approve repair-1a2b3c4d --reason "Vega was emptied by mistake"

            Exit status: 0 sent; 64 wrong use; 66 no such repair, or none that waits; 77 not allowed, or your own.
            """)
    @OptionGroup var decision: RepairDecision

    func run() async throws {
        let (order, isHubRunning) = try await self.decision.make {
            try await $0.approve($1.id, reason: $1.reason, by: operatorName)
        }
        say(ReconcileRepair.sent(order, self.decision.options.language, isHubRunning: isHubRunning))
    }
}

struct ReconcileReject: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "reject", abstract: "Turn down a repair that waits.",
        discussion: """
            Examples:
              knutpunkt reconcile reject repair-1a2b3c4d --reason "Vega is being moved"

            Exit status: 0 done; 64 wrong use; 66 no such repair, or none that waits; 77 not allowed.
            """)
    @OptionGroup var decision: RepairDecision

    func run() async throws {
        let (order, _) = try await self.decision.make { try await $0.reject($1.id, reason: $1.reason, by: operatorName) }
        say("\(order.id): \(ReconcileWords(self.decision.options.language).state(order.state))")
    }
}
