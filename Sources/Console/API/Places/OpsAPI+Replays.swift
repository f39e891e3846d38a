import Foundation
import HTTPTypes
import Hub
import SchoolRecords

/// Sending failed messages again.
extension OpsAPI {
    private static let access = APIOperation.Access.area(.failed)
    private static let places = [OpsAPI.id("id", "The replay's id.")]

    var replays: [APIOperation] {
        [
            APIOperation(
                method: .get, path: "\(Self.prefix)/replays", id: "listReplays", summary: "Replays, the latest first",
                access: Self.access, query: APIPage.parameters,
                success: .init(status: 200, kind: APIPage.kind(of: Self.replay), note: "The replays.")
            ) { call in
                let start = Int(clamping: try call.afterNumber() ?? 0)
                let all = try await call.desk.store.batches(limit: min(100_000, start) + call.limit + 1)
                return try call.page(all, Self.replay)
            },
            APIOperation(
                method: .post, path: "\(Self.prefix)/replays", id: "createReplay",
                summary: "Choose failed messages to be sent again",
                note: "What is chosen is frozen. Nothing is sent before it is started: look at its forecast first.",
                access: Self.access, action: .replay,
                body: .fields([
                    APIField("numbers", .list(of: .number64, most: 1000), "These failed messages."),
                    APIField("group", .text(least: 1, most: 200, isWord: true), "All open ones with this cause."),
                    APIField("canary", .integer(1...1_000_000), "So many first, and the others when these have come through."),
                    APIField("ramp", .boolean, "Step by step more: 5, 50 and 500 times as many as at first."),
                    APIField("rate", .integer(1...1_000_000), "At most so many a minute."),
                    APIField("asWas", .boolean, "As they were made then, not by today's mapping."),
                    APIField("start", .boolean, "Send at once."),
                ]), success: .init(status: 201, kind: Self.replay.kind, note: "The replay."), isRepeatable: true,
                example: ["group": "4f1c2b9a", "canary": 5, "ramp": true]
            ) { call in
                var filter = FailureFilter()
                filter.ids = call.body["numbers"]?.arrayValue?.compactMap(\.integerValue) ?? []
                filter.fingerprint = call.word("group")
                let plan = ReplayPlan(
                    canary: call.body["canary"]?.integerValue.map(Int.init), ramp: call.body["ramp"]?.boolValue ?? false,
                    rate: call.body["rate"]?.integerValue.map(Int.init), asWas: call.body["asWas"]?.boolValue ?? false)
                var batch = try await call.desk.replays.select(filter, plan: plan, try call.visit)
                if call.body["start"]?.boolValue == true {
                    batch = try await call.desk.replays.change(batch.id, .start, try call.visit)
                }
                return APIAnswer(
                    Self.replay.json(batch, call.language), status: 201, location: "\(Self.prefix)/replays/\(batch.id)")
            },
            APIOperation(
                method: .get, path: "\(Self.prefix)/replays/{id}", id: "getReplay", summary: "A replay, and how far it has come",
                access: Self.access, places: Self.places,
                success: .init(status: 200, kind: Self.replay.kind, note: "The replay."),
                problems: [404]
            ) { call in APIAnswer(Self.replay.json(try await call.desk.replays.batch(call.place("id")), call.language)) },
            APIOperation(
                method: .get, path: "\(Self.prefix)/replays/{id}/items", id: "listReplayItems",
                summary: "What has become of each message of a replay", access: Self.access, places: Self.places,
                query: APIPage.parameters, success: .init(status: 200, kind: APIPage.kind(of: Self.item), note: "The messages."),
                problems: [404]
            ) { call in
                let batch = try await call.desk.replays.batch(call.place("id"))
                let items = try await call.desk.store.items(of: batch.id, after: try call.afterNumber() ?? 0, limit: call.limit)
                return APIPage.answer(
                    items, Self.item, next: items.count == call.limit ? items.last.map { String($0.failure) } : nil, call)
            },
            APIOperation(
                method: .get, path: "\(Self.prefix)/replays/{id}/forecast", id: "getReplayForecast",
                summary: "What would become of each message of a replay, without sending any", access: Self.access,
                places: Self.places, query: APIPage.parameters,
                success: .init(status: 200, kind: APIPage.kind(of: Self.forecast), note: "The messages."), problems: [404]
            ) { call in
                let batch = try await call.desk.replays.batch(call.place("id"))
                let forecast = try await call.desk.replays.forecast(
                    of: batch, after: try call.afterNumber() ?? 0, limit: call.limit)
                return APIPage.answer(
                    forecast.map { Forecast(failure: $0.failure, outcome: $0.outcome) }, Self.forecast,
                    next: forecast.count == call.limit ? forecast.last.map { String($0.failure.id) } : nil, call)
            },
        ] + [ReplayBatch.Command.start, .pause, .resume, .cancel].map(self.command)
    }

    private func command(_ command: ReplayBatch.Command) -> APIOperation {
        APIOperation(
            method: .post, path: "\(Self.prefix)/replays/{id}/\(command.rawValue)", id: "\(command.rawValue)Replay",
            summary: "\(command.rawValue.capitalized) a replay", access: Self.access, action: .replay, places: Self.places,
            body: .fields([]), success: .init(status: 200, kind: Self.replay.kind, note: "The replay as it is then."),
            problems: [404], isRepeatable: true
        ) { call in
            let batch = try await call.desk.replays.batch(call.place("id"))
            return APIAnswer(
                Self.replay.json(try await call.desk.replays.change(batch.id, command, try call.visit), call.language))
        }
    }

    struct Forecast: Sendable {
        let failure: FailedMessage
        let outcome: ReplayForecast.Outcome
    }

    private static let replay = APIShape<ReplayBatch>(
        "Replay",
        [
            .text("id", "Its id.") { $0.id }, .choice("state", "How it stands.") { $0.state },
            .words("stateText", "The same in words.") { FailureWords($1).state($0.state) },
            .count("size", "Messages that were chosen.") { $0.size },
            .counts("outcomes", "How many have which outcome.") { batch in
                Dictionary(uniqueKeysWithValues: batch.tally.numbers.map { ($0.key.rawValue, $0.value) })
            },
            .maybeCount("canary", "Sent first.") { $0.plan.canary }, .flag("ramp", "Step by step more.") { $0.plan.ramp },
            .maybeCount("rate", "At most so many a minute.") { $0.plan.rate },
            .flag("asWas", "As they were made then.") { $0.plan.asWas }, .text("madeBy", "Who asked for it.") { $0.madeBy },
            .instant("madeAt", "When.") { $0.madeAt }, .maybeInstant("sentAt", "When something was sent last.") { $0.sentAt },
            .texts("next", "What can be done with it now.") { batch in
                [ReplayBatch.Command.start, .pause, .resume, .cancel].filter { batch.state.after($0) != nil }.map(\.rawValue)
            },
        ])

    private static let item = APIShape<ReplayItem>(
        "ReplayItem",
        [
            .number("number", "The failed message's number.") { $0.failure },
            .choice("outcome", "What has become of it.") { $0.outcome },
            .words("outcomeText", "The same in words.") { FailureWords($1).outcome($0.outcome) },
        ])

    private static let forecast = APIShape<Forecast>(
        "ReplayForecast",
        [
            .number("number", "The failed message's number.") { $0.failure.id },
            .text("system", "The system.") { $0.failure.failure.system },
            .maybe("record", "`entity/id`.") { $0.failure.failure.key?.description },
            .text("outcome", "What would become of it.") { Self.word($0.outcome) },
            .words("outcomeText", "The same in words.") { FailureWords($1).forecast($0.outcome).text },
        ])

    private static func word(_ outcome: ReplayForecast.Outcome) -> String {
        switch outcome {
        case .sent: "sent"
        case .unchanged: "unchanged"
        case .superseded: "superseded"
        case .waits: "waits"
        case .stillFails: "still-fails"
        case .asksSource: "asks-source"
        case .decidesAgain: "decides-again"
        case .unsendable: "unsendable"
        case .nothingKept: "nothing-kept"
        case .overtaken: "overtaken"
        }
    }
}
