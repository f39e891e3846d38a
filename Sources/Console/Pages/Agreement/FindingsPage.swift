import ConnectorKit
import Hub
import Reconciliation
import SchoolRecords

/// What a comparison found, one by one, and having the hub mend it.
struct FindingsPage: ConsolePage {
    let desk: ConsoleDesk
    let frame: Frame

    func add(to routes: ConsoleRoutes) {
        routes.show("agreement/runs/:id/findings", .agreement) { visit in
            try await self.show(try await self.run(visit), visit, order: nil)
        }
        routes.show("agreement/runs/:id/findings.csv", .agreement) { visit in try await self.csv(visit) }
        routes.act("agreement/runs/:id/repair", .agreement) { visit, form in try await self.repair(visit, form) }
    }

    private func run(_ visit: Visit) async throws -> ReconcileRun {
        try await self.desk.repairs.run(try visit.parameter("id"))
    }

    private static func filter(_ fields: Fields) -> FindingFilter {
        var filter = FindingFilter()
        if let system = fields["system"] { filter.systems = [system] }
        if let situation = fields["situation"].flatMap(Situation.init(rawValue:)) { filter.situations = [situation] }
        if let unit = fields["unit"] { filter.units = [unit] }
        filter.after = fields.number("after") ?? 0
        return filter
    }

    private static let kept = ["system", "situation", "unit", "after"]

    private func show(_ run: ReconcileRun, _ visit: Visit, order: RepairOrder?) async throws -> Reply {
        let language = visit.language
        try await self.desk.repairs.maySee(run, visit)
        let words = ReconcileWords(language, units: try await self.desk.placeNames())
        let times = TimeText(language, now: self.desk.clock.now())
        var filter = Self.filter(visit.query)
        filter.limit = ListPage.size
        let findings = try await self.desk.store.findings(of: run.id, filter)
        let path = Address(parts: ["agreement", "runs", run.id, "findings"]).path
        var page = Frame.Page(language(sv: "Skillnader", en: "Differences"))
        page.trail = [
            (language(sv: "Överensstämmelse", en: "Agreement"), Address("/agreement")),
            (times.moment(run.beganAt), Address(parts: ["agreement", "runs", run.id])),
        ]
        page.view = ListPage.view(
            shown: findings.count, at: visit.address(path, keeping: Self.kept),
            next: findings.count == ListPage.size ? findings.last.map { String($0.number) } : nil,
            csv: visit.address(path + ".csv", keeping: Self.kept.dropLast()), language)
        page.view["here"] = path
        page.view["systems"] = run.systems.map { Self.option($0.system, $0.system, visit.query["system"]) }
        page.view["situations"] = Situation.allCases.map {
            Self.option($0.rawValue, words.situation($0), visit.query["situation"])
        }
        page.view["units"] = run.units.keys.map { ($0, words.unit($0)) }.sorted { $0.1 < $1.1 }.map {
            Self.option($0.0, $0.1, visit.query["unit"])
        }
        page.view["findings?"] = !findings.isEmpty
        page.view["findings"] = findings.map { self.view(of: $0, words, times) }
        if run.state == .done, visit.user.may(.repair) {
            page.view["repair"] =
                [
                    "address": "\(Address(parts: ["agreement", "runs", run.id, "repair"]))", "csrf": visit.csrf,
                    "system": visit.query["system"] ?? "", "situation": visit.query["situation"] ?? "",
                    "unit": visit.query["unit"] ?? "",
                ] as View
        }
        if let order { page.view["order"] = Self.view(of: order, language) }
        return self.frame.show(page, "findings", in: .agreement, visit)
    }

    private static func option(_ value: String, _ name: String, _ chosen: String?) -> View {
        ["value": value, "name": name, "isChosen": value == chosen]
    }

    /// What a repair would do, or does.
    static func view(of order: RepairOrder, _ language: Language) -> View {
        [
            "tone": (order.needsApproval ? Tone.warn : .good).rawValue,
            "title": language(
                sv: "Så här skulle rättningen göra, inget är gjort än: \(order.findings.count) skillnader",
                en: "What the repair would do, nothing is done yet: \(order.findings.count) differences"),
            "parts": Self.parts(of: order, language),
        ]
    }

    static func parts(of order: RepairOrder, _ language: Language) -> [View] {
        order.parts.map { part in
            let excess =
                part.excess.isEmpty
                ? "" : language(sv: " – mer än gränserna: ", en: " – beyond the limits: ") + part.excess.joined(separator: ", ")
            return [
                "text": "\(part.system) \(part.kind): +\(part.creates) ~\(part.updates) −\(part.deletes)\(excess)"
            ]
        }
    }

    private func view(of kept: KeptFinding, _ words: ReconcileWords, _ times: TimeText) -> View {
        let finding = kept.finding
        var view: View = [
            "number": String(kept.number), "system": finding.system, "kind": finding.kind,
            "situation": words.situation(finding.situation),
            "tone": (finding.situation == .withheld ? Tone.plain : finding.remedy == .wait ? .warn : .bad).rawValue,
            "cause": words.cause(finding.cause),
            "fields": finding.fields.map { "\($0.name) (\(words.nature($0.nature)))" }.joined(separator: ", "),
            "unit": words.unit(finding.unit), "remedy": words.remedy(finding, run: kept.run, number: kept.number),
            "owner": words.owner(finding.owner), "since": times.moment(kept.firstAt),
        ]
        if let record = finding.record {
            view["record"] = record.description
            view["trace"] = "\(Address("/messages/trace", ["record": "\(finding.system)/\(record)"]))"
        }
        if let message = finding.message { view["message"] = "/failed/\(message)" }
        return view
    }

    private func csv(_ visit: Visit) async throws -> Reply {
        let run = try await self.run(visit)
        try await self.desk.repairs.maySee(run, visit)
        let words = ReconcileWords(visit.language, units: try await self.desk.placeNames())
        var filter = Self.filter(visit.query)
        filter.limit = 1000
        var rows = [
            ["number", "owner", "system", "kind", "situation", "cause", "fields", "record", "unit", "since", "what to do"]
        ]
        while true {
            let findings = try await self.desk.store.findings(of: run.id, filter)
            guard let last = findings.last else { break }
            rows += findings.map { kept in
                let finding = kept.finding
                return [
                    String(kept.number), words.owner(finding.owner), finding.system, finding.kind,
                    words.situation(finding.situation),
                    words.cause(finding.cause),
                    finding.fields.map { "\($0.name) (\(words.nature($0.nature)))" }.joined(separator: ", "),
                    finding.record?.description ?? "", words.unit(finding.unit), kept.firstAt,
                    words.remedy(finding, run: kept.run, number: kept.number),
                ]
            }
            filter.after = last.number
        }
        return .csv(name: "differences.csv", text: CSVText.lines(rows))
    }

    private func repair(_ visit: Visit, _ form: Fields) async throws -> Reply {
        let run = try await self.run(visit)
        let filter = Self.filter(form)
        let isTrial = form["do"] != "send"
        let order = try await self.desk.repairs.repair(run, filter, isTrial: isTrial, visit)
        if isTrial {
            // The page goes on with what was chosen: what is sent next is what was tried.
            let chosen = Fields(Dictionary(uniqueKeysWithValues: Self.kept.dropLast().map { ($0, form.all($0)) }))
            let asked = Visit(
                user: visit.user, language: visit.language, csrf: visit.csrf, path: visit.path, query: chosen,
                parameters: visit.parameters)
            return try await self.show(run, asked, order: order)
        }
        return .redirect(Address("/agreement/repairs", ["said": order.state == .waiting ? "repair-waits" : "repair-sent"]))
    }
}
