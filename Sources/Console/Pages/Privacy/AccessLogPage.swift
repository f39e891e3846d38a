import Hub
import SchoolRecords

/// The audit log: who decided what, who looked at whom, and whether the log is as it was written.
struct AccessLogPage: ConsolePage {
    let desk: ConsoleDesk
    let frame: Frame

    func add(to routes: ConsoleRoutes) {
        routes.show("privacy/log", .privacy) { visit in try await self.show(visit, isWhole: nil, wrong: nil) }
        routes.show("privacy/log/check", .privacy) { visit in
            let broken = try await self.desk.actions.tools.scans.run { try await self.desk.store.firstBrokenAuditEntry() }
            return try await self.show(visit, isWhole: broken.map { .broken($0) } ?? .whole, wrong: nil)
        }
        routes.show("privacy/log.csv", .privacy) { visit in try await self.csv(visit) }
        // By POST: the person's id stands in no address. What it leads to is a name that leads to nobody without the hub's key.
        routes.act("privacy/log/person", .privacy) { visit, form in
            try self.check(visit)
            let asked = form["id"] ?? ""
            guard !asked.isEmpty, (try? PersonalIdentityNumber(asked, today: self.desk.clock.calendarDate)) == nil else {
                return try await self.show(
                    visit, isWhole: nil,
                    wrong: visit.language(
                        sv: "Ange personens id, som det står i källan. Sök inte med personnummer.",
                        en: "Give the person's id, as the source has it. Don't search by identity number."))
            }
            let id = RecordKey.normalID(asked.hasPrefix("person/") ? String(asked.dropFirst(7)) : asked)
            let reader = PersonReader(
                store: self.desk.store, mappings: self.desk.mappings.set, key: self.desk.key, today: self.desk.clock.calendarDate)
            return .redirect(Address("/privacy/log", ["subject": try await reader.subject(of: id)]))
        }
    }

    private enum Chain {
        case whole
        case broken(Int64)
    }

    private static let kept = ["action", "person", "subject", "operation", "after"]

    private func filter(_ visit: Visit) -> AuditFilter {
        var filter = AuditFilter()
        (filter.action, filter.person) = (visit.query["action"], visit.query["person"])
        (filter.subject, filter.operation) = (visit.query["subject"], visit.query["operation"])
        (filter.before, filter.isNewestFirst) = (visit.query["after"].flatMap(Int64.init), true)
        return filter
    }

    /// Operations span schools: who has to do with some of them doesn't look here.
    private func check(_ visit: Visit) throws {
        guard visit.user.sees(unit: nil) else { throw ConsoleRefusal.forbidden("audit") }
    }

    private func show(_ visit: Visit, isWhole chain: Chain?, wrong: String?) async throws -> Reply {
        try self.check(visit)
        let language = visit.language
        let times = TimeText(language, now: self.desk.clock.now())
        var filter = self.filter(visit)
        filter.limit = ListPage.size
        let entries = try await self.desk.store.auditEntries(filter)
        var page = Frame.Page(language(sv: "Vem har gjort vad", en: "Who has done what"))
        page.lead = language(
            sv: "Granskningsloggen: beslut, och vem som tittat på vems uppgifter och varför. Det senaste först.",
            en: "The audit log: decisions, and who looked at whose data and why. The latest first.")
        page.trail = [(language(sv: "Integritet", en: "Privacy"), Address("/privacy"))]
        page.view = ListPage.view(
            shown: entries.count, at: visit.address("/privacy/log", keeping: Self.kept),
            next: entries.count == ListPage.size ? entries.last.map { String($0.number) } : nil,
            csv: visit.address("/privacy/log.csv", keeping: Self.kept.dropLast()), language)
        page.view["tabs"] = FieldRegisterPage.tabs("/privacy/log", language)
        page.view["formToken"] = visit.csrf
        page.view["checkAddress"] = "\(visit.address("/privacy/log/check", keeping: Self.kept.dropLast()))"
        page.view["actions"] = Choice.views(try await self.desk.store.auditActions(), chosen: filter.action)
        for name in ["person", "subject", "operation"] { page.view["chosen-\(name)"] = visit.query[name] ?? "" }
        if let wrong { page.view["wrong"] = wrong }
        switch chain {
        case nil: break
        case .whole:
            page.said = (
                .good,
                language(
                    sv: "Loggen är hel: varje post är som den skrevs.", en: "The log is whole: every entry is as it was written.")
            )
        case .broken(let number):
            page.said = (
                .bad,
                language(
                    sv: "Loggen är ändrad: post \(number) är inte som den skrevs, eller saknas.",
                    en: "The log was changed: entry \(number) isn't as it was written, or is missing.")
            )
        }
        page.view["entries?"] = !entries.isEmpty
        page.view["entries"] = entries.map { entry in
            var row: View = [
                "number": String(entry.number), "time": times.moment(entry.time), "person": entry.person, "action": entry.action,
                "subject": entry.subject, "reason": entry.reason ?? "",
                "subjectAddress": "\(Address("/privacy/log", ["subject": entry.subject]))",
                "personAddress": "\(Address("/privacy/log", ["person": entry.person]))",
            ]
            if let operation = entry.operation {
                row["operation"] = operation
                row["operationAddress"] = "\(Address("/privacy/log", ["operation": operation]))"
            }
            return row
        }
        return self.frame.show(page, "access-log", in: .privacy, visit)
    }

    private func csv(_ visit: Visit) async throws -> Reply {
        try self.check(visit)
        var filter = self.filter(visit)
        (filter.before, filter.limit) = (nil, 1000)
        var rows = [["number", "time", "person", "action", "subject", "operation", "reason"]]
        // A spreadsheet takes a million rows.
        while rows.count < 1_000_000 {
            let entries = try await self.desk.store.auditEntries(filter)
            rows += entries.map { entry in
                [
                    String(entry.number), entry.time, entry.person, entry.action, entry.subject, entry.operation ?? "",
                    entry.reason ?? "",
                ]
            }
            guard let last = entries.last, entries.count == filter.limit else { break }
            filter.before = last.number
        }
        return .csv(name: "access-log.csv", text: CSVText.lines(rows))
    }
}
