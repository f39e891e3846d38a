import Hub
import Reconciliation
import SchoolRecords

/// How the systems play together: systems × kinds of record × directions as a table that colours and words both tell of.
struct InteropPage: ConsolePage {
    let desk: ConsoleDesk
    let frame: Frame

    func add(to routes: ConsoleRoutes) {
        routes.show("agreement/interop", .agreement) { visit in try await self.matrix(visit) }
        routes.show("agreement/interop.csv", .agreement) { visit in try await self.matrixCSV() }
    }

    private func cells() async throws -> [InteropMatrix.Cell] {
        let reader = InteropReader(store: self.desk.store, mappings: self.desk.mappings.set)
        return try await reader.matrix(agreement: try await reader.agreement()).cells
    }

    private func matrix(_ visit: Visit) async throws -> Reply {
        let language = visit.language
        let words = InteropWords(language)
        let all = try await self.cells()
        let showsOff = visit.query["show"] == "all"
        let cells = all.filter { showsOff || $0.isConfigured }
        let entities = Set(cells.map(\.entity)).sorted()
        let runs = try await self.desk.store.reconcileRuns(states: [.done], limit: 20).filter { $0.scope.entities.isEmpty }
        var page = Frame.Page(language(sv: "Samspel", en: "Interoperability"))
        page.lead = language(
            sv: "Vad som går mellan hubben och varje system, och hur väl det systemet har stämmer.",
            en: "What goes between the hub and each system, and how well what the system holds agrees.")
        page.trail = [(language(sv: "Överensstämmelse", en: "Agreement"), Address("/agreement"))]
        page.view["tabs"] = AgreementPage.tabs("/agreement/interop", language)
        page.view["shows"] = Choice.views(
            [("all", language(sv: "Också det som är avstängt", en: "What is switched off too"))], chosen: visit.query["show"])
        page.view["csvAddress"] = "/agreement/interop.csv"
        page.view["entities"] = entities.map(\.rawValue)
        let states = Dictionary(grouping: cells, by: \.state)
        page.view["legend"] = InteropMatrix.State.allCases.filter { showsOff || $0 != .switchedOff }.map { state in
            ["tone": Self.shade(state), "name": words.state(state), "count": TimeText.number(states[state]?.count ?? 0)] as View
        }
        let lines = Dictionary(grouping: cells) { FieldLine.ID(system: $0.system, direction: $0.direction, kind: "", field: "") }
        page.view["rows?"] = !lines.isEmpty
        page.view["rows"] = lines.sorted {
            ($0.key.system, $0.key.direction.rawValue) < ($1.key.system, $1.key.direction.rawValue)
        }
        .map { place, cells in
            let byEntity = Dictionary(uniqueKeysWithValues: cells.map { ($0.entity, $0) })
            let run = runs.first { run in run.systems.contains { $0.system == place.system && $0.state == .done } }
            return [
                "name": place.system, "direction": words.direction(place.direction),
                "cells": entities.map { entity in
                    byEntity[entity].map { self.view(of: $0, run?.id, words, visit) } ?? ["tone": "", "isEmpty": true] as View
                },
            ] as View
        }
        return self.frame.show(page, "interop", in: .agreement, visit)
    }

    private static func shade(_ state: InteropMatrix.State) -> String {
        switch state {
        case .agreeing: "cell-good"
        case .exercised: "cell-plain"
        case .neverExercised: "cell-warn"
        case .differing: "cell-bad"
        case .switchedOff: "cell-off"
        }
    }

    private func view(of cell: InteropMatrix.Cell, _ run: String?, _ words: InteropWords, _ visit: Visit) -> View {
        let language = words.language
        var facts: [String] = []
        if let percent = cell.agreement?.percent {
            facts.append(language(sv: "\(words.percent(percent)) % stämmer", en: "\(words.percent(percent)) % agree"))
        }
        if cell.records > 0 {
            facts.append(
                language(sv: "\(TimeText.number(cell.records)) poster", en: "\(TimeText.number(cell.records)) records"))
        }
        if cell.underWay > 0 {
            facts.append(
                language(sv: "\(TimeText.number(cell.underWay)) på väg", en: "\(TimeText.number(cell.underWay)) under way"))
        }
        var view: View = ["tone": Self.shade(cell.state), "state": words.state(cell.state), "facts": facts]
        if cell.failed > 0 {
            view["failedText"] = language(
                sv: "\(TimeText.number(cell.failed)) misslyckade", en: "\(TimeText.number(cell.failed)) failed")
            if visit.user.may(.failed) {
                view["failedAddress"] = "\(Address("/failed/list", ["system": cell.system, "entity": cell.entity.rawValue]))"
            }
        }
        if let agreement = cell.agreement, agreement.differing > 0 {
            view["differText"] = language(
                sv: "\(TimeText.number(agreement.differing)) skiljer", en: "\(TimeText.number(agreement.differing)) differ")
            if let run, visit.user.may(.see, system: cell.system) {
                view["differAddress"] = "\(Address(parts: ["agreement", "runs", run, "findings"], ["system": cell.system]))"
            }
        }
        return view
    }

    private func matrixCSV() async throws -> Reply {
        let header = [
            "system", "direction", "entity", "state", "records", "last", "under_way", "failed", "equal", "differing", "compared",
            "oldest_difference",
        ]
        let rows = try await self.cells().map { cell in
            [
                cell.system, cell.direction.rawValue, cell.entity.rawValue, cell.state.rawValue, String(cell.records),
                cell.exercised ?? "", String(cell.underWay), String(cell.failed), cell.agreement.map { String($0.equal) } ?? "",
                cell.agreement.map { String($0.differing) } ?? "", cell.agreement?.at ?? "",
                cell.agreement?.oldestDifference ?? "",
            ]
        }
        return .csv(name: "interop.csv", text: CSVText.lines([header] + rows))
    }
}
