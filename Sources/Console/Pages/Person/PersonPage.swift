import Hub
import SchoolRecords

/// What each system has of one person, side by side. Who looks, and why, is in the audit log before anything is looked up; of a
/// protected person nothing is shown.
struct PersonPage: ConsolePage {
    let desk: ConsoleDesk
    let frame: Frame

    func add(to routes: ConsoleRoutes) {
        routes.show("person", .person) { visit in
            var page = self.page(visit)
            page.view["asked"] = visit.query["id"] ?? ""
            page.view["mayClear"] = visit.user.may(.seeProtected)
            return self.frame.show(page, "person", in: .person, visit)
        }
        // By POST: neither id nor reason stands in an address, a history or a proxy's log.
        routes.act("person", .person) { visit, form in try await self.look(visit, form) }
    }

    private func page(_ visit: Visit) -> Frame.Page {
        var page = Frame.Page(visit.language(sv: "Person", en: "Person"))
        page.lead = visit.language(
            sv: "Vad varje system har om en person, bredvid vad registret säger.",
            en: "What each system has of a person, beside what the register says.")
        return page
    }

    private func look(_ visit: Visit, _ form: Fields) async throws -> Reply {
        let language = visit.language
        var page = self.page(visit)
        let asked = form["id"] ?? ""
        let showsValues = form.isTicked("values")
        let reason = try FailurePage.reason(form)
        page.view["mayClear"] = visit.user.may(.seeProtected)
        if form.isTicked("protected") { return try await self.lookInVault(asked, reason: reason, page, visit) }
        let id: String
        do {
            id = try await PersonFinder(desk: self.desk).person(asked, reason: reason, by: visit)
        } catch let unfound as PersonFinder.Unfound {
            page.view["wrong"] = unfound.text(language)
            return self.frame.show(page, "person", in: .person, visit)
        }
        guard
            let view = try await PersonDeeds(desk: self.desk).look(at: id, showsValues: showsValues, reason: reason, visit)
        else {
            page.view["wrong"] = language(
                sv: "Hubben känner inte till någon sådan person.", en: "The hub knows of no such person.")
            page.view["asked"] = asked
            return self.frame.show(page, "person", in: .person, visit)
        }
        page.trail = [(language(sv: "Person", en: "Person"), Address("/person"))]
        if view.isProtected {
            page.view["protected"] = language(
                sv: "Skyddade personuppgifter: allt om personen hålls tillbaka, och inget visas.",
                en: "Protected identity: everything about the person is held back, and nothing is shown.")
            page.view["view"] = true
            page.view["sources"] = ""
        } else {
            page.view.merge(self.view(of: view, visit)) { _, new in new }
        }
        return self.frame.show(page, "person", in: .person, visit)
    }

    /// A protected person, for who is cleared and asks for just that.
    private func lookInVault(_ asked: String, reason: String, _ shown: Frame.Page, _ visit: Visit) async throws -> Reply {
        let language = visit.language
        var page = shown
        guard
            let view = try await PersonDeeds(desk: self.desk).lookInVault(at: asked, reason: reason, visit),
            let vault = view.vault
        else {
            page.view["wrong"] = language(
                sv: "Hubben känner ingen sådan skyddad person.", en: "The hub knows of no such protected person.")
            return self.frame.show(page, "person", in: .person, visit)
        }
        page.trail = [(language(sv: "Person", en: "Person"), Address("/person"))]
        page.view["protected"] = language(
            sv: "Skyddade personuppgifter, ur valvet. För dem vidare till ingen som inte har rätt till dem.",
            en: "Protected identity, out of the vault. Pass it on to nobody who has no right to it.")
        page.view["view"] = true
        page.view["sources"] = language(sv: "Källor: ", en: "Sources: ") + view.sources.joined(separator: ", ")
        page.view["systems"] = (view.given ?? [:]).sorted { $0.key < $1.key }.map { system, form in
            ["name": system, "tone": Tone.plain.rawValue, "text": Self.word(form, language)] as View
        }
        page.view["vault"] = vault.map { entry in
            [
                "name": "\(entry.entity), \(entry.source)",
                "fields": entry.fields.sorted { $0.key < $1.key }.map { path, values in
                    ["path": path, "text": values.joined(separator: " | ")] as View
                },
            ] as View
        }
        return self.frame.show(page, "person", in: .person, visit)
    }

    private static func word(_ form: String, _ language: Language) -> String {
        switch ProtectedFormKind(rawValue: form) {
        case .masked: language(sv: "får en maskerad person", en: "is given a masked person")
        case .fictitious: language(sv: "får en fiktiv identitet", en: "is given a fictitious identity")
        case .cleared: language(sv: "får de riktiga uppgifterna", en: "is given the real data")
        case .withhold, nil: language(sv: "får inget", en: "is given nothing")
        }
    }

    private func view(of person: PersonView, _ visit: Visit) -> View {
        let language = visit.language
        let words = JourneyView(language, now: self.desk.clock.now())
        let open = person.systems.flatMap { system in
            system.open.sorted { $0.key < $1.key }.map { record, state in
                [
                    "system": system.system, "record": record, "state": words.word(state).0,
                    "address": "\(Address("/messages/trace", ["record": "\(system.system)/\(record)"]))",
                ] as View
            }
        }
        return [
            "view": true,
            "sources": language(sv: "Källor: ", en: "Sources: ") + person.sources.joined(separator: ", "),
            "systems": person.systems.map { system in
                [
                    "name": system.system, "tone": (system.differing > 0 || !system.failing.isEmpty ? Tone.warn : .good).rawValue,
                    "text": system.records == 0
                        ? language(sv: "har inget", en: "has nothing")
                        : language(
                            sv: "\(system.records) \(system.records == 1 ? "post" : "poster"), \(system.differing) fält skiljer",
                            en:
                                "\(system.records) record\(system.records == 1 ? "" : "s"), \(system.differing) field\(system.differing == 1 ? " differs" : "s differ")"
                        ),
                ] as View
            },
            "open?": !open.isEmpty, "open": open, "lines?": !person.lines.isEmpty,
            "lines": person.lines.map { line in
                [
                    "origin": line.origin == "-" ? language(sv: "(alltid samma)", en: "(always the same)") : line.origin,
                    "register": Self.text(line.register),
                    "cells": person.systems.map { system in
                        line.cells.first { $0.system == system.system }.map(Self.view) ?? ["tone": "", "text": ""] as View
                    },
                ] as View
            },
        ]
    }

    private static func view(of cell: PersonView.Cell) -> View {
        switch cell.mark {
        case .same: ["tone": "", "text": cell.has == nil ? "=" : "= \(Self.text(cell.has))"]
        case .differs: ["tone": "cell-bad", "text": "≠ \(Self.text(cell.has)) → \(Self.text(cell.should))"]
        case .missing: ["tone": "cell-warn", "text": "– → \(Self.text(cell.should))"]
        case .left: ["tone": "cell-warn", "text": "+ \(Self.text(cell.has))"]
        }
    }

    private static func text(_ values: [String]?) -> String {
        values.map { $0.isEmpty ? "–" : $0.joined(separator: " | ") } ?? "•••"
    }
}
