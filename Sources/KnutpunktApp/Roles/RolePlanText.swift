import Hub
import Mapping
public import Provisioning
import SchoolRecords

/// A plan for people to read: the terminal's summary and list, a table for spreadsheets, pages for principals.
public struct RolePlanText: Sendable {
    let plan: RolePlan
    let words: RoleWords

    public init(_ plan: RolePlan, _ words: RoleWords) {
        self.plan = plan
        self.words = words
    }

    private var language: Language { self.words.language }

    // MARK: Terminal

    /// By system and unit, with what is risky and what is in the way.
    public var summary: [String] {
        let total = self.plan.total
        var lines = [
            self.language(
                sv: "\(self.title): +\(total.granted) ges, ~\(total.changed) ändras, -\(total.revoked) tas bort, "
                    + "\(total.kept) behålls, \(total.blocked) hindras",
                en: "\(self.title): +\(total.granted) granted, ~\(total.changed) changed, -\(total.revoked) revoked, "
                    + "\(total.kept) kept, \(total.blocked) blocked")
        ]
        let counts = self.plan.counts
        for system in Set(counts.keys.map(\.system)).sorted() {
            let places = counts.filter { $0.key.system == system }
            var sum = PlanCounts()
            for count in places.values { sum += count }
            lines.append("  \(system.padded(12)) \(Self.numbers(sum))")
            let moved = places.filter { $0.value.granted + $0.value.changed + $0.value.revoked > 0 }
            for (place, count) in moved.sorted(by: { self.words.place($0.key.unit) < self.words.place($1.key.unit) }) {
                lines.append("    \(self.words.place(place.unit).padded(36)) \(Self.numbers(count))")
            }
        }
        return lines + self.risks + self.obstacles + self.remarks
    }

    var title: String {
        let what = self.plan.request.term ?? self.plan.request.date.description
        return self.language(sv: "Plan \(self.plan.id) för \(what)", en: "Plan \(self.plan.id) for \(what)")
    }

    private static func numbers(_ counts: PlanCounts) -> String {
        "+\(counts.granted) ~\(counts.changed) -\(counts.revoked)  =\(counts.kept) !\(counts.blocked)"
    }

    private var risks: [String] {
        let marked = RiskMark.allCases.map { mark in (mark, self.plan.steps.filter { $0.marks.contains(mark) }.count) }
            .filter { $0.1 > 0 }
        guard !marked.isEmpty else { return [] }
        return [self.language(sv: "Att se på:", en: "To look at:")]
            + marked.map { "  \(self.words.mark($0.0)): \($0.1)" }
    }

    private var obstacles: [String] {
        let reasons = Dictionary(grouping: self.plan.blocked.compactMap(\.block).filter { $0 != .systemNotRead }) { $0.code }
        guard !reasons.isEmpty else { return [] }
        return [self.language(sv: "Hinder:", en: "In the way:")]
            + reasons.sorted { $0.value.count > $1.value.count || ($0.value.count == $1.value.count && $0.key < $1.key) }
            .compactMap { _, blocks in
                blocks.first.map { first in
                    let same = Set(blocks).count == 1
                    let text =
                        same ? self.words.block(first) : self.words.block(first) + self.language(sv: " m.m.", en: " and the like")
                    return "  \(blocks.count): \(text)"
                }
            }
    }

    private var remarks: [String] {
        guard !self.plan.unread.isEmpty else { return [] }
        let systems = self.plan.unread.joined(separator: ", ")
        return [
            self.language(
                sv: "Ofullständig: ingen har läst vilka roller som finns i \(systems).",
                en: "Not complete: nobody has read which roles there are in \(systems).")
        ]
    }

    /// Every step, in the order in which they are taken, and what is blocked.
    public var list: [String] {
        (self.plan.steps + self.plan.blocked.filter { $0.block != .systemNotRead }).map { entry in
            let marks = entry.marks.isEmpty ? "" : "  [\(entry.marks.sorted().map(self.words.mark).joined(separator: ", "))]"
            return "\(entry.action.sign) \(self.words.person(entry.key.person))  \(entry.key.name)  "
                + "\(self.words.scope(entry.key.scope))  \(self.why(entry))\(marks)"
        }
    }

    /// Why a step is taken, or isn't.
    public func why(_ entry: PlanEntry) -> String {
        if let block = entry.block { return self.words.block(block) }
        if let cause = entry.cause { return self.words.cause(cause) }
        return entry.reasons.map(self.words.reason).joined(separator: "; ")
    }

    // MARK: Tables

    private var header: [String] {
        [
            self.language(sv: "Åtgärd", en: "Action"), self.language(sv: "Enhet", en: "Unit"),
            self.language(sv: "System", en: "System"), self.language(sv: "Person", en: "Person"),
            self.language(sv: "Roll", en: "Role"), self.language(sv: "Gäller", en: "Scope"),
            self.language(sv: "Från", en: "From"), self.language(sv: "Till", en: "To"),
            self.language(sv: "Varför", en: "Why"), self.language(sv: "Att se på", en: "To look at"),
        ]
    }

    private func cells(_ entry: PlanEntry) -> [String] {
        let grant = entry.after ?? entry.before
        return [
            self.words.action(entry.action), self.words.place(entry.unit), entry.key.name.system,
            self.words.person(entry.key.person), entry.key.name.role, self.words.scope(entry.key.scope),
            grant?.startDate?.description ?? "", grant?.endDate?.description ?? "", self.why(entry),
            entry.marks.sorted().map(self.words.mark).joined(separator: ", "),
        ]
    }

    private var told: [PlanEntry] { self.plan.steps + self.plan.blocked.filter { $0.block != .systemNotRead } }

    /// A step or a blocked role a line (RFC 4180). A cell that a spreadsheet would take for a formula begins with an apostrophe.
    public var csv: String {
        CSVText.lines([self.header] + self.told.map(self.cells))
    }

    /// One page that stands by itself, a chapter for each unit.
    public var html: String {
        let units = Dictionary(grouping: self.told) { self.words.place($0.unit) }
        let chapters = units.sorted { $0.key < $1.key }.map { unit, entries in
            let sorted = entries.sorted { ($0.key.person, $0.key) < ($1.key.person, $1.key) }
            let rows = sorted.map { RolePage.row(self.cells($0), "td") }.joined(separator: "\n")
            return """
                <h2>\(HTMLText.escaped(unit))</h2>
                <table><thead>\(RolePage.row(self.header, "th"))</thead><tbody>
                \(rows)
                </tbody></table>
                """
        }
        let remarks = (self.summary.prefix(1) + self.remarks).map { "<p>\(HTMLText.escaped($0))</p>" }
        return RolePage.page(self.title, (remarks + chapters).joined(separator: "\n"), self.language)
    }
}

/// A page of HTML that stands by itself.
enum RolePage {
    static func page(_ title: String, _ body: String, _ language: Language) -> String {
        """
        <!DOCTYPE html>
        <html lang="\(language.rawValue)">
        <head><meta charset="utf-8"><title>\(HTMLText.escaped(title))</title>
        <style>body{font:14px/1.4 sans-serif;margin:2em}table{border-collapse:collapse;margin:1em 0}\
        th,td{border:1px solid #999;padding:.3em .6em;text-align:left;vertical-align:top}th{background:#eee}\
        h2{page-break-before:auto}.bar{background:#ddd;width:20em;height:1em}.bar div{background:#2a7;height:1em}</style></head>
        <body>
        <h1>\(HTMLText.escaped(title))</h1>
        \(body)
        </body></html>
        """
    }

    static func row(_ cells: [String], _ tag: String) -> String {
        "<tr>\(cells.map { "<\(tag)>\(HTMLText.escaped($0))</\(tag)>" }.joined())</tr>"
    }
}

extension String {
    /// With spaces behind it up to a width.
    fileprivate func padded(_ width: Int) -> String {
        self.count >= width ? self : self + String(repeating: " ", count: width - self.count)
    }
}
