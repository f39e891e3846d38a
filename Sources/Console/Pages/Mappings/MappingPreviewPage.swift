import Hub
import Mapping
import SchoolRecords

/// What an edited mapping file would do, without its being written or put in force: what is wrong in it, whether the examples still
/// hold, and who would change.
struct MappingPreviewPage: ConsolePage {
    /// Bytes of a form with a file in it: percent form makes text up to three times as long.
    private static let mostBytes = 768 * 1024
    /// Records that are listed; the counts are of all.
    private static let mostRecords = 20

    let desk: ConsoleDesk
    let frame: Frame

    func add(to routes: ConsoleRoutes) {
        routes.show("mappings/preview", .mappings) { visit in
            let files = await self.desk.actions.tools.files()
            guard let name = visit.query["file"] else { return self.show(files, nil, visit, result: nil) }
            guard let file = files.first(where: { $0.path == name }) else { throw ConsoleRefusal.unknownPage }
            return self.show(files, file, visit, result: nil)
        }
        routes.act("mappings/preview", .mappings, mostBytes: Self.mostBytes) { visit, form in
            let files = await self.desk.actions.tools.files()
            // Only a file that is there already: its path is one of the list's, never one that somebody writes.
            guard let name = form["file"], let place = files.firstIndex(where: { $0.path == name }) else {
                throw ConsoleRefusal.unknownPage
            }
            // Counts over all units are for those who have all of them.
            guard visit.user.sees(unit: nil) else { throw ConsoleRefusal.forbidden("preview") }
            var edited = files
            // As browsers send a text field: with CR LF.
            edited[place] = MappingFile(path: name, text: form.exactly("text").replacing("\r\n", with: "\n"))
            return self.show(files, edited[place], visit, result: try await self.result(edited, edited[place], visit))
        }
    }

    private func show(_ files: [MappingFile], _ file: MappingFile?, _ visit: Visit, result: View?) -> Reply {
        let language = visit.language
        var page = Frame.Page(language(sv: "Pröva en ändring", en: "Try a change"))
        page.lead = language(
            sv: "Se vad en ändrad fil skulle göra, mot registrets poster. Inget skrivs och inget sänds.",
            en: "See what an edited file would do, over the register's records. Nothing is written and nothing is sent.")
        page.trail = [(language(sv: "Mappningar", en: "Mappings"), Address("/mappings"))]
        page.view["tabs"] = MappingsPage.tabs("/mappings/preview", language)
        page.view["files"] = Choice.views(files.map(\.path), chosen: file?.path)
        if let file {
            page.view["edit"] =
                [
                    "csrf": visit.csrf, "file": file.path, "fileText": file.text,
                    "mayTry": visit.user.sees(unit: nil),
                ] as View
        }
        if let result { page.view["result"] = result }
        return self.frame.show(page, "mapping-preview", in: .mappings, visit)
    }

    private func result(_ edited: [MappingFile], _ file: MappingFile, _ visit: Visit) async throws -> View {
        let language = visit.language
        let words = MappingWords(language)
        let load = await self.desk.actions.tools.load(edited)
        let lines = file.text.split(separator: "\n", omittingEmptySubsequences: false)
        var view: View = [:]
        let own = load.diagnostics.filter { $0.file == file.path || $0.severity == .error }
        view["problems?"] = !own.isEmpty
        view["problems"] = own.map { problem in
            var row = MappingsPage.view(of: problem, words)
            if problem.file == file.path, lines.indices.contains(problem.line - 1) {
                let line = lines[problem.line - 1].prefix(200)
                row["line"] = "\(line)\n\(String(repeating: " ", count: max(0, min(problem.column - 1, line.count))))^"
            }
            return row
        }
        guard let set = load.set else {
            view["verdict"] = language(
                sv: "Filen kan inte användas så: hubben skulle gå vidare med den version som gäller.",
                en: "The file can't be used so: the hub would go on with the version in force.")
            view["tone"] = Tone.bad.rawValue
            return view
        }
        let failing = set.runExamples().filter { !$0.passed }
        view["examples?"] = !failing.isEmpty
        view["examples"] = failing.map {
            ["place": "\($0.file):\($0.line)", "name": $0.name ?? "–", "difference": $0.difference ?? "–"] as View
        }
        let inquiry = MappingInquiry(set: self.desk.mappings.set, store: self.desk.store)
        let today = self.desk.clock.calendarDate
        let system = self.onlySystem(of: file.path, set)
        let difference = try await self.desk.actions.tools.scans.run {
            try await inquiry.difference(
                to: set, today: today, only: system, limit: Self.mostRecords, withValues: false)
        }
        view.merge(self.view(of: difference, words)) { _, new in new }
        if !failing.isEmpty {
            view["verdict"] = language(
                sv: "\(failing.count) exempel stämmer inte längre. Rätta dem, eller ändringen.",
                en: "\(failing.count) examples don't hold any more. Mend them, or the change.")
            view["tone"] = Tone.bad.rawValue
        }
        return view
    }

    /// The system that alone is concerned by a file; `nil` for what several use.
    private func onlySystem(of path: String, _ set: MappingSet) -> String? {
        let name = String(path.prefix { $0 != "/" })
        return path.contains("/") && set.systems[name] != nil ? name : nil
    }

    private func view(of difference: MappingDifference, _ words: MappingWords) -> View {
        let language = words.language
        let records = difference.records.filter { $0.changed + $0.newlyFailing + $0.noLongerFailing > 0 }
        let fails = records.reduce(0) { $0 + $1.newlyFailing }
        let verdict: (tone: Tone, text: String) =
            if difference.before == difference.after {
                (.plain, language(sv: "Filen är som den som gäller.", en: "The file is as the one in force."))
            } else if difference.isEmpty {
                (.good, language(sv: "Ingen post ändras i något system.", en: "No record changes in any system."))
            } else if fails > 0 {
                (
                    .bad,
                    language(
                        sv: "\(TimeText.number(fails)) poster skulle misslyckas.",
                        en: "\(TimeText.number(fails)) records would fail.")
                )
            } else {
                (
                    .warn,
                    language(
                        sv: "Det här skulle ändras om filen togs i bruk:",
                        en: "This would change if the file were taken into use:")
                )
            }
        return [
            "verdict": verdict.text, "tone": verdict.tone.rawValue,
            "sources?": !difference.sourceFiles.isEmpty, "sources": difference.sourceFiles,
            "records?": !records.isEmpty,
            "records": records.map { record in
                [
                    "system": record.system, "entity": record.entity, "changed": TimeText.number(record.changed),
                    "examined": TimeText.number(record.examined), "newlyFailing": TimeText.number(record.newlyFailing),
                    "failingTone": record.newlyFailing > 0 ? "cell-bad" : "",
                    "noLongerFailing": TimeText.number(record.noLongerFailing),
                ] as View
            },
            "kinds?": !difference.kinds.isEmpty,
            "kinds": difference.kinds.map { kind in
                [
                    "system": kind.system, "kind": kind.kind, "created": TimeText.number(kind.created),
                    "updated": TimeText.number(kind.updated), "deleted": TimeText.number(kind.deleted),
                    "fields": difference.fields.filter { $0.system == kind.system && $0.kind == kind.kind }.map { field in
                        ["field": field.field, "rowCount": TimeText.number(field.rows)] as View
                    },
                ] as View
            },
            "changes?": !difference.examples.isEmpty,
            "changes": difference.examples.map { record in
                let view: View = [
                    "system": record.system, "record": record.record,
                    "trace": "\(Address("/messages/trace", ["record": "\(record.system)/\(record.record)"]))",
                    "failure": record.failure ?? "",
                    "changedRows": record.rows.map { row in
                        let change = words.change(row.change)
                        return [
                            "sign": change.sign, "look": change.look, "change": change.text, "kind": row.kind,
                            "names": row.fields.map(\.name).joined(separator: ", "),
                        ] as View
                    },
                ]
                return view.withoutEmpty
            },
        ]
    }
}
