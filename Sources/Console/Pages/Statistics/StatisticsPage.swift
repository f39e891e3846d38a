import Foundation
import Hub
import SchoolRecords

/// Reported lessons and stays by month, kind of schooling and unit. Who has to do with some units sees those.
struct StatisticsPage: ConsolePage {
    let desk: ConsoleDesk
    let frame: Frame

    func add(to routes: ConsoleRoutes) {
        routes.show("statistics", .statistics) { visit in try await self.show(visit) }
        routes.show("statistics/lessons.csv", .statistics) { visit in
            let question = try await self.question(visit)
            guard case .period(let period) = question.period else { throw ConsoleRefusal.unknownPage }
            return .csv(name: "lessons.csv", text: try await self.table(period, question, visit).csv(visit.language))
        }
    }

    /// What is asked for, as far as it can be used.
    private struct Question {
        enum Period {
            case period(ReportPeriod)
            case wrong
        }

        let first: String
        let last: String
        let period: Period
        let form: ReportedForm?
        /// The schools and units that there are and that the visitor sees: id, name.
        let places: [(value: String, name: String)]
        let unit: String?
        /// Organisations that are told of; `nil` = all.
        let schools: Set<String>?
    }

    private func question(_ visit: Visit) async throws -> Question {
        // Without a question: the three whole months before this one.
        let before = YearMonth(of: self.desk.clock.calendarDate).previous
        let first = visit.query["from"] ?? "\(before.previous.previous.first)"
        let last = visit.query["to"] ?? "\(before.last)"
        let period = CalendarDate(first).flatMap { first in CalendarDate(last).flatMap { ReportPeriod(first, $0) } }
        var names: [(value: String, name: String)] = []
        var parents: [String: String] = [:]
        try await RegisterReader(store: self.desk.store).pages(of: .organisation) { page in
            for (key, document) in page {
                guard let name = document.value["displayName"]?.stringValue else { continue }
                if let parent = document.value["parentOrganisation"]?["id"]?.stringValue { parents[key.id] = parent }
                if visit.user.sees(unit: key.id) { names.append((key.id, name)) }
            }
        }
        let unit = visit.query["unit"]
        if let unit, !visit.user.sees(unit: unit) { throw ConsoleRefusal.forbidden("statistics") }
        var schools: Set<String>?
        if let unit {
            // A school brings its units.
            schools = Set([unit] + parents.filter { $0.value == unit }.keys).filter { visit.user.sees(unit: $0) }
        } else if case .units(let units) = visit.user.units {
            schools = units
        }
        return Question(
            first: first, last: last, period: period.map(Question.Period.period) ?? .wrong,
            form: visit.query["form"].flatMap(ReportedForm.init(rawValue:)),
            places: names.sorted { ReportingTable.order($0.name) < ReportingTable.order($1.name) }, unit: unit, schools: schools)
    }

    private func table(_ period: ReportPeriod, _ question: Question, _ visit: Visit) async throws -> ReportingTable {
        guard let now = Moment(self.desk.clock.timestamp) else { throw ConsoleRefusal.unknownPage }
        let reporting = LessonReporting(register: self.desk.store)
        let table = try await self.desk.actions.tools.scans.run {
            try await reporting.table(period, now: now, schools: question.schools)
        }
        var remarks = table.remarks
        // What belongs to no school is about all of them.
        if question.schools != nil { (remarks.lessonsOfNoSchool, remarks.undividedReports) = (0, 0) }
        return ReportingTable(
            period: period, rows: table.rows.filter { row in question.form.map { $0 == row.form } ?? true }, remarks: remarks)
    }

    private func show(_ visit: Visit) async throws -> Reply {
        let language = visit.language
        let words = ReportingWords(language: language)
        let question = try await self.question(visit)
        var page = Frame.Page(language(sv: "Statistik", en: "Statistics"))
        page.lead = language(
            sv: "Rapporterade lektioner mot schemalagda, och närvaro mot planerad vistelse. Inga personer räknas eller nämns.",
            en: "Reported lessons against scheduled ones, and presence against planned stays. No persons are counted or named.")
        page.view = [
            "from": question.first, "to": question.last,
            "forms": Choice.views(
                ReportedForm.allCases.map { ($0.rawValue, words.name(of: $0)) }, chosen: question.form?.rawValue),
            "units": Choice.views(question.places, chosen: question.unit),
        ]
        guard case .period(let period) = question.period else {
            page.view["wrong"] = language(
                sv: "Skriv två dagar som åååå-mm-dd, högst ett år från den första till den sista.",
                en: "Write two days as yyyy-mm-dd, at most a year from the first to the last.")
            return self.frame.show(page, "statistics", in: .statistics, visit)
        }
        let table = try await self.table(period, question, visit)
        page.view["csvAddress"] = "\(visit.address("/statistics/lessons.csv", keeping: ["from", "to", "form", "unit"]))"
        page.view["report"] =
            [
                "reported?": !table.rows.isEmpty, "nothing": words.nothing,
                "remarks?": !words.remarks(table.remarks).isEmpty, "remarks": words.remarks(table.remarks),
                "kinds": ReportedForm.allCases.compactMap { self.view(of: $0, table, words) },
            ] as View
        return self.frame.show(page, "statistics", in: .statistics, visit)
    }

    private func view(of form: ReportedForm, _ table: ReportingTable, _ words: ReportingWords) -> View? {
        let summaries = table.summaries.filter { $0.form == form }
        guard !summaries.isEmpty else { return nil }
        let months = summaries.map(\.month)
        let brackets = ReportedBracket.allCases.map { "\($0.name) %" }
        var view: View = [
            "name": words.name(of: form), "measure": words.measure(of: form), "brackets": form.countsLessons ? brackets : [],
            "isLong": form.countsLessons,
            "months": summaries.map { month in
                [
                    "month": "\(month.month)", "counts": form.countsLessons ? month.brackets.map(String.init) : [],
                    "schools": TimeText.number(month.schools), "total": "\(words.percent(month.total)) %",
                    "lowest": "\(words.percent(month.lowest)) %", "highest": "\(words.percent(month.highest)) %",
                ] as View
            },
            "monthNames": months.map(\.description),
            "schools": table.bySchool(form).map { school in
                [
                    "school": school.name,
                    "shares": months.map { month in
                        guard let share = school.shares[month] else { return ["share": "–"] as View }
                        return [
                            "share": "\(words.percent(share)) %",
                            "of": "\(TimeText.number(share.reported))/\(TimeText.number(share.scheduled))",
                        ] as View
                    },
                ] as View
            },
        ]
        let chart =
            form.countsLessons && summaries.contains { $0.schools > 1 }
            ? BracketChart(
                groups: brackets, columns: summaries.map { ("\($0.month)", $0.brackets) },
                title:
                    "\(words.name(of: form)): \(words.language(sv: "skolor i varje intervall", en: "schools in each bracket"))",
                unit: words.schools)
            : BracketChart(
                groups: months.map(\.description), columns: [(words.total, summaries.map { $0.total.tenths / 10 })],
                title: "\(words.name(of: form)): \(words.measure(of: form)), %", unit: "%", most: 100)
        if let svg = chart.svg { view["chart"] = svg }
        return view
    }
}
