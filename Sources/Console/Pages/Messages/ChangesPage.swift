import Foundation
import Hub
import SchoolRecords

/// What the hub took and when: records by the time of their latest change, the latest first; deleted ones by the time at which they went.
/// Ids and times, never content.
struct ChangesPage: ConsolePage {
    /// Rows of the CSV at most.
    private static let mostInCSV = 50_000

    let desk: ConsoleDesk
    let frame: Frame

    func add(to routes: ConsoleRoutes) {
        routes.show("messages/changes", .messages) { visit in try await self.show(visit) }
        routes.show("messages/changes.csv", .messages) { visit in try await self.csv(visit) }
    }

    /// What is asked for.
    private struct Choice {
        let entity: Entity
        let isDeleted: Bool
        /// RFC 3339 in UTC: after the first (exclusive), at the latest at the second.
        let from: String?
        let to: String?
        let after: ProvidedPosition?

        /// - Throws: ``ConsoleRefusal`` (422).
        init(_ query: Fields) throws {
            guard let entity = Entity(rawValue: query["entity"] ?? Entity.person.rawValue) else {
                throw ConsoleRefusal.wrongInput(
                    sv: "Välj ett slags post ur listan.", en: "Choose a kind of record from the list.")
            }
            func moment(_ name: String) throws -> String? {
                guard let text = query[name] else { return nil }
                guard let moment = TimeText.instant(local: text) else {
                    throw ConsoleRefusal.wrongInput(
                        sv: "Skriv tiden som 2026-08-17T08:00.", en: "Write the time as 2026-08-17T08:00.")
                }
                return moment
            }
            self.entity = entity
            self.isDeleted = query["what"] == "deleted"
            self.from = try moment("from")
            self.to = try moment("to")
            self.after = query["after"].flatMap { text in
                let parts = text.split(separator: " ", maxSplits: 1).map(String.init)
                return parts.count == 2 ? ProvidedPosition(id: parts[1], time: parts[0]) : nil
            }
        }
    }

    /// A record's latest change.
    private struct Change {
        let key: RecordKey
        let time: String
        /// `nil` for what is gone.
        let source: String?
        let sequence: Int64?
    }

    private func changes(
        _ choice: Choice, after position: ProvidedPosition?, limit: Int
    ) async throws -> (changes: [Change], next: ProvidedPosition?) {
        guard choice.isDeleted else {
            var wanted = ProvidedChoice(choice.entity)
            (wanted.modifiedAfter, wanted.modifiedBefore) = (choice.from, choice.to)
            let page = try await self.desk.store.provided(wanted, order: .latestFirst, after: position, limit: limit)
            return (
                page.records.map { Change(key: $0.key, time: $0.time, source: $0.source, sequence: $0.sequence) }, page.next
            )
        }
        let gone = try await self.desk.store.deletedRecords(
            of: choice.entity, after: choice.from, position: position, limit: limit)
        let wanted = gone.prefix { record in choice.to.map { record.time <= $0 } ?? true }
        let isMore = wanted.count == limit
        return (
            wanted.map { Change(key: $0.key, time: $0.time, source: nil, sequence: nil) },
            isMore ? wanted.last.map { ProvidedPosition(id: $0.key.id, time: $0.time) } : nil
        )
    }

    private func show(_ visit: Visit) async throws -> Reply {
        let language = visit.language
        let choice = try Choice(visit.query)
        let found = try await self.changes(choice, after: choice.after, limit: ListPage.size)
        let times = TimeText(language, now: self.desk.clock.now())
        let shown = try await ShownNames(of: found.changes.map(\.key), on: self.desk)
        var page = Frame.Page(language(sv: "Vad som ändrats", en: "What has changed"))
        page.lead = language(
            sv: "Poster efter när de senast ändrades. Här visas id och tider, aldrig innehåll.",
            en: "Records by when they last changed. Ids and times are shown, never content.")
        page.trail = [(language(sv: "Meddelanden", en: "Messages"), Address("/messages"))]
        page.view["entities"] = Entity.allCases.map { entity in
            ["value": entity.rawValue, "isChosen": entity == choice.entity] as View
        }
        page.view["whats"] = [
            ("upserted", language(sv: "finns nu", en: "there now")), ("deleted", language(sv: "borttagna", en: "deleted")),
        ].map { ["value": $0.0, "name": $0.1, "isChosen": ($0.0 == "deleted") == choice.isDeleted] as View }
        page.view["from"] = visit.query["from"] ?? ""
        page.view["to"] = visit.query["to"] ?? ""
        page.view["changes?"] = !found.changes.isEmpty
        page.view["changes"] = found.changes.map { change in
            [
                "address": "\(Address("/messages/trace", ["record": "\(shown[change.key])"]))",
                "record": "\(shown[change.key])",
                "time": times.moment(change.time), "source": change.source ?? "–",
                "sequence": change.sequence.map(String.init) ?? "–",
            ] as View
        }
        let names = ["entity", "what", "from", "to"]
        page.view.merge(
            ListPage.view(
                shown: found.changes.count, at: visit.address(keeping: names + ["after"]),
                next: found.next.map { "\($0.time) \($0.id)" },
                csv: visit.address("/messages/changes.csv", keeping: names), language)
        ) { _, new in new }
        return self.frame.show(page, "changes", in: .messages, visit)
    }

    private func csv(_ visit: Visit) async throws -> Reply {
        let choice = try Choice(visit.query)
        var rows = [["entity", "id", "changed", "source", "sequence"]]
        var position: ProvidedPosition?
        repeat {
            let page = try await self.changes(choice, after: position, limit: 1000)
            let shown = try await ShownNames(of: page.changes.map(\.key), on: self.desk)
            rows += page.changes.map {
                [$0.key.entity.rawValue, shown[$0.key].id, $0.time, $0.source ?? "", $0.sequence.map(String.init) ?? ""]
            }
            position = page.next
        } while position != nil && rows.count <= Self.mostInCSV
        return .csv(name: "changes.csv", text: CSVText.lines(rows))
    }
}
