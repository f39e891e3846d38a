import Foundation
import Hub
import SchoolRecords

/// How the hub runs: its parts and systems, what it last did by itself, what holds in the configuration; and a look at all that it needs.
struct SettingsPage: ConsolePage {
    let desk: ConsoleDesk
    let frame: Frame

    func add(to routes: ConsoleRoutes) {
        routes.show("settings", .settings) { visit in try await self.health(visit) }
        routes.show("settings/checks", .settings) { visit in
            try self.check(visit)
            return self.checks(visit, nil)
        }
        // By POST: it asks every system.
        routes.act("settings/checks", .settings) { visit, _ in
            try self.check(visit)
            let examine = self.desk.actions.tools.examine
            return self.checks(visit, try await self.desk.actions.tools.scans.run { await examine() })
        }
        routes.show("settings/configuration", .settings) { visit in
            try self.check(visit)
            return await self.configuration(visit)
        }
        routes.show("settings/configuration.csv", .settings) { visit in
            try self.check(visit)
            let rows = await self.chosen(visit).map { [$0.key, $0.value ?? "", $0.isWritten ? "written" : "default"] }
            return .csv(name: "configuration.csv", text: CSVText.lines([["key", "value", "from"]] + rows))
        }
    }

    /// How the hub runs belongs to no unit: it is for those who have all of them.
    private func check(_ visit: Visit) throws {
        guard visit.user.sees(unit: nil) else { throw ConsoleRefusal.forbidden("settings") }
    }

    private func tabs(_ here: String, _ language: Language) -> [View] {
        [
            ("/settings", language(sv: "Läget", en: "State")), ("/settings/checks", language(sv: "Kontroller", en: "Checks")),
            ("/settings/configuration", language(sv: "Konfiguration", en: "Configuration")),
        ].map { ["address": $0.0, "name": $0.1, "isHere": $0.0 == here] }
    }

    private func page(_ here: String, _ visit: Visit) -> Frame.Page {
        var page = Frame.Page(visit.language(sv: "Drift", en: "Running the hub"))
        page.lead = visit.language(
            sv: "Hur hubben mår, vad den behöver och vad som gäller. Hemligheter visas aldrig.",
            en: "How the hub does, what it needs and what holds. Secrets are never shown.")
        page.view["tabs"] = self.tabs(here, visit.language)
        return page
    }

    // MARK: State

    private func health(_ visit: Visit) async throws -> Reply {
        try self.check(visit)
        let reading = await self.desk.reading()
        let view = SettingsView(
            reading, await self.desk.actions.tools.setUp(), self.desk.mappings.set, visit.language,
            TimeText(visit.language, now: self.desk.clock.now()))
        var page = self.page("/settings", visit)
        let alarms = await self.desk.alarms()
        page.view["alarms?"] = !alarms.isEmpty
        page.view["alarms"] = alarms.map(view.alarm)
        page.view["facts"] = view.facts
        page.view["systems"] = view.systems
        page.view["runs"] = view.runs(
            comparison: try await self.desk.store.reconcileRuns(states: [], limit: 1).first,
            probe: try await self.desk.store.lastProbeRun(), replay: try await self.desk.store.batches(limit: 1).first,
            plan: try await self.desk.store.rolePlans(limit: 1).first)
        let queues = reading.queues.sorted { $0.key < $1.key }
        page.view["queues?"] = !queues.isEmpty
        page.view["queues"] = queues.map { ["name": $0.key, "count": TimeText.number($0.value)] as View }
        let records = try await self.desk.store.liveCounts().sorted { $0.key < $1.key }
        page.view["records?"] = !records.isEmpty
        page.view["records"] = records.map { ["name": $0.key.rawValue, "count": TimeText.number($0.value)] as View }
        return self.frame.show(page, "settings", in: .settings, visit)
    }

    // MARK: Checks

    private func checks(_ visit: Visit, _ verdicts: [ConsoleVerdict]?) -> Reply {
        let language = visit.language
        var page = self.page("/settings/checks", visit)
        page.view["formToken"] = visit.csrf
        if let verdicts {
            page.view["verdicts?"] = true
            page.view["verdicts"] = verdicts.map { verdict in
                let state =
                    switch verdict.grade {
                    case .good: language(sv: "i ordning", en: "in order")
                    case .warn: language(sv: "se över", en: "look at it")
                    case .bad: language(sv: "fel", en: "wrong")
                    }
                let row: View = [
                    "subject": verdict.subject, "state": state, "tone": verdict.grade.rawValue, "finding": verdict.finding,
                    "remedy": verdict.remedy ?? "", "runbook": verdict.runbook ?? "",
                ]
                return row.withoutEmpty
            }
        }
        return self.frame.show(page, "settings-checks", in: .settings, visit)
    }

    // MARK: Configuration

    private func chosen(_ visit: Visit) async -> [HubSetUp.Setting] {
        let words = visit.query["find"]?.lowercased()
        return await self.desk.actions.tools.setUp().settings.filter { setting in
            (visit.query["show"] != "written" || setting.isWritten) && (words.map { setting.key.contains($0) } ?? true)
        }
    }

    private func configuration(_ visit: Visit) async -> Reply {
        let language = visit.language
        let settings = await self.chosen(visit)
        let (part, next) = ListPage.part(of: settings, visit)
        let kept = ["show", "find", "after"]
        var page = self.page("/settings/configuration", visit)
        page.view.merge(
            ListPage.view(
                shown: part.count, of: settings.count, at: visit.address(keeping: kept), next: next,
                csv: visit.address("/settings/configuration.csv", keeping: kept.dropLast()), language)
        ) { own, _ in own }
        page.view["shows"] = Choice.views(
            [("written", language(sv: "Bara det som är skrivet", en: "Only what is written"))], chosen: visit.query["show"])
        page.view["find"] = visit.query["find"] ?? ""
        page.view["settings?"] = !part.isEmpty
        page.view["settings"] = part.map { setting in
            [
                "key": setting.key, "value": setting.value ?? "–",
                "from": setting.isWritten ? language(sv: "skrivet", en: "written") : language(sv: "förval", en: "default"),
                "tone": (setting.isWritten ? Tone.good : .plain).rawValue,
            ] as View
        }
        return self.frame.show(page, "settings-configuration", in: .settings, visit)
    }
}
