import Hub
import Reconciliation
import SchoolRecords

/// How the systems play together: systems × kinds of record × directions as a table that colours and words both tell of, and what
/// becomes of every field on its way.
struct InteropPage: ConsolePage {
    let desk: ConsoleDesk
    let frame: Frame

    func add(to routes: ConsoleRoutes) {
        routes.show("agreement/interop", .agreement) { visit in try await self.matrix(visit) }
        routes.show("agreement/interop.csv", .agreement) { visit in try await self.matrixCSV() }
        routes.show("agreement/fields", .agreement) { visit in try await self.fields(visit) }
        routes.show("agreement/fields.csv", .agreement) { visit in try await self.fieldsCSV(visit) }
    }

    private func cells() async throws -> [InteropMatrix.Cell] {
        let reader = InteropReader(store: self.desk.store, mappings: self.desk.mappings.set)
        return try await reader.matrix(agreement: try await reader.agreement()).cells
    }

    // MARK: Systems and records

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
        page.view["rows"] = lines.sorted { ($0.key.system, $0.key.direction.rawValue) < ($1.key.system, $1.key.direction.rawValue) }
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
                cell.agreement.map { String($0.differing) } ?? "", cell.agreement?.at ?? "", cell.agreement?.oldestDifference ?? "",
            ]
        }
        return .csv(name: "interop.csv", text: CSVText.lines([header] + rows))
    }

    // MARK: Field by field

    private func chosen(_ visit: Visit) async throws -> (picture: FieldPicture, table: FieldTable, rows: [FieldTable.Row]) {
        let picture = try await self.desk.actions.tools.fields()
        let table = FieldTable(picture.lines)
        let rows = table.rows.filter { row in
            (visit.query["entity"].map { $0 == row.field.entity.rawValue } ?? true)
                && (visit.query["system"].map { row.given[$0] != nil || row.master?.system == $0 } ?? true)
        }
        return (picture, table, rows)
    }

    private func fields(_ visit: Visit) async throws -> Reply {
        let language = visit.language
        let words = InteropWords(language)
        let (picture, table, rows) = try await self.chosen(visit)
        let (part, next) = ListPage.part(of: rows, visit)
        let kept = ["entity", "system", "after"]
        var page = Frame.Page(language(sv: "Fält för fält", en: "Field by field"))
        page.lead = language(
            sv: "Vad som händer med varje fält på vägen till varje system, och vad sonden fick tillbaka.",
            en: "What becomes of every field on its way to each system, and what the probe got back.")
        page.trail = [(language(sv: "Överensstämmelse", en: "Agreement"), Address("/agreement"))]
        page.view = ListPage.view(
            shown: part.count, of: rows.count, at: visit.address(keeping: kept), next: next,
            csv: visit.address("/agreement/fields.csv", keeping: kept.dropLast()), language)
        page.view["tabs"] = AgreementPage.tabs("/agreement/fields", language)
        page.view["probe"] = self.probe(picture, words, TimeText(language, now: self.desk.clock.now()))
        page.view["entities"] = Choice.views(
            Set(table.rows.map(\.field.entity)).sorted().map(\.rawValue), chosen: visit.query["entity"])
        page.view["systems"] = Choice.views(table.systems, chosen: visit.query["system"])
        let columns = table.systems.filter { name in visit.query["system"].map { $0 == name } ?? true }
        page.view["columns"] = columns
        page.view["findings?"] = !picture.findings.isEmpty
        page.view["findings"] = picture.findings.prefix(50).map(words.line)
        page.view["fields?"] = !part.isEmpty
        page.view["fields"] = part.map { row in
            [
                "name": "\(row.field.entity.rawValue).\(row.field.path)",
                "master": row.master.map { "\($0.system): \(words.nature($0.line.nature))" } ?? "–",
                "cells": columns.map { self.view(of: row.given[$0], picture, words) },
            ] as View
        }
        return self.frame.show(page, "interop-fields", in: .agreement, visit)
    }

    private func probe(_ picture: FieldPicture, _ words: InteropWords, _ times: TimeText) -> String {
        if let interrupted = picture.interrupted {
            return words.language(
                sv: "Sonden \(times.moment(interrupted)) avbröts. Hubben tar bort det som blev kvar.",
                en: "The probe of \(times.moment(interrupted)) was cut off. The hub takes away what it left.")
        }
        guard let probe = picture.probe else {
            return words.language(
                sv: "Ingen sond har varit ute: knutpunkt interop --probe visar vad systemen gör med fälten.",
                en: "No probe has been out: knutpunkt interop --probe shows what systems do with the fields.")
        }
        return words.language(
            sv: "Sonden var ute \(times.moment(probe.startedAt)) (\(probe.by)).",
            en: "The probe was out \(times.moment(probe.startedAt)) (\(probe.by)).")
    }

    private func view(of lines: [FieldLine]?, _ picture: FieldPicture, _ words: InteropWords) -> View {
        guard let nature = FieldTable.worst(lines) else { return ["tone": "", "isEmpty": true] }
        let isProven = FieldTable.isProven(lines, picture.probe, picture.findings)
        var view: View = [
            "nature": words.nature(nature),
            "tone": isProven == false || nature == .altered
                ? "cell-bad" : nature == .shortened ? "cell-warn" : isProven == true ? "cell-good" : "cell-plain",
            "rule": lines?.first?.rule ?? "",
        ]
        if let isProven {
            view["mark"] = isProven ? "✓" : "✗"
            view["markText"] = isProven
                ? words.language(sv: "sonden fick tillbaka det", en: "the probe got it back")
                : words.language(sv: "sonden fick det inte tillbaka", en: "the probe didn't get it back")
        }
        return view
    }

    private func fieldsCSV(_ visit: Visit) async throws -> Reply {
        let (picture, _, rows) = try await self.chosen(visit)
        let csv = rows.flatMap { row in
            row.given.sorted { $0.key < $1.key }.flatMap { system, lines in
                lines.map { line in
                    [
                        "\(row.field.entity.rawValue).\(row.field.path)", row.master?.system ?? "", system, line.kind, line.field,
                        line.nature.rawValue, FieldTable.isProven([line], picture.probe, picture.findings).map { $0 ? "yes" : "no" } ?? "",
                        line.rule,
                    ]
                }
            }
        }
        let header = ["field", "master", "system", "row", "target_field", "nature", "proven", "rule"]
        return .csv(name: "interop-fields.csv", text: CSVText.lines([header] + csv))
    }
}
