import ConnectorKit
import Foundation
import Hub
import Hummingbird
import Mapping
import SchoolRecords

/// A file that an operator hands in for a source, with what becomes of it row by row.
struct UploadPage: ConsolePage {
    static let path = "/upload"
    /// Rows that can't be used and are shown; the others are told by number.
    private static let mostRows = 200

    let desk: ConsoleDesk
    let frame: Frame

    func add(to routes: ConsoleRoutes) {
        routes.show("upload", .intake) { visit in self.show(nil, chosen: nil, visit) }
        routes.take("upload", .intake, mostBytes: APIDoor.mostRecordBytes) { visit, form in
            let report = try await self.take(form, visit)
            return self.show(report, chosen: form["what"], visit)
        }
    }

    private func take(_ form: MultipartForm, _ visit: Visit) async throws -> UploadReport {
        let names = (form["what"] ?? "").split(separator: "/").map(String.init)
        guard names.count == 2, let file = form.file("file") else {
            throw ConsoleRefusal.wrongInput(sv: "Välj källa och fil.", en: "Choose a source and a file.")
        }
        let isCSV = file.name.lowercased().hasSuffix(".csv")
        guard isCSV || file.name.lowercased().hasSuffix(".json") else {
            throw ConsoleRefusal.wrongInput(
                sv: "Filens namn ska sluta med .csv eller .json.", en: "The file's name must end with .csv or .json.")
        }
        try await self.desk.uploads.require(names[0], of: visit.user)
        do {
            return try await self.desk.actions.handIn(
                HandedIn(
                    source: names[0], entity: names[1], data: file.content, isCSV: isCSV, isComplete: form["complete"] != nil,
                    isDryRun: form["do"] != "send", units: visit.user.units, person: visit.user.name))
        } catch let refusal as UploadRefusal {
            throw ConsoleRefusal.wrongInput(sv: refusal.message.sv, en: refusal.message.en)
        }
    }

    private func show(_ report: UploadReport?, chosen: String?, _ visit: Visit) -> Reply {
        let language = visit.language
        var page = Frame.Page(language(sv: "Lämna in", en: "Hand in"))
        page.lead = language(
            sv: "En fil med poster för en källa. Prova först: då ändras inget.",
            en: "A file with records of a source. Try first: then nothing is changed.")
        let set = self.desk.mappings.set
        let choices = set.sourceNames.filter { visit.user.systems.has($0) }.sorted().flatMap { source in
            set.inboundEntities(system: source).map { (value: "\(source)/\($0.rawValue)", name: "\(source): \($0.rawValue)") }
        }
        page.view["choices"] = choices.map { choice in
            ["value": choice.value, "name": choice.name, "isChosen": choice.value == chosen] as View
        }
        if let report { page.view["report"] = self.view(of: report, language) }
        return self.frame.show(page, "upload", in: .intake, visit)
    }

    private func view(of report: UploadReport, _ language: Language) -> View {
        let words = UploadWords(language)
        var counts = UploadReport.Row.Outcome.allCases.filter { report.count($0) > 0 }
            .map { "\(TimeText.number(report.count($0))) \(words.word($0))" }
        if report.missing > 0 {
            counts.append(
                language(
                    sv: "\(TimeText.number(report.missing)) finns inte i filen",
                    en: "\(TimeText.number(report.missing)) aren't in the file"))
        }
        let tone: Tone =
            switch report.outcome {
            case .taken: report.count(.failed) > 0 ? .warn : .good
            case .dryRun: .plain
            case .refused: .bad
            case .held: .warn
            }
        let failed = report.rows.filter { $0.outcome == .failed }
        var view: View = [
            "tone": tone.rawValue, "outcome": words.outcome(report), "counts": counts.joined(separator: ", "),
            "rows?": !failed.isEmpty,
            "rows": failed.prefix(Self.mostRows).map { row in
                [
                    "row": String(row.number), "line": row.line.map(String.init) ?? "", "column": row.problem?.column ?? "",
                    "text": words.row(row),
                ] as View
            },
        ]
        if let held = report.held { view["held"] = held }
        if failed.count > Self.mostRows {
            view["more"] = language(
                sv: "De första \(Self.mostRows) av \(TimeText.number(failed.count)).",
                en: "The first \(Self.mostRows) of \(TimeText.number(failed.count)).")
        }
        return view
    }
}
