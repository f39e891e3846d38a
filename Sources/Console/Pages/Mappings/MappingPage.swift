import Hub
import Mapping
import SchoolRecords

/// One mapping: every field, where it comes from and where that stands; and what one record gives by it.
struct MappingPage: ConsolePage {
    let desk: ConsoleDesk
    let frame: Frame

    func add(to routes: ConsoleRoutes) {
        routes.show("mappings/:system/:way/:entity", .mappings) { visit in
            try await self.show(try self.outline(visit), visit)
        }
        routes.show("mappings/:system/:way/:entity/fields.csv", .mappings) { visit in try self.csv(try self.outline(visit)) }
        // By POST: neither id nor reason stands in an address, a history or a proxy's log.
        routes.act("mappings/:system/:way/:entity/explain", .mappings) { visit, form in
            let outline = try self.outline(visit)
            return try await self.explain(outline, visit, form)
        }
    }

    private func outline(_ visit: Visit) throws -> MappingOutline {
        guard let direction = MappingWords.direction(way: try visit.parameter("way")),
            let entity = Entity(rawValue: try visit.parameter("entity")),
            let outline = self.desk.mappings.set.outline(
                system: try visit.parameter("system"), entity: entity, direction: direction)
        else { throw ConsoleRefusal.unknownPage }
        return outline
    }

    private static func address(_ outline: MappingOutline) -> String {
        Address(parts: ["mappings", outline.system, MappingWords.way(outline.direction), outline.entity.rawValue]).path
    }

    private func show(
        _ outline: MappingOutline, _ visit: Visit, explained: View? = nil, wrong: String? = nil
    ) async throws -> Reply {
        let language = visit.language
        let words = MappingWords(language)
        let set = self.desk.mappings.set
        let tools = self.desk.actions.tools
        let examples = set.runExamples().filter { $0.file == outline.file }
        let problems = await tools.load(await tools.files()).diagnostics.filter { $0.file == outline.file }
        let summary = words.examples(examples.count(where: \.passed), of: examples.count)
        var page = Frame.Page("\(outline.system) · \(outline.entity.rawValue)")
        page.lead = words.direction(outline.direction)
        page.trail = [(language(sv: "Mappningar", en: "Mappings"), Address("/mappings", ["system": outline.system]))]
        let isOn = set.systems[outline.system]?.side(outline.direction) != nil
        page.view = [
            "file": outline.file, "csvAddress": Self.address(outline) + "/fields.csv",
            "change": "\(Address("/mappings/preview", ["file": outline.file]))",
            "state": isOn ? language(sv: "i bruk", en: "in use") : language(sv: "avstängt", en: "switched off"),
            "tone": (isOn ? Tone.good : .plain).rawValue, "summary": summary.text, "summaryTone": summary.tone.rawValue,
            "conditions?": !outline.conditions.isEmpty, "conditions": outline.conditions,
            "problems?": !problems.isEmpty, "problems": problems.map { MappingsPage.view(of: $0, words) },
            "named?": !outline.names.isEmpty, "named": outline.names.map { self.view(of: $0, outline, words) },
            "parts": outline.parts.enumerated().map { self.view(of: $0.element, $0.offset, outline, words) },
            "unset?": !outline.unset.isEmpty,
            "unset": outline.unset.sorted { $0.isMandatory && !$1.isMandatory }.map { field in
                [
                    "name": outline.direction == .source ? field.name : "\(field.kind).\(field.name)",
                    "isMandatory": field.isMandatory,
                ] as View
            },
            "unsetCount": TimeText.number(outline.unset.count),
            "examples?": !examples.isEmpty,
            "examples": examples.map { example in
                let row: View = [
                    "name": example.name ?? "–", "place": "\(example.file):\(example.line)",
                    "difference": example.difference ?? "",
                    "result": example.passed
                        ? language(sv: "stämmer", en: "holds") : language(sv: "stämmer inte", en: "doesn't hold"),
                    "exampleTone": (example.passed ? Tone.good : .bad).rawValue,
                ]
                return row.withoutEmpty
            },
        ]
        let lost = set.lostFields(system: outline.system, entity: outline.entity, direction: outline.direction)
        if isOn, outline.direction == .target {
            page.view["lost?"] = !lost.isEmpty
            page.view["lost"] = lost
            page.view["lostCount"] = TimeText.number(lost.count)
        }
        if outline.direction == .target, isOn, visit.user.sees(unit: nil) {
            page.view["ask"] =
                [
                    "explainAddress": Self.address(outline) + "/explain", "csrf": visit.csrf,
                    "mayValues": visit.user.may(.see, system: outline.system),
                ] as View
        }
        if let explained { page.view["explained"] = explained }
        if let wrong { page.view["wrong"] = wrong }
        return self.frame.show(page, "mapping", in: .mappings, visit)
    }

    private func view(of part: MappingOutline.Part, _ number: Int, _ outline: MappingOutline, _ words: MappingWords) -> View {
        var view: View = [
            "number": String(number), "kind": part.kind, "rule": part.rule, "each?": !part.each.isEmpty, "each": part.each,
            "partConditions?": !part.conditions.isEmpty, "partConditions": part.conditions,
            "fields": part.fields.map { self.view(of: $0, outline, words) },
        ]
        if let purpose = words.purpose(part.purpose) { view["purpose"] = purpose }
        return view
    }

    private func view(of field: MappingOutline.Field, _ outline: MappingOutline, _ words: MappingWords) -> View {
        let view: View = [
            "name": field.name, "isKey": field.isKey, "isMandatory": field.isMandatory, "source": field.source,
            "origins": outline.direction == .source
                ? "" : field.origins.map { "\($0.entity.rawValue).\($0.path)" }.joined(separator: ", "),
            "steps": field.steps, "when": field.conditions, "without": words.requirement(field),
            "nature": words.nature(field.nature), "natureTone": (field.nature >= .shortened ? Tone.warn : .plain).rawValue,
            "place": field.rule.split(separator: ":").dropFirst().joined(separator: ":"),
        ]
        return view.withoutEmpty
    }

    private func csv(_ outline: MappingOutline) throws -> Reply {
        var rows = [
            [
                "kind", "field", "mandatory", "key", "source", "origins", "steps", "conditions", "requirement", "default",
                "nature",
                "rule",
            ]
        ]
        for part in outline.parts {
            for field in part.fields {
                let origins = field.origins.map { "\($0.entity.rawValue).\($0.path)" }.joined(separator: " ")
                let conditions = (outline.conditions + part.conditions + field.conditions).joined(separator: " & ")
                rows.append([
                    part.kind, field.name, field.isMandatory ? "yes" : "no", field.isKey ? "yes" : "no", field.source, origins,
                    field.steps.joined(separator: " > "), conditions, field.requirement.rawValue, field.fallback ?? "",
                    "\(field.nature)", field.rule,
                ])
            }
        }
        let name = "mapping-\(outline.system)-\(MappingWords.way(outline.direction))-\(outline.entity.rawValue).csv"
        return .csv(name: name, text: CSVText.lines(rows))
    }

    // MARK: One record

    private func explain(_ outline: MappingOutline, _ visit: Visit, _ form: Fields) async throws -> Reply {
        let words = MappingWords(visit.language)
        // A record may belong to several schools, or to none: who has to do with some of them doesn't look here.
        guard visit.user.sees(unit: nil) else { throw ConsoleRefusal.forbidden("explain") }
        guard outline.direction == .target else { throw ConsoleRefusal.unknownPage }
        let asked = form["id"] ?? ""
        guard !asked.isEmpty, (try? PersonalIdentityNumber(asked, today: self.desk.clock.calendarDate)) == nil else {
            return try await self.show(
                outline, visit,
                wrong: visit.language(
                    sv: "Ange postens id, som det står i källan. Sök inte med personnummer.",
                    en: "Give the record's id, as the source has it. Don't search by identity number."))
        }
        let reason = try FailurePage.reason(form)
        let showsValues = form.isTicked("values")
        if showsValues { try await self.desk.require(.see, on: [outline.system], of: visit) }
        let prefix = "\(outline.entity.rawValue)/"
        let key = RecordKey(
            outline.entity, RecordKey.normalID(asked.hasPrefix(prefix) ? String(asked.dropFirst(prefix.count)) : asked))
        // A protected person's records lie in the vault: they are known there by a name that leads to nobody.
        try await self.desk.store.note(
            showsValues ? "mapping.explain.values" : "mapping.explain", of: try await self.subject(of: key), reason: reason,
            by: visit.user.name, time: self.desk.clock.timestamp)
        do {
            let inquiry = MappingInquiry(set: self.desk.mappings.set, store: self.desk.store)
            let explanation = try await inquiry.explain(key, for: outline.system, today: self.desk.clock.calendarDate)
            return try await self.show(
                outline, visit,
                explained: ExplanationView(showsValues ? explanation : explanation.withoutValues(), words).view(key))
        } catch let problem as MappingInquiry.Problem {
            return try await self.show(outline, visit, wrong: words.problem(problem))
        }
    }

    /// What the audit log calls a record: a person, and what is about one, by a name that nobody without the hub's key can follow.
    private func subject(of key: RecordKey) async throws -> String {
        if key.entity == .person {
            let reader = PersonReader(
                store: self.desk.store, mappings: self.desk.mappings.set, key: self.desk.key, today: self.desk.clock.calendarDate)
            return try await reader.subject(of: key.id)
        }
        return try await self.desk.store.holds([key]).isEmpty ? "\(self.desk.key.opaqueKey(for: key))" : "\(key)"
    }
}
