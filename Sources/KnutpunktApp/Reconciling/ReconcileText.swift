public import Hub
import Reconciliation
import SchoolRecords

/// A run as text for the terminal.
public struct ReconcileText: Sendable {
    public let words: ReconcileWords

    public init(_ words: ReconcileWords) { self.words = words }

    /// The whole run: systems, top causes, schools.
    public func summary(_ run: ReconcileRun) -> String {
        let language = self.words.language
        let agreement = (run.scope.isWhole ? language(sv: "överens: ", en: "agreeing: ") : "") + self.words.agreement(run)
        var lines = [
            "\(run.id)  \(run.beganAt)  \(self.words.state(run))  "
                + language(
                    sv: "\(agreement); \(self.words.differences(run.differences)), \(run.inFlight) på väg",
                    en: "\(agreement); \(self.words.differences(run.differences)), \(run.inFlight) on their way")
        ]
        if let problem = run.problem { lines.append("  \(problem)") }
        for system in run.systems { lines.append(self.line(system, isWhole: run.scope.isWhole)) }
        let causes = run.causes.prefix(10)
        if !causes.isEmpty {
            lines += ["", language(sv: "Vanligaste orsakerna:", en: "Top causes:")]
            lines += causes.map { "  \(Self.padded($0.count, 6)) \(self.line($0))" }
        }
        let units = run.units.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.prefix(10)
        if !units.isEmpty {
            lines += ["", language(sv: "Skolor med flest skillnader:", en: "Schools with most differences:")]
            lines += units.map { "  \(Self.padded($0.value, 6)) \(self.words.unit($0.key))" }
        }
        if run.differences > 0 {
            lines += ["", language(sv: "Vidare:", en: "Next:"), "  knutpunkt reconcile list \(run.id)"]
            if run.repairable > 0 {
                lines.append(
                    "  knutpunkt reconcile repair \(run.id) --dry-run   "
                        + language(sv: "(hubben kan rätta \(run.repairable))", en: "(the hub can mend \(run.repairable))"))
            }
        }
        return lines.joined(separator: "\n")
    }

    /// A run on one line.
    public func line(_ run: ReconcileRun) -> String {
        "\(run.id)  \(run.beganAt)  \(self.words.agreement(run))  "
            + "\(self.words.differences(run.differences))  \(self.words.state(run))  \(run.madeBy)  \(run.systems.map(\.system).joined(separator: ","))"
    }

    /// - Parameter isWhole: whether everything is told that was found in the system.
    public func line(_ system: SystemAgreement, isWhole: Bool = true) -> String {
        let language = self.words.language
        switch system.state {
        case .waiting: return "  \(system.system): " + language(sv: "inte läst ännu", en: "not read yet")
        case .unread:
            return "  \(system.system): " + language(sv: "kunde inte läsas: ", en: "couldn't be read: ") + (system.problem ?? "-")
        case .done:
            let faults = system.situations.filter(\.key.isFault).sorted { $0.key.rawValue < $1.key.rawValue }.map {
                "\($0.value) \(self.words.situation($0.key))"
            }
            let total = system.total
            let rows = language(
                sv: "\(total.equal) av \(total.expected) rader lika", en: "\(total.equal) of \(total.expected) rows equal")
            let passing =
                system.inFlight > 0 ? language(sv: " (\(system.inFlight) på väg)", en: " (\(system.inFlight) on their way)") : ""
            let given =
                system.isAsGiven
                ? language(sv: " (som givet: systemet berättar inget)", en: " (as given: the system tells nothing)") : ""
            guard isWhole else {
                let found =
                    faults.isEmpty ? language(sv: "inget skiljer sig", en: "nothing differs") : faults.joined(separator: ", ")
                return "  \(system.system): \(found)\(passing)\(given)"
            }
            return "  \(system.system): \(self.words.percent(system.agreement)), \(rows)\(given)"
                + (faults.isEmpty ? "" : "; " + faults.joined(separator: ", ") + passing)
        }
    }

    public func line(_ cause: ReconcileRun.CauseCount) -> String {
        var text = "\(cause.system) \(cause.kind): \(self.words.situation(cause.situation)), \(self.words.cause(cause.cause))"
        if let field = cause.field { text += ", \(field)" + (cause.nature.map { " (\(self.words.nature($0)))" } ?? "") }
        if let code = cause.code { text += " [\(code)]" }
        return text
    }

    /// One finding on one line, and what to do about it.
    ///
    /// - Parameter values: also keys and what fields hold: personal data.
    public func lines(_ kept: KeptFinding, values: Bool) -> [String] {
        let finding = kept.finding
        let language = self.words.language
        var first = "\(kept.number)  \(finding.system) \(finding.kind)"
        if values { first += " \(finding.key)" }
        first += ": \(self.words.situation(finding.situation)), \(self.words.cause(finding.cause))"
        if finding.behind > 0 { first += language(sv: ", \(finding.behind) efter", en: ", \(finding.behind) behind") }
        var lines = [first]
        let fields = finding.fields.map { field in
            let nature = "\(field.name) (\(self.words.nature(field.nature)))"
            return values ? "\(nature): \(field.held ?? "–") ≠ \(field.expected ?? "–")" : nature
        }
        if !fields.isEmpty { lines.append("    " + fields.joined(separator: ", ")) }
        if let other = finding.otherKey {
            let share = finding.confidence.map { " \(Int(($0 * 100).rounded())) %" } ?? ""
            lines.append("    " + language(sv: "samma som", en: "the same as") + (values ? " \(other)" : "") + share)
        }
        var about: [String] = []
        if let record = finding.record { about.append("\(record)") }
        if let authority = finding.authority { about.append(language(sv: "\(authority) har rätt", en: "\(authority) is right")) }
        if finding.unit != nil { about.append(self.words.unit(finding.unit)) }
        about.append(language(sv: "sedan \(kept.firstAt.prefix(10))", en: "since \(kept.firstAt.prefix(10))"))
        if let repair = kept.repair { about.append(repair) }
        lines.append("    " + about.joined(separator: " · "))
        lines.append("    → \(self.words.remedy(finding, run: kept.run, number: kept.number))")
        return lines
    }

    public func lines(_ order: RepairOrder) -> [String] {
        let language = self.words.language
        var lines = order.parts.map { part in
            let excess = part.excess.isEmpty ? "" : "  ! \(part.excess.joined(separator: ", "))"
            return "  \(part.system) \(part.kind): +\(part.creates) ~\(part.updates) -\(part.deletes)\(excess)"
        }
        if order.findings.isEmpty {
            lines.append(language(sv: "  Det finns inget som hubben kan rätta.", en: "  There is nothing that the hub can mend."))
        }
        return lines
    }

    public static func padded(_ number: Int, _ width: Int) -> String {
        let text = String(number)
        return String(repeating: " ", count: max(0, width - text.count)) + text
    }
}
