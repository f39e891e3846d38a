import Hub
import Reconciliation
import SchoolRecords

/// What becomes of every field on its way to each system, and what the probe got back.
struct InteropFieldsPage: ConsolePage {
    let desk: ConsoleDesk
    let frame: Frame

    func add(to routes: ConsoleRoutes) {
        routes.show("agreement/fields", .agreement) { visit in try await self.show(visit) }
        routes.show("agreement/fields.csv", .agreement) { visit in try await self.csv(visit) }
    }

    private func chosen(_ visit: Visit) async throws -> (picture: FieldPicture, table: FieldTable, rows: [FieldTable.Row]) {
        let picture = try await self.desk.actions.tools.fields()
        let table = FieldTable(picture.lines)
        let rows = table.rows.filter { row in
            (visit.query["entity"].map { $0 == row.field.entity.rawValue } ?? true)
                && (visit.query["system"].map { row.given[$0] != nil || row.master?.system == $0 } ?? true)
        }
        return (picture, table, rows)
    }

    private func show(_ visit: Visit) async throws -> Reply {
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
            view["markText"] =
                isProven
                ? words.language(sv: "sonden fick tillbaka det", en: "the probe got it back")
                : words.language(sv: "sonden fick det inte tillbaka", en: "the probe didn't get it back")
        }
        return view
    }

    private func csv(_ visit: Visit) async throws -> Reply {
        let (picture, _, rows) = try await self.chosen(visit)
        let csv = rows.flatMap { row in
            row.given.sorted { $0.key < $1.key }.flatMap { system, lines in
                lines.map { line in
                    [
                        "\(row.field.entity.rawValue).\(row.field.path)", row.master?.system ?? "", system, line.kind, line.field,
                        line.nature.rawValue,
                        FieldTable.isProven([line], picture.probe, picture.findings).map { $0 ? "yes" : "no" } ?? "",
                        line.rule,
                    ]
                }
            }
        }
        let header = ["field", "master", "system", "row", "target_field", "nature", "proven", "rule"]
        return .csv(name: "interop-fields.csv", text: CSVText.lines([header] + csv))
    }
}
