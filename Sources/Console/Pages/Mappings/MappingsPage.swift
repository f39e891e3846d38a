import Hub
import Mapping
import SchoolRecords

/// Which mappings there are, whether their examples hold, and what is wrong in the files.
struct MappingsPage: ConsolePage {
    /// A mapping in the list.
    private struct Row {
        let system: String
        let entity: Entity
        let direction: SystemDescription.Direction
        let isOn: Bool
        let file: String
        let fields: Int
        let examples: (passed: Int, all: Int)
        let problems: [Diagnostic]

        var needsSomebody: Bool { !self.problems.isEmpty || self.examples.passed < self.examples.all }
    }

    let desk: ConsoleDesk
    let frame: Frame

    func add(to routes: ConsoleRoutes) {
        routes.show("mappings", .mappings) { visit in try await self.list(visit) }
        routes.show("mappings/list.csv", .mappings) { visit in try await self.listCSV(visit) }
        routes.show("mappings/problems", .mappings) { visit in try await self.problems(visit) }
        routes.show("mappings/problems.csv", .mappings) { visit in try await self.problemsCSV(visit) }
    }

    /// The lists of this place.
    static func tabs(_ here: String, _ language: Language) -> [View] {
        [
            ("/mappings", language(sv: "Mappningar", en: "Mappings")),
            ("/mappings/problems", language(sv: "Problem i filerna", en: "Problems in the files")),
            ("/mappings/codes", language(sv: "Kodtabeller", en: "Code tables")),
            ("/mappings/preview", language(sv: "Pröva en ändring", en: "Try a change")),
        ].map { ["address": $0.0, "name": $0.1, "isHere": $0.0 == here] }
    }

    /// What the files on the disk come to.
    private func read() async -> MappingLoad { await self.desk.actions.tools.load(await self.desk.actions.tools.files()) }

    private func rows(_ load: MappingLoad, _ query: Fields) -> [Row] {
        let set = self.desk.mappings.set
        let examples = Dictionary(grouping: set.runExamples(), by: \.file)
        let problems = Dictionary(grouping: load.diagnostics, by: \.file)
        var rows: [Row] = []
        for (system, isOn) in set.systems.keys.map({ ($0, true) }) + set.inactive.keys.map({ ($0, false) }) {
            for direction in SystemDescription.Direction.allCases {
                for entity in direction == .source ? set.allInbound(system) : set.allOutbound(system) {
                    guard let outline = set.outline(system: system, entity: entity, direction: direction) else { continue }
                    let results = examples[outline.file] ?? []
                    rows.append(
                        Row(
                            system: system, entity: entity, direction: direction,
                            isOn: isOn && set.systems[system]?.side(direction) != nil, file: outline.file,
                            fields: outline.parts.reduce(0) { $0 + $1.fields.count },
                            examples: (results.count(where: \.passed), results.count), problems: problems[outline.file] ?? []))
                }
            }
        }
        return rows.filter { row in
            (query["system"].map { $0 == row.system } ?? true)
                && (query["way"].map { $0 == MappingWords.way(row.direction) } ?? true)
                && (query["state"] != "needs" || row.needsSomebody) && (query["state"] != "on" || row.isOn)
        }.sorted { left, right in
            if left.system != right.system { return left.system < right.system }
            return left.direction == right.direction ? left.entity < right.entity : left.direction == .source
        }
    }

    private static let kept = ["system", "way", "state", "after"]

    private func list(_ visit: Visit) async throws -> Reply {
        let language = visit.language
        let words = MappingWords(language)
        let set = self.desk.mappings.set
        let load = await self.read()
        let rows = self.rows(load, visit.query)
        let (part, next) = ListPage.part(of: rows, visit)
        var page = Frame.Page(language(sv: "Mappningar", en: "Mappings"))
        page.lead = language(
            sv: "Vad hubben tar från varje system och vad den ger till varje annat. Det som ingen fil nämner går ingenstans.",
            en: "What the hub takes from each system and what it gives to each other. What no file names goes nowhere.")
        page.view = ListPage.view(
            shown: part.count, of: rows.count, at: visit.address(keeping: Self.kept), next: next,
            csv: visit.address("/mappings/list.csv", keeping: Self.kept.dropLast()), language)
        page.view["tabs"] = Self.tabs("/mappings", language)
        page.view["inForce"] = language(sv: "Version \(set.version) gäller.", en: "Version \(set.version) is in force.")
        if let note = self.note(load, language) { page.view["note"] = note }
        page.view["systems"] = Choice.views(
            Set(set.systems.keys).union(set.inactive.keys).sorted(), chosen: visit.query["system"])
        page.view["ways"] = Choice.views(
            SystemDescription.Direction.allCases.map { (MappingWords.way($0), words.direction($0)) }, chosen: visit.query["way"])
        page.view["states"] = Choice.views(
            [
                ("on", language(sv: "I bruk", en: "In use")),
                ("needs", language(sv: "Med något som inte stämmer", en: "With something amiss")),
            ], chosen: visit.query["state"])
        page.view["mappings?"] = !part.isEmpty
        page.view["mappings"] = part.map { row in
            let examples = words.examples(row.examples.passed, of: row.examples.all)
            let hasErrors = row.problems.contains { $0.severity == .error }
            return [
                "address": "\(Address(parts: ["mappings", row.system, MappingWords.way(row.direction), row.entity.rawValue]))",
                "system": row.system, "entity": row.entity.rawValue, "direction": words.direction(row.direction),
                "state": row.isOn ? language(sv: "i bruk", en: "in use") : language(sv: "avstängt", en: "switched off"),
                "stateTone": (row.isOn ? Tone.good : .plain).rawValue, "file": row.file, "fields": TimeText.number(row.fields),
                "examples": examples.text, "examplesTone": examples.tone.rawValue,
                "problems": row.problems.isEmpty ? "–" : TimeText.number(row.problems.count),
                "problemsTone": row.problems.isEmpty ? "" : hasErrors ? "cell-bad" : "cell-warn",
            ] as View
        }
        return self.frame.show(page, "mappings", in: .mappings, visit)
    }

    /// What is amiss with the files as a whole.
    private func note(_ load: MappingLoad, _ language: Language) -> View? {
        let errors = load.diagnostics.count { $0.severity == .error }
        if load.set == nil {
            return [
                "tone": Tone.bad.rawValue,
                "text": language(
                    sv: "Filerna på disken har \(errors) fel. Hubben fortsätter med den version som gäller.",
                    en: "The files on the disk have \(errors) errors. The hub goes on with the version in force."),
            ]
        }
        guard load.set?.version != self.desk.mappings.set.version else { return nil }
        return [
            "tone": Tone.warn.rawValue,
            "text": language(
                sv:
                    "Filerna på disken är en annan version. Hubben tar den i bruk av sig själv, eller med knutpunkt mapping reload.",
                en:
                    "The files on the disk are another version. The hub takes it into use by itself, or by knutpunkt mapping reload."
            ),
        ]
    }

    private func listCSV(_ visit: Visit) async throws -> Reply {
        let rows = self.rows(await self.read(), visit.query).map { row in
            [
                row.system, MappingWords.way(row.direction), row.entity.rawValue, row.isOn ? "on" : "off", row.file,
                String(row.fields), String(row.examples.passed), String(row.examples.all), String(row.problems.count),
            ]
        }
        let header = ["system", "direction", "entity", "state", "file", "fields", "examples_passed", "examples", "problems"]
        return .csv(name: "mappings.csv", text: CSVText.lines([header] + rows))
    }

    private func chosenProblems(_ visit: Visit) async -> (all: [Diagnostic], chosen: [Diagnostic]) {
        let all = await self.read().diagnostics
        return (
            all,
            all.filter { problem in
                (visit.query["severity"].map { $0 == problem.severity.rawValue } ?? true)
                    && (visit.query["system"].map { problem.file.hasPrefix("\($0)/") } ?? true)
            }
        )
    }

    private func problems(_ visit: Visit) async throws -> Reply {
        let language = visit.language
        let words = MappingWords(language)
        let (all, chosen) = await self.chosenProblems(visit)
        let (part, next) = ListPage.part(of: chosen, visit)
        let kept = ["severity", "system", "after"]
        var page = Frame.Page(language(sv: "Problem i filerna", en: "Problems in the files"))
        page.trail = [(language(sv: "Mappningar", en: "Mappings"), Address("/mappings"))]
        page.view = ListPage.view(
            shown: part.count, of: chosen.count, at: visit.address(keeping: kept), next: next,
            csv: visit.address("/mappings/problems.csv", keeping: kept.dropLast()), language)
        page.view["tabs"] = Self.tabs("/mappings/problems", language)
        page.view["severities"] = Choice.views(
            [Diagnostic.Severity.error, .warning].map { ($0.rawValue, words.severity($0).text) }, chosen: visit.query["severity"])
        page.view["systems"] = Choice.views(
            Set(all.map { String($0.file.prefix { $0 != "/" }) }).sorted(), chosen: visit.query["system"])
        page.view["problems?"] = !part.isEmpty
        page.view["problems"] = part.map { Self.view(of: $0, words) }
        page.view["none"] = language(sv: "Inget problem stämmer med valet.", en: "No problem matches.")
        return self.frame.show(page, "mapping-problems", in: .mappings, visit)
    }

    static func view(of problem: Diagnostic, _ words: MappingWords) -> View {
        let severity = words.severity(problem.severity)
        let view: View = [
            "severity": severity.text, "tone": severity.tone.rawValue,
            "place": "\(problem.file):\(problem.line):\(problem.column)", "message": problem.message, "hint": problem.hint ?? "",
        ]
        return view.withoutEmpty
    }

    private func problemsCSV(_ visit: Visit) async throws -> Reply {
        let rows = await self.chosenProblems(visit).chosen.map {
            [$0.severity.rawValue, $0.file, String($0.line), String($0.column), $0.message, $0.hint ?? ""]
        }
        let header = ["severity", "file", "line", "column", "message", "hint"]
        return .csv(name: "mapping-problems.csv", text: CSVText.lines([header] + rows))
    }
}
