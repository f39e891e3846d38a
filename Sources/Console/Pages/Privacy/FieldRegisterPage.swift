import Hub
import Mapping
import SchoolRecords

/// Which system is given which personal data, from where, and why: as the mappings in force say, read only.
struct FieldRegisterPage: ConsolePage {
    let desk: ConsoleDesk
    let frame: Frame

    func add(to routes: ConsoleRoutes) {
        routes.show("privacy", .privacy) { visit in try await self.show(visit) }
        routes.show("privacy/fields.csv", .privacy) { visit in self.csv(visit) }
    }

    /// The lists of this place.
    static func tabs(_ here: String, _ language: Language) -> [View] {
        [
            ("/privacy", language(sv: "Vem får vad", en: "Who is given what")),
            ("/privacy/log", language(sv: "Vem har gjort vad", en: "Who has done what")),
        ].map { ["address": $0.0, "name": $0.1, "isHere": $0.0 == here] }
    }

    private static let kept = ["system", "way", "what", "after"]

    private func chosen(_ visit: Visit) -> [FieldUse] {
        self.desk.mappings.set.fieldUses.filter { use in
            (visit.query["system"].map { $0 == use.system } ?? true)
                && (visit.query["way"].map { $0 == use.direction } ?? true)
                && (visit.query["what"] == "all" || use.isPersonal)
                && (visit.query["what"] != "purpose" || use.purpose == nil)
        }
    }

    private func direction(_ direction: String, _ language: Language) -> String {
        switch direction {
        case "source": language(sv: "till navet", en: "to the hub")
        case FieldUse.provided: language(sv: "hämtas av systemet", en: "fetched by the system")
        default: language(sv: "till systemet", en: "to the system")
        }
    }

    private func origins(_ use: FieldUse, _ language: Language) -> String {
        if use.origins.isEmpty { return language(sv: "(alltid samma)", en: "(always the same)") }
        return use.origins.map { use.direction == "source" ? $0.path : "\($0.entity.rawValue).\($0.path)" }.joined(
            separator: ", ")
    }

    private func show(_ visit: Visit) async throws -> Reply {
        let language = visit.language
        let words = MappingWords(language)
        let all = self.desk.mappings.set.fieldUses
        let personal = all.filter(\.isPersonal)
        let given = personal.filter { $0.direction != "source" }
        let uses = self.chosen(visit)
        let (part, next) = ListPage.part(of: uses, visit)
        var page = Frame.Page(language(sv: "Integritet", en: "Privacy"))
        page.lead = language(
            sv: "Vilka uppgifter om personer varje system ger och får, varifrån de kommer och varför. Mappningarna är registret.",
            en:
                "Which data on persons each system gives and is given, where it comes from and why. The mappings are the register."
        )
        page.view = ListPage.view(
            shown: part.count, of: uses.count, at: visit.address(keeping: Self.kept), next: next,
            csv: visit.address("/privacy/fields.csv", keeping: Self.kept.dropLast()), language)
        page.view["tabs"] = Self.tabs("/privacy", language)
        let nameless = given.count { $0.purpose == nil }
        var tiles: [(String, String, Tone)] = [
            (
                TimeText.number(Set(given.map(\.system)).count),
                language(sv: "system får personuppgifter", en: "systems are given personal data"), Tone.plain
            ),
            (TimeText.number(given.count), language(sv: "fält om personer ges ut", en: "fields on persons are given"), .plain),
            (
                TimeText.number(nameless), language(sv: "av dem utan ändamål", en: "of them without a purpose"),
                nameless > 0 ? .warn : .good
            ),
        ]
        if visit.user.sees(unit: nil) {
            let protected = try await self.desk.store.withheldCounts()[.person] ?? 0
            tiles.append(
                (
                    TimeText.number(protected), language(sv: "skyddade personer i valvet", en: "protected persons in the vault"),
                    .plain
                ))
        }
        page.view["tiles"] = tiles.map { ["number": $0.0, "label": $0.1, "tone": $0.2.rawValue] as View }
        page.view["systems"] = Choice.views(Set(all.map(\.system)).sorted(), chosen: visit.query["system"])
        page.view["ways"] = Choice.views(
            ["target", FieldUse.provided, "source"].map { ($0, self.direction($0, language)) }, chosen: visit.query["way"])
        page.view["whats"] = Choice.views(
            [
                ("all", language(sv: "Alla fält", en: "All fields")),
                ("purpose", language(sv: "Personuppgifter utan ändamål", en: "Personal data without a purpose")),
            ], chosen: visit.query["what"])
        page.view["uses?"] = !part.isEmpty
        page.view["uses"] = part.map { use in
            let row: View = [
                "system": use.system, "direction": self.direction(use.direction, language), "kind": use.kind, "field": use.field,
                "origins": self.origins(use, language), "steps": use.steps.joined(separator: ", "), "when": use.conditions,
                "marked": use.isPersonal && visit.query["what"] == "all", "purpose": words.purpose(use.purpose) ?? "",
                "rule": use.rule,
            ]
            return row.withoutEmpty
        }
        return self.frame.show(page, "privacy-fields", in: .privacy, visit)
    }

    private func csv(_ visit: Visit) -> Reply {
        let language = visit.language
        let rows = self.chosen(visit).map { use in
            [
                use.system, use.direction, use.kind, use.field, self.origins(use, language), use.steps.joined(separator: ", "),
                use.conditions.joined(separator: ", "), use.isPersonal ? "yes" : "no",
                MappingWords(language).purpose(use.purpose) ?? "", use.rule,
            ]
        }
        let header = [
            "system", "direction", "row", "field", "comes_from", "changed_by", "conditions", "personal", "purpose", "rule",
        ]
        return .csv(name: "fields.csv", text: CSVText.lines([header] + rows))
    }
}
