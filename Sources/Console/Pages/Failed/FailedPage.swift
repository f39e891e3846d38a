import Hub
import SchoolRecords

/// Failed messages: by cause, one by one, and which replays there have been.
struct FailedPage: ConsolePage {
    let desk: ConsoleDesk
    let frame: Frame

    func add(to routes: ConsoleRoutes) {
        routes.show("failed", .failed) { visit in try await self.groups(visit) }
        routes.show("failed/groups.csv", .failed) { visit in try await self.groupsCSV(visit) }
        routes.show("failed/list", .failed) { visit in try await self.list(visit) }
        routes.show("failed/list.csv", .failed) { visit in try await self.listCSV(visit) }
    }

    /// The lists of this place.
    static func tabs(_ here: String, _ language: Language) -> [View] {
        [
            ("/failed", language(sv: "Efter orsak", en: "By cause")),
            ("/failed/list", language(sv: "Meddelanden", en: "Messages")),
            ("/failed/replays", language(sv: "Omsändningar", en: "Replays")),
            ("/held", language(sv: "Massändringar", en: "Mass changes")),
        ].map { ["address": $0.0, "name": $0.1, "isHere": $0.0 == here] }
    }

    private func chosenGroups(_ visit: Visit) async throws -> [FailureGroup] {
        var filter = FailureFilter()
        filter.system = visit.query["system"]
        return try await self.desk.failures.groups(filter, sort: visit.query["sort"].flatMap(FailureDeeds.Sort.init))
    }

    private func groups(_ visit: Visit) async throws -> Reply {
        let language = visit.language
        let groups = try await self.chosenGroups(visit)
        let start = max(0, visit.query.number("after") ?? 0)
        let part = Array(groups.dropFirst(start).prefix(ListPage.size))
        let trends = try await FailureTrends(part.map(\.fingerprint), self.desk)
        let forecast = ReplayForecast(store: self.desk.store, mappings: self.desk.mappings, clock: self.desk.clock)
        let times = TimeText(language, now: self.desk.clock.now())
        var rows: [View] = []
        for group in part {
            let trend = trends.counts(of: group.fingerprint)
            let lately = trend.reduce(0, +)
            var row: View = [
                "address": "\(Address("/failed/list", ["group": group.fingerprint]))", "count": TimeText.number(group.count),
                "system": group.system, "entity": group.entity?.rawValue ?? "–", "code": group.code, "message": group.message,
                "last": times.moment(group.lastAt),
                "trend": Sparkline(
                    counts: trend,
                    title: language(sv: "\(lately) det senaste dygnet", en: "\(lately) in the last 24 hours")
                ).svg,
                "lately": language(
                    sv: "\(TimeText.number(trend.last ?? 0)) på två timmar",
                    en: "\(TimeText.number(trend.last ?? 0)) in two hours"),
            ]
            if let place = group.place { row["place"] = place }
            // A few at a time: whether a mended mapping helps is looked at for the largest groups alone.
            if rows.count < 10, try await forecast.verdict(on: group, sample: 5)?.isFixed == true {
                row["fixed"] = language(sv: "Rättat: sänd igen", en: "Mended: send again")
            }
            rows.append(row)
        }
        var page = Frame.Page(language(sv: "Misslyckade meddelanden", en: "Failed messages"))
        page.lead = language(
            sv: "Det som inte gick att leverera, efter orsak. Rätta orsaken och sänd igen: inget går förlorat.",
            en: "What couldn't be delivered, by cause. Mend the cause and send again: nothing is lost.")
        let systems = try await self.desk.store.groups(FailureFilter()).map(\.system)
        page.view = ListPage.view(
            shown: part.count, of: groups.count, at: visit.address(keeping: ["system", "sort", "after"]),
            next: start + part.count < groups.count ? String(start + part.count) : nil,
            csv: Address("/failed/groups.csv", ["system": visit.query["system"], "sort": visit.query["sort"]]), language)
        page.view["tabs"] = Self.tabs("/failed", language)
        page.view["groups?"] = !rows.isEmpty
        page.view["groups"] = rows
        page.view["systems"] = Set(systems).sorted().map { ["name": $0, "isChosen": $0 == visit.query["system"]] as View }
        page.view["sorts"] = [
            ("count", language(sv: "Antal", en: "Count")), ("last", language(sv: "Senast", en: "Last")),
            ("first", language(sv: "Först", en: "First")), ("system", language(sv: "System", en: "System")),
        ].map { ["value": $0.0, "name": $0.1, "isChosen": $0.0 == visit.query["sort"]] as View }
        return self.frame.show(page, "failed", in: .failed, visit)
    }

    private func groupsCSV(_ visit: Visit) async throws -> Reply {
        let header = ["group", "count", "system", "entity", "kind", "code", "field", "place", "message", "first", "last"]
        let rows = try await self.chosenGroups(visit).map { group in
            [
                group.fingerprint, String(group.count), group.system, group.entity?.rawValue ?? "", group.kind, group.code,
                group.field ?? "", group.place ?? "", group.message, group.firstAt, group.lastAt,
            ]
        }
        return .csv(name: "failed-groups.csv", text: CSVText.lines([header] + rows))
    }

    /// What the list of messages was asked for.
    private func filter(_ visit: Visit) throws -> FailureFilter {
        var filter = FailureFilter()
        filter.fingerprint = visit.query["group"]
        filter.system = visit.query["system"]
        filter.entity = visit.query["entity"].flatMap(Entity.init(rawValue:))
        filter.record = visit.query["record"]
        filter.code = visit.query["code"]
        if let state = visit.query["state"].flatMap(FailedMessage.State.init(rawValue:)) { filter.states = [state] }
        filter.after = visit.query["after"].flatMap(Int64.init)
        return filter
    }

    private static let kept = ["group", "system", "entity", "record", "code", "state", "after"]

    private func list(_ visit: Visit) async throws -> Reply {
        let language = visit.language
        var filter = try self.filter(visit)
        filter.limit = ListPage.size
        let failures = try await self.desk.shown(try await self.desk.store.list(filter))
        let times = TimeText(language, now: self.desk.clock.now())
        let words = FailureWords(language)
        var page = Frame.Page(language(sv: "Misslyckade meddelanden", en: "Failed messages"))
        page.trail = [(language(sv: "Misslyckade", en: "Failed"), Address("/failed"))]
        page.view = ListPage.view(
            shown: failures.count, at: visit.address(keeping: Self.kept),
            next: failures.count == ListPage.size ? failures.last.map { String($0.id) } : nil,
            csv: visit.address("/failed/list.csv", keeping: Self.kept.dropLast()), language)
        page.view["tabs"] = Self.tabs("/failed/list", language)
        page.view["failures?"] = !failures.isEmpty
        page.view["failures"] = failures.map { failure in
            [
                "address": "/failed/\(failure.id)", "number": String(failure.id), "system": failure.failure.system,
                "record": failure.failure.key?.description ?? "–", "code": failure.failure.code,
                "message": failure.failure.message,
                "state": words.state(failure.state), "tone": words.tone(failure.state).rawValue,
                "last": times.moment(failure.lastAt),
            ] as View
        }
        page.view["states"] = FailedMessage.State.allCases.map { state in
            ["value": state.rawValue, "name": words.state(state), "isChosen": filter.states == [state]] as View
        }
        for name in ["system", "code", "record"] { page.view["chosen-\(name)"] = visit.query[name] ?? "" }
        if let fingerprint = filter.fingerprint {
            let group = try await self.desk.store.groups(filter).first
            page.view["group"] = fingerprint
            page.lead = group.map { "\($0.system) · \($0.code): \($0.message)" }
            if let group, filter.states == [.failed], visit.user.may(.replay, system: group.system) {
                page.view["replay"] =
                    [
                        "csrf": visit.csrf, "group": fingerprint, "count": TimeText.number(group.count),
                        "runbook": group.runbook,
                    ] as View
            }
        }
        return self.frame.show(page, "failed-list", in: .failed, visit)
    }

    private func listCSV(_ visit: Visit) async throws -> Reply {
        var filter = try self.filter(visit)
        filter.limit = 10_000
        var rows = [
            ["number", "state", "system", "record", "kind", "code", "field", "place", "message", "attempts", "first", "last"]
        ]
        for failure in try await self.desk.shown(try await self.desk.store.list(filter)) {
            let what = failure.failure
            rows.append([
                String(failure.id), failure.state.rawValue, what.system, what.key?.description ?? "", what.kind, what.code,
                what.field ?? "", what.place ?? "", what.message, String(failure.attempts), failure.firstAt, failure.lastAt,
            ])
        }
        return .csv(name: "failed-messages.csv", text: CSVText.lines(rows))
    }
}
