import Hub
import SchoolRecords

/// Sending failed messages again: a choice, what would happen, how far it has come.
struct ReplayPage: ConsolePage {
    /// Between two looks at a replay that runs.
    private static let pause = Duration.seconds(1)
    /// Messages of a choice whose outcome is shown before anything is sent.
    private static let mostForecasts = 200

    let desk: ConsoleDesk
    let frame: Frame

    func add(to routes: ConsoleRoutes) {
        routes.show("failed/replays", .failed) { visit in try await self.list(visit) }
        routes.show("failed/replays/:id", .failed) { visit in try await self.show(visit) }
        routes.show("live/replays/:id", .failed) { visit in
            let id: String = try visit.parameter("id")
            return .live(self.events(of: id, visit))
        }
        routes.act("failed/replay", .failed) { visit, form in try await self.select(visit, form) }
        for command in [ReplayBatch.Command.start, .pause, .resume, .cancel] {
            routes.act("failed/replays/:id/\(command.rawValue)", .failed) { visit, _ in
                let id: String = try visit.parameter("id")
                try await self.desk.replays.change(id, command, visit)
                return .redirect(
                    Address(parts: ["failed", "replays", id], ["said": command == .start ? "replay-begun" : "replay-changed"]))
            }
        }
    }

    private func select(_ visit: Visit, _ form: Fields) async throws -> Reply {
        var filter = FailureFilter()
        filter.ids = form.all("id").compactMap(Int64.init)
        filter.fingerprint = form["group"]
        for name in ["canary", "rate"] where form[name] != nil && (form.number(name) ?? 0) < 1 {
            throw ConsoleRefusal.wrongInput(sv: "Skriv ett tal som är minst 1.", en: "Write a number that is at least 1.")
        }
        let plan = ReplayPlan(
            canary: form.number("canary"), ramp: form.isTicked("ramp"), rate: form.number("rate"), asWas: form.isTicked("as-was"))
        let batch = try await self.desk.replays.select(filter, plan: plan, visit)
        guard form["do"] == "send" else { return .redirect(Address(parts: ["failed", "replays", batch.id])) }
        try await self.desk.replays.change(batch.id, .start, visit)
        return .redirect(Address(parts: ["failed", "replays", batch.id], ["said": "replay-begun"]))
    }

    private func list(_ visit: Visit) async throws -> Reply {
        let language = visit.language
        let words = FailureWords(language)
        let times = TimeText(language, now: self.desk.clock.now())
        let batches = try await self.desk.store.batches(limit: ListPage.size)
        var page = Frame.Page(language(sv: "Omsändningar", en: "Replays"))
        page.trail = [(language(sv: "Misslyckade", en: "Failed"), Address("/failed"))]
        page.view["tabs"] = FailedPage.tabs("/failed/replays", language)
        page.view["replays?"] = !batches.isEmpty
        page.view["replays"] = batches.map { batch in
            [
                "address": "\(Address(parts: ["failed", "replays", batch.id]))", "time": times.moment(batch.madeAt),
                "state": words.state(batch.state), "tone": words.tone(batch.state).rawValue, "size": TimeText.number(batch.size),
                "outcome": ReplayItem.Outcome.allCases.filter { batch.tally[$0] > 0 }
                    .map { "\(TimeText.number(batch.tally[$0])) \(words.outcome($0))" }.joined(separator: ", "),
                "by": batch.madeBy,
            ] as View
        }
        return self.frame.show(page, "replays", in: .failed, visit)
    }

    private func show(_ visit: Visit) async throws -> Reply {
        let batch = try await self.desk.replays.batch(try visit.parameter("id"))
        let language = visit.language
        var page = Frame.Page(language(sv: "Omsändning \(batch.id)", en: "Replay \(batch.id)"))
        page.trail = [
            (language(sv: "Misslyckade", en: "Failed"), Address("/failed")),
            (language(sv: "Omsändningar", en: "Replays"), Address("/failed/replays")),
        ]
        page.view = self.view(of: batch, visit)
        if batch.state == .running { page.view["live"] = "\(Address(parts: ["live", "replays", batch.id]))" }
        if batch.state == .selected { try await self.addForecast(of: batch, to: &page.view, language) }
        return self.frame.show(page, "replay", in: .failed, visit)
    }

    private func addForecast(of batch: ReplayBatch, to view: inout View, _ language: Language) async throws {
        let forecast = try await self.desk.replays.forecast(of: batch, limit: Self.mostForecasts)
        let words = FailureWords(language)
        view["forecast?"] = true
        view["forecastText"] =
            batch.size > forecast.count
            ? language(
                sv: "De första \(forecast.count) av \(TimeText.number(batch.size)). Inget är sänt än.",
                en: "The first \(forecast.count) of \(TimeText.number(batch.size)). Nothing is sent yet.")
            : language(sv: "Inget är sänt än.", en: "Nothing is sent yet.")
        view["forecast"] = forecast.map { failure, outcome -> View in
            let outcome = words.forecast(outcome)
            return [
                "address": "/failed/\(failure.id)", "number": String(failure.id), "system": failure.failure.system,
                "record": failure.failure.key?.description ?? "–", "text": outcome.text, "tone": outcome.tone.rawValue,
            ]
        }
    }

    private func view(of batch: ReplayBatch, _ visit: Visit) -> View {
        let language = visit.language
        let words = FailureWords(language)
        let open = batch.tally[.selected] + batch.tally[.waiting] + batch.tally[.sent]
        let done = batch.size - open
        var plan: [String] = []
        if let canary = batch.plan.canary { plan.append(language(sv: "\(canary) först", en: "\(canary) first")) }
        if batch.plan.ramp { plan.append(language(sv: "stegvis fler", en: "more step by step")) }
        if let rate = batch.plan.rate { plan.append(language(sv: "högst \(rate) per minut", en: "at most \(rate) a minute")) }
        if batch.plan.asWas { plan.append(language(sv: "som det var då", en: "as it was then")) }
        var view: View = [
            "state": words.state(batch.state), "tone": words.tone(batch.state).rawValue, "plan": plan.joined(separator: ", "),
            "size": String(max(batch.size, 1)), "done": String(done),
            "doneText": language(
                sv: "\(TimeText.number(done)) av \(TimeText.number(batch.size))",
                en: "\(TimeText.number(done)) of \(TimeText.number(batch.size))"),
            "outcomes": ReplayItem.Outcome.allCases.filter { batch.tally[$0] > 0 }.map { outcome in
                ["name": words.outcome(outcome), "count": TimeText.number(batch.tally[outcome])] as View
            },
        ]
        view["csrf"] = visit.csrf
        if visit.user.may(.replay) {
            let names: [(ReplayBatch.Command, String, String)] = [
                (.start, language(sv: "Sänd just dessa", en: "Send exactly these"), ""),
                (.pause, language(sv: "Pausa", en: "Pause"), "plain"), (.resume, language(sv: "Fortsätt", en: "Go on"), ""),
                (.cancel, language(sv: "Avbryt", en: "Cancel"), "plain"),
            ]
            view["commands"] = names.filter { batch.state.after($0.0) != nil }.map { command, name, look in
                [
                    "address": "\(Address(parts: ["failed", "replays", batch.id, command.rawValue]))", "name": name, "look": look,
                ] as View
            }
        }
        return view
    }

    /// How a replay goes, for as long as it runs and somebody looks.
    private func events(of id: String, _ visit: Visit) -> AsyncStream<LiveEvent> {
        let (stream, continuation) = AsyncStream.makeStream(of: LiveEvent.self, bufferingPolicy: .bufferingNewest(2))
        let work = Task {
            defer { continuation.finish() }
            while !Task.isCancelled, let batch = try? await self.desk.store.batch(id) {
                let html = self.frame.templates.render("replay-now", self.view(of: batch, visit), in: visit.language)
                let isLast = batch.state != .running
                continuation.yield(LiveEvent(html, isLast: isLast))
                if isLast { return }
                try? await self.desk.clock.sleep(Self.pause)
            }
        }
        continuation.onTermination = { _ in work.cancel() }
        return stream
    }
}
