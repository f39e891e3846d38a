import Hub
import SchoolRecords

/// Where a record has been and where it is: from the source to each receiving system, as a timeline.
struct MessagesPage: ConsolePage {
    /// Records of one answer that are shown.
    private static let most = 50

    let desk: ConsoleDesk
    let frame: Frame

    func add(to routes: ConsoleRoutes) {
        routes.show("messages", .messages) { visit in
            var page = self.page(visit)
            page.view["latest"] = true
            let reading = await self.desk.reading()
            let times = TimeText(visit.language, now: self.desk.clock.now())
            page.view["events?"] = !reading.targets.isEmpty
            page.view["events"] = reading.targets.map { target in
                [
                    "system": target.system, "delivered": TimeText.number(target.deliveredLately),
                    "failed": TimeText.number(target.failedLately), "last": times.moment(target.lastSuccess),
                ] as View
            }
            return self.frame.show(page, "messages", in: .messages, visit)
        }
        routes.show("messages/trace", .messages) { visit in try await self.trace(visit) }
    }

    private func page(_ visit: Visit) -> Frame.Page {
        var page = Frame.Page(visit.language(sv: "Meddelanden", en: "Messages"))
        page.lead = visit.language(
            sv: "Följ en post från källan till varje mottagare. Här visas id, tider och fel, aldrig innehåll.",
            en: "Follow a record from its source to each receiver. Ids, times and errors are shown, never content.")
        return page
    }

    private func trace(_ visit: Visit) async throws -> Reply {
        let language = visit.language
        guard let asked = visit.query["record"] else { return .redirect(Address("/messages")) }
        var page = self.page(visit)
        page.trail = [(language(sv: "Meddelanden", en: "Messages"), Address("/messages"))]
        page.view["asked"] = asked
        do throws(JourneyQuestion.Problem) {
            let question = try JourneyQuestion(asked, today: self.desk.clock.calendarDate)
            if let answer = await self.answer(question, visit) {
                self.add(answer, to: &page, visit)
            } else {
                page.view["wrong"] = language(
                    sv: "Hubben känner inte till någon sådan post, person, eller något sådant meddelande eller spår.",
                    en: "The hub knows of no such record, person, message or trace.")
            }
        } catch {
            page.view["asked"] = ""
            page.view["wrong"] = Self.words(error, language)
        }
        return self.frame.show(page, "messages", in: .messages, visit)
    }

    /// Nobody but who sees persons learns from a page without names that an id is a protected person's.
    private func answer(_ question: JourneyQuestion, _ visit: Visit) async -> JourneyReader.Answer? {
        let reader = JourneyReader(
            store: self.desk.store, mappings: self.desk.mappings.set, key: self.desk.key, clock: self.desk.clock)
        guard let found = try? await reader.answer(question, limit: Self.most) else { return nil }
        return try? await PersonDeeds(desk: self.desk).told(found, visit)
    }

    private func add(_ answer: JourneyReader.Answer, to page: inout Frame.Page, _ visit: Visit) {
        let language = visit.language
        if answer.isProtected {
            page.view["protected"] = language(
                sv:
                    "Skyddade personuppgifter: allt om personen hålls tillbaka. Det som syns är borttagningen av det som getts före.",
                en:
                    "Protected identity: everything about the person is held back. What shows is the taking away of what was given before."
            )
        }
        let words = JourneyView(language, now: self.desk.clock.now())
        func all(_ journeys: [Journey]) -> [Journey] { journeys.flatMap { [$0] + all($0.derived) } }
        let journeys = all(answer.journeys)
        page.view["journeys"] = journeys.map(words.view)
        if answer.total > journeys.count {
            page.view["more"] = language(
                sv: "\(journeys.count) av \(answer.total) poster visas.",
                en: "\(journeys.count) of \(answer.total) records shown.")
        }
    }

    static func words(_ problem: JourneyQuestion.Problem, _ language: Language) -> String {
        switch problem {
        case .identityNumber:
            language(
                sv: "Personnummer skrivs inte här: det skulle stå i adressen och i webbläsarens historik. Ange personens id.",
                en:
                    "An identity number isn't written here: it would stand in the address and the browser's history. Give the person's id."
            )
        case .empty:
            language(
                sv: "Ange ett id, entitet/id, system/entitet/id, failure/nummer eller ett spår, utan mellanslag.",
                en: "Give an id, entity/id, system/entity/id, failure/number or a trace, without spaces.")
        case .noTrace:
            language(
                sv: "Det är inget spår: 32 hexadecimala siffror som inte alla är noll.",
                en: "That is no trace: 32 hexadecimal digits that aren't all zero.")
        }
    }
}
