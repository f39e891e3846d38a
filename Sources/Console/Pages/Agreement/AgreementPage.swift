import Hub
import Reconciliation

/// Whether systems hold what they should: the latest comparison, why things differ, and how it has gone over time.
struct AgreementPage: ConsolePage {
    /// Runs that the chart and the list go back.
    private static let mostRuns = 30

    let desk: ConsoleDesk
    let frame: Frame

    func add(to routes: ConsoleRoutes) {
        routes.show("agreement", .agreement) { visit in
            let runs = try await self.desk.store.reconcileRuns(states: [], limit: Self.mostRuns)
            return try await self.show(runs.first { $0.state == .done } ?? runs.first, runs, visit)
        }
        routes.show("agreement/runs/:id", .agreement) { visit in
            guard let run = try await self.desk.store.reconcileRun(try visit.parameter("id")) else {
                throw ConsoleRefusal.unknownPage
            }
            return try await self.show(run, try await self.desk.store.reconcileRuns(states: [], limit: Self.mostRuns), visit)
        }
        routes.act("agreement/runs", .agreement) { visit, form in
            var scope = ReconcileScope()
            scope.mode = form["mode"] == "changed" ? .changed : .full
            scope.systems = form.all("system").filter { !$0.isEmpty }
            try await self.desk.repairs.compare(scope, visit)
            return .redirect(Address("/agreement", ["said": "comparing"]))
        }
    }

    /// The lists of this place.
    static func tabs(_ here: String, _ language: Language) -> [View] {
        [
            ("/agreement", language(sv: "Jämförelser", en: "Comparisons")),
            ("/agreement/repairs", language(sv: "Rättningar", en: "Repairs")),
            ("/agreement/interop", language(sv: "Samspel", en: "Interoperability")),
            ("/agreement/fields", language(sv: "Fält för fält", en: "Field by field")),
        ].map { ["address": $0.0, "name": $0.1, "isHere": $0.0 == here] }
    }

    private func show(_ run: ReconcileRun?, _ runs: [ReconcileRun], _ visit: Visit) async throws -> Reply {
        let language = visit.language
        let words = ReconcileWords(language, units: try await self.desk.placeNames())
        let times = TimeText(language, now: self.desk.clock.now())
        var page = Frame.Page(language(sv: "Överensstämmelse", en: "Agreement"))
        page.lead = language(
            sv: "Har systemen det de ska ha? Hubben läser dem och jämför rad för rad.",
            en: "Do systems hold what they should? The hub reads them and compares row by row.")
        page.view["tabs"] = Self.tabs("/agreement", language)
        if visit.user.may(.reconcile) { page.view["begin"] = ["csrf": visit.csrf] as View }
        if let run { page.view["run"] = self.view(of: run, words, times) }
        let told = runs.filter { $0.state == .done && $0.scope.isWhole }.reversed()
        let names = Set(told.flatMap { $0.systems.filter { $0.state == .done }.map(\.system) }).sorted()
        let chart = LineChart(
            lines: names.map { name in
                .init(
                    name: name,
                    shares: told.map { run in run.systems.first { $0.system == name && $0.state == .done }?.agreement })
            }, moments: told.map { times.moment($0.beganAt) },
            title: language(sv: "Andel rader som är överens, körning för körning", en: "Share of rows that agree, run by run"),
            percent: { words.percent($0) })
        if let svg = chart.svg { page.view["chart"] = svg }
        page.view["runs?"] = !runs.isEmpty
        page.view["runs"] = runs.map { run in
            [
                "address": "\(Address(parts: ["agreement", "runs", run.id]))", "time": times.moment(run.beganAt),
                "state": words.state(run), "tone": Self.tone(run).rawValue, "agreement": words.agreement(run),
                "differences": TimeText.number(run.differences), "by": run.madeBy,
            ] as View
        }
        return self.frame.show(page, "agreement", in: .agreement, visit)
    }

    static func tone(_ run: ReconcileRun) -> Tone {
        switch run.state {
        case .running: .warn
        case .done: run.isComplete ? .good : .warn
        case .cancelled: .plain
        case .broken: .bad
        }
    }

    private func view(of run: ReconcileRun, _ words: ReconcileWords, _ times: TimeText) -> View {
        let language = words.language
        func findings(_ items: KeyValuePairs<String, String?> = [:]) -> String {
            "\(Address(parts: ["agreement", "runs", run.id, "findings"], items))"
        }
        var view: View = [
            "state": words.state(run), "tone": Self.tone(run).rawValue,
            "when": "\(times.moment(run.beganAt))\(run.endedAt.map { " – \(times.moment($0))" } ?? "") (\(run.madeBy))",
            "findings": findings(),
            "tiles": [
                (
                    words.agreement(run), language(sv: "överens", en: "agree"),
                    run.isComplete && run.differences == 0 ? Tone.good : .plain
                ),
                (
                    TimeText.number(run.differences), language(sv: "skillnader", en: "differences"),
                    run.differences > 0 ? .bad : .good
                ),
                (TimeText.number(run.repairable), language(sv: "kan hubben rätta", en: "the hub can mend"), .plain),
                (TimeText.number(run.inFlight), language(sv: "är bara på väg", en: "are merely on their way"), .plain),
            ].map { ["number": $0.0, "label": $0.1, "tone": $0.2.rawValue] as View },
            "systems": run.systems.map { system in
                let what =
                    system.state == .unread
                    ? system.problem ?? language(sv: "kunde inte läsas", en: "couldn't be read")
                    : system.situations.filter { $0.value > 0 }.sorted { $0.value > $1.value }
                        .map { "\(TimeText.number($0.value)) \(words.situation($0.key))" }.joined(separator: ", ")
                var row: View = [
                    "name": system.system, "agreement": system.state == .done ? words.percent(system.agreement) : "–",
                    "tone": system.state == .waiting
                        ? "" : system.state == .unread ? "cell-warn" : system.differences > 0 ? "cell-bad" : "cell-good",
                    "rows": TimeText.number(system.total.expected), "differences": TimeText.number(system.differences),
                    "repairable": TimeText.number(system.repairable), "inFlight": TimeText.number(system.inFlight),
                    "what": what + (system.isAsGiven ? language(sv: " (som givet)", en: " (as given)") : ""),
                ]
                if system.differences > 0 { row["address"] = findings(["system": system.system]) }
                return row
            },
            "causes?": !run.causes.isEmpty,
            "causes": run.causes.prefix(20).map { cause in
                [
                    "count": TimeText.number(cause.count), "system": cause.system, "kind": cause.kind,
                    "situation": words.situation(cause.situation), "cause": words.cause(cause.cause),
                    "field": [cause.field, cause.nature.map(words.nature), cause.code].compactMap(\.self).joined(separator: ", "),
                    "address": findings(["system": cause.system, "situation": cause.situation.rawValue]),
                ] as View
            },
            "units?": !run.units.isEmpty,
            "units": run.units.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.prefix(30).map { unit, count in
                ["name": words.unit(unit), "count": TimeText.number(count), "address": findings(["unit": unit])] as View
            },
        ]
        if let problem = run.problem { view["problem"] = problem }
        return view
    }
}
