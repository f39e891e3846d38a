public import Hub
import Reconciliation
import SchoolRecords

/// A run for people to read: how much agrees, over time too, and a page for each school with what differs there and what to do. Records
/// are named by their ids alone.
public struct ReconcileReport: Sendable {
    /// How many differences of one cause are told one by one on a school's page.
    private static let mostOfCause = 25

    private let run: ReconcileRun
    private let earlier: [ReconcileRun]
    /// School unit → its findings.
    private let pages: [(unit: String, findings: [KeptFinding])]
    private let words: ReconcileWords

    /// Reads what a run found.
    public static func read(_ run: ReconcileRun, _ context: HubContext, _ words: ReconcileWords) async throws -> ReconcileReport {
        var filter = FindingFilter()
        filter.isReal = true
        let findings = try await context.store.findings(of: run.id, filter)
        let pages = Dictionary(grouping: findings) { $0.finding.unit ?? "-" }.sorted {
            // Without a school last.
            ($0.key == "-" ? 1 : 0, words.unit($0.key), $0.key) < ($1.key == "-" ? 1 : 0, words.unit($1.key), $1.key)
        }.map { (unit: $0.key, findings: $0.value) }
        let earlier = try await context.store.reconcileRuns(states: [.done], limit: 60).filter {
            $0.scope.mode == .full && $0.scope.isWhole
        }
        return ReconcileReport(run: run, earlier: earlier.reversed(), pages: pages, words: words)
    }

    /// One page that stands by itself; each school is on a page of its own when it is printed.
    public var html: String {
        let language = self.words.language
        let title = language(sv: "Är systemen överens?", en: "Do the systems agree?")
        var body = [
            "<h1>\(title)</h1>",
            "<p>\(HTMLText.escaped(self.run.beganAt)) · \(HTMLText.escaped(self.run.id)) · <strong>\(self.words.agreement(self.run))</strong></p>",
            AgreementChart(self.earlier, self.words).svg, self.systems, self.causes, self.contents,
        ]
        for page in self.pages { body.append(self.section(page.unit, page.findings)) }
        return """
            <!DOCTYPE html>
            <html lang="\(language.rawValue)">
            <head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1"><title>\(title)</title>
            <style>:root{color-scheme:light dark}body{font:15px/1.5 system-ui,sans-serif;margin:2em auto;max-width:70em;padding:0 1em}\
            table{border-collapse:collapse;margin:1em 0;width:100%}th,td{border:1px solid #8886;padding:.3em .6em;text-align:left;vertical-align:top}\
            td.n,th.n{text-align:right;font-variant-numeric:tabular-nums}th{background:#8882}code{font-size:.9em;overflow-wrap:anywhere}\
            .leaked{font-weight:bold}section{break-before:page;border-top:2px solid #8886;margin-top:2em}svg{max-width:100%;height:auto}</style></head>
            <body>
            \(body.joined(separator: "\n"))
            </body></html>
            """
    }

    private var systems: String {
        let language = self.words.language
        let header = [
            language(sv: "System", en: "System"), language(sv: "Överens", en: "Agreeing"), language(sv: "Rader", en: "Rows"),
            language(sv: "Skillnader", en: "Differences"), language(sv: "På väg", en: "On their way"),
            language(sv: "Hubben kan rätta", en: "The hub can mend"),
        ]
        let rows = self.run.systems.map { system -> [String] in
            guard system.state == .done else {
                return [
                    system.system, "–", "–", HTMLText.escaped(system.problem ?? language(sv: "inte läst", en: "not read")), "–",
                    "–",
                ]
            }
            return [
                system.system, self.run.scope.isWhole ? self.words.percent(system.agreement) : "–", String(system.total.expected),
                String(system.differences),
                String(system.inFlight), String(system.repairable),
            ]
        }
        return Self.table(header, rows, numbers: 1...5)
    }

    private var causes: String {
        let language = self.words.language
        guard !self.run.causes.isEmpty else { return "" }
        let rows = self.run.causes.prefix(15).map { [String($0.count), HTMLText.escaped(ReconcileText(self.words).line($0))] }
        return "<h2>\(language(sv: "Vanligaste orsakerna", en: "Top causes"))</h2>"
            + Self.table([language(sv: "Antal", en: "Count"), language(sv: "Orsak", en: "Cause")], rows, numbers: 0...0)
    }

    private var contents: String {
        let language = self.words.language
        guard !self.pages.isEmpty else { return "<p>\(language(sv: "Inget skiljer sig.", en: "Nothing differs."))</p>" }
        let rows = self.pages.enumerated().map { number, page in
            ["<a href=\"#s\(number)\">\(HTMLText.escaped(self.words.unit(page.unit)))</a>", String(page.findings.count)]
        }
        return "<h2>\(language(sv: "Skolor", en: "Schools"))</h2>"
            + Self.table(
                [language(sv: "Skola", en: "School"), language(sv: "Skillnader", en: "Differences")], rows, numbers: 1...1)
    }

    private func section(_ unit: String, _ findings: [KeptFinding]) -> String {
        let language = self.words.language
        let number = self.pages.firstIndex { $0.unit == unit } ?? 0
        var parts = ["<section id=\"s\(number)\"><h2>\(HTMLText.escaped(self.words.unit(unit)))</h2>"]
        let text = ReconcileText(self.words)
        let groups = Dictionary(grouping: findings) { text.line(ReconcileRun.CauseCount($0.finding, count: 0)) }
        for (line, group) in groups.sorted(by: { ($1.value.count, $0.key) < ($0.value.count, $1.key) }) {
            let isLeak = group.first?.finding.situation == .leaked
            parts.append("<h3\(isLeak ? " class=\"leaked\"" : "")>\(group.count) × \(HTMLText.escaped(line))</h3>")
            let rows = group.prefix(Self.mostOfCause).map { kept -> [String] in
                let record = kept.finding.record.map { "<code>\(HTMLText.escaped($0.description))</code>" } ?? "–"
                let trace = kept.finding.record.map {
                    "<br><code>knutpunkt trace \(HTMLText.escaped($0.description)) --system \(HTMLText.escaped(kept.finding.system))</code>"
                }
                return [
                    String(kept.number), record + (trace ?? ""), HTMLText.escaped(kept.finding.authority ?? "–"),
                    String(kept.firstAt.prefix(10)),
                    "<code>\(HTMLText.escaped(self.words.remedy(kept.finding, run: kept.run, number: kept.number)))</code>",
                ]
            }
            parts.append(
                Self.table(
                    [
                        "#", language(sv: "Post och spår", en: "Record and trace"), language(sv: "Rätt har", en: "Right is"),
                        language(sv: "Sedan", en: "Since"), language(sv: "Att göra", en: "To do"),
                    ], rows, numbers: 0...0))
            if group.count > Self.mostOfCause {
                parts.append(
                    "<p>… \(group.count - Self.mostOfCause) \(language(sv: "till", en: "more")): <code>knutpunkt reconcile list \(self.run.id)</code></p>"
                )
            }
        }
        return parts.joined(separator: "\n") + "</section>"
    }

    private static func table(_ header: [String], _ rows: [[String]], numbers: ClosedRange<Int>) -> String {
        func cells(_ row: [String], _ tag: String) -> String {
            row.enumerated().map { "<\(tag)\(numbers.contains($0) ? " class=\"n\"" : "")>\($1)</\(tag)>" }.joined()
        }
        return "<table><thead><tr>\(cells(header, "th"))</tr></thead><tbody>"
            + rows.map { "<tr>\(cells($0, "td"))</tr>" }.joined() + "</tbody></table>"
    }
}
