import Hub
import Mapping

/// Which values that records really have lack a row in a code table.
struct CodeTablesPage: ConsolePage {
    let desk: ConsoleDesk
    let frame: Frame

    func add(to routes: ConsoleRoutes) {
        routes.show("mappings/codes", .mappings) { visit in try await self.show(visit) }
        routes.show("mappings/codes.csv", .mappings) { visit in try await self.csv(visit) }
    }

    /// The systems that something is given to.
    private var systems: [String] { self.desk.mappings.set.systems.values.filter { $0.target != nil }.map(\.name).sorted() }

    /// - Returns: `nil` until a system is chosen: each is a walk over the register.
    private func coverage(_ visit: Visit) async throws -> (system: String, uses: [CodeCoverage.Use])? {
        guard let system = visit.query["system"] else { return nil }
        guard self.systems.contains(system) else { throw ConsoleRefusal.unknownPage }
        // Counts over all units are for those who have all of them.
        guard visit.user.sees(unit: nil) else { throw ConsoleRefusal.forbidden("codes") }
        let inquiry = MappingInquiry(set: self.desk.mappings.set, store: self.desk.store)
        let today = self.desk.clock.calendarDate
        let coverage = try await self.desk.actions.tools.scans.run {
            try await inquiry.coverage(today: today, only: system, withValues: false)
        }
        return (system, coverage.uses.filter { visit.query["show"] != "missing" || !$0.missing.isEmpty })
    }

    private func show(_ visit: Visit) async throws -> Reply {
        let language = visit.language
        let words = MappingWords(language)
        let coverage = try await self.coverage(visit)
        let uses = coverage?.uses ?? []
        let (part, next) = ListPage.part(of: uses, visit)
        let kept = ["system", "show", "after"]
        var page = Frame.Page(language(sv: "Kodtabeller", en: "Code tables"))
        page.lead = language(
            sv: "Vilka koder som registrets poster har, och vilka av dem som saknar rad i tabellen.",
            en: "Which codes the register's records have, and which of them have no row in the table.")
        page.trail = [(language(sv: "Mappningar", en: "Mappings"), Address("/mappings"))]
        page.view = ListPage.view(
            shown: part.count, of: uses.count, at: visit.address(keeping: kept), next: next,
            csv: visit.address("/mappings/codes.csv", keeping: kept.dropLast()), language)
        page.view["tabs"] = MappingsPage.tabs("/mappings/codes", language)
        page.view["systems"] = Choice.views(self.systems, chosen: visit.query["system"])
        page.view["shows"] = Choice.views(
            [("missing", language(sv: "Bara där rader saknas", en: "Only where rows are missing"))], chosen: visit.query["show"])
        page.view["uses?"] = !part.isEmpty
        page.view["none"] =
            coverage == nil
            ? language(
                sv: "Välj ett system: hubben går då igenom registret.",
                en: "Choose a system: the hub then goes through the register.")
            : language(sv: "Inga koder slås upp.", en: "No codes are looked up.")
        page.view["uses"] = part.map { use in
            let fails = use.otherwise == "fail" && !use.missing.isEmpty
            let row: View = [
                "rule": use.rule, "field": use.field, "table": use.table, "columns": "\(use.find) → \(use.give)",
                "found": TimeText.number(use.found), "times": TimeText.number(use.foundCount),
                "otherwise": words.otherwise(use.otherwise),
                "tone": use.missing.isEmpty ? "cell-good" : fails ? "cell-bad" : "cell-warn",
                "missing?": !use.missing.isEmpty,
                "missing": use.missing.prefix(20).map { missing in
                    [
                        "code": missing.value ?? language(sv: "(ser inte ut som en kod)", en: "(no code by its looks)"),
                        "count": "\(TimeText.number(missing.count)) ×",
                    ] as View
                },
                "more": use.missing.count > 20
                    ? language(sv: "och \(use.missing.count - 20) till", en: "and \(use.missing.count - 20) more") : "",
                "all": language(sv: "alla har rad", en: "all have a row"),
            ]
            return row.withoutEmpty
        }
        return self.frame.show(page, "code-tables", in: .mappings, visit)
    }

    private func csv(_ visit: Visit) async throws -> Reply {
        let uses = try await self.coverage(visit)?.uses ?? []
        let header = ["system", "rule", "field", "table", "find", "give", "otherwise", "code", "has_row", "count"]
        let rows = uses.flatMap { use -> [[String]] in
            let place = [use.system, use.rule, use.field, use.table, use.find, use.give, use.otherwise]
            return [place + ["", "yes", String(use.foundCount)]]
                + use.missing.map { place + [$0.value ?? "", "no", String($0.count)] }
        }
        return .csv(name: "code-tables.csv", text: CSVText.lines([header] + rows))
    }
}
