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
                            sv: "\(system.records) poster, \(system.differing) fält skiljer",
                            en: "\(system.records) records, \(system.differing) fields differ"),
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
