import Foundation
import HTTPTypes
import Hub
import SchoolRecords

/// Failed messages: by cause and one by one, and what is done about one.
extension OpsAPI {
    private static let access = APIOperation.Access.area(.failed)
    private static let numbered = [APIField("number", .number64, isRequired: true, "The failed message's number.")]

    var failed: [APIOperation] {
        [
            APIOperation(
                method: .get, path: "\(Self.prefix)/failed-groups", id: "listFailedGroups",
                summary: "Failed messages by cause, with the last day's trend", access: Self.access,
                query: [
                    APIField("system", .text(), "Those of this system."),
                    APIField(
                        "sort", .choice(FailureDeeds.Sort.allCases.map(\.rawValue)),
                        "In which order; `count` unless it says otherwise."),
                ] + APIPage.parameters,
                success: .init(status: 200, kind: APIPage.kind(of: Self.group), note: "The causes.")
            ) { call in
                var filter = FailureFilter()
                filter.system = call.text("system")
                let groups = try await call.desk.failures.groups(filter, sort: call.text("sort").flatMap(FailureDeeds.Sort.init))
                let start = Int(clamping: try call.afterNumber() ?? 0)
                let part = Array(groups.dropFirst(start).prefix(call.limit))
                let trends = try await FailureTrends(part.map(\.fingerprint), call.desk)
                let end = start + part.count
                return APIPage.answer(
                    part.map { Group(group: $0, trend: trends.counts(of: $0.fingerprint)) }, Self.group,
                    next: end < groups.count && !part.isEmpty ? String(end) : nil, call)
            },
            APIOperation(
                method: .get, path: "\(Self.prefix)/failed", id: "listFailed",
                summary: "Failed messages, in order of their numbers",
                access: Self.access, query: Self.filters + APIPage.parameters,
                success: .init(status: 200, kind: APIPage.kind(of: Self.failure), note: "The messages.")
            ) { call in
                var filter = Self.filter(call)
                filter.after = try call.afterNumber()
                filter.limit = call.limit
                let failures = try await call.desk.shown(try await call.desk.store.list(filter))
                return APIPage.answer(
                    failures, Self.failure, next: failures.count == call.limit ? failures.last.map { String($0.id) } : nil, call)
            },
            APIOperation(
                method: .get, path: "\(Self.prefix)/failed/{number}", id: "getFailed",
                summary: "One failed message, with its attempts",
                note: "Without what is in it: that is asked for with a reason, by `showFailedContent`.", access: Self.access,
                places: Self.numbered, success: .init(status: 200, kind: Self.details.kind, note: "The message."), problems: [404]
            ) { call in try await self.answer(try await call.desk.failures.message(call.number("number")), call) },
            APIOperation(
                method: .post, path: "\(Self.prefix)/failed/{number}/content", id: "showFailedContent",
                summary: "What is in a failed message", note: "Personal data. Who looks, and why, is in the audit log first.",
                access: Self.access, action: .see, places: Self.numbered, body: .fields([Self.reason]),
                success: .init(
                    status: 200, kind: .object([APIField("content", .any, "The message as it was; missing when it isn't kept.")]),
                    note: "The content."), problems: [404], example: ["reason": "felsökning, ärende 4711"]
            ) { call in
                let failure = try await call.desk.failures.message(call.number("number"))
                let body = try await call.desk.failures.content(of: failure, reason: call.reason, try call.visit)
                return APIAnswer(.object(body.map { ["content": (try? JSONValue(parsing: $0)) ?? .null] } ?? [:]))
            },
            APIOperation(
                method: .post, path: "\(Self.prefix)/failed/{number}/edit", id: "editFailed",
                summary: "Correct one field of a failed message, for the next try",
                note: "The register keeps what the source says: the correction holds once, until the source is mended.",
                access: Self.access, action: .edit, places: Self.numbered,
                body: .fields([
                    APIField(
                        "path", .text(least: 1, most: 200, isWord: true), isRequired: true,
                        "The field, e.g. `title` or `emails[0].value`."),
                    APIField("value", .any, "The field's value from now on; left out = the field is taken away."), Self.reason,
                ]), success: .init(status: 200, kind: Self.details.kind, note: "The message, corrected."), problems: [404],
                isRepeatable: true, example: ["path": "displayName", "value": "7B", "reason": "namnet var för långt"]
            ) { call in
                let failure = try await call.desk.failures.message(call.number("number"))
                try await call.desk.failures.correct(
                    failure, path: call.word("path") ?? "", value: call.body["value"], reason: call.reason, try call.visit)
                return try await self.answer(failure, call)
            },
            self.deed(
                "approve", id: "approveFailedEdit", "Approve somebody else's correction", action: .approve, fields: [],
                isRepeatable: true
            ) { failure, call in try await call.desk.failures.approve(failure, try call.visit) },
            self.deed(
                "undo", id: "undoFailedEdit", "Take a correction back", action: .edit, fields: [], isRepeatable: true
            ) { failure, call in try await call.desk.failures.undo(failure, try call.visit) },
            self.deed(
                "discard", id: "discardFailed", "Give a failed message up", action: .discard, fields: [Self.reason],
                isRepeatable: true, example: ["reason": "posten är borttagen i källan"]
            ) { failure, call in try await call.desk.failures.discard(failure, reason: call.reason, try call.visit) },
        ]
    }

    private func deed(
        _ name: String, id: String, _ summary: String, action: Permissions.Action, fields: [APIField], isRepeatable: Bool,
        example: JSONValue? = nil, _ act: @escaping @Sendable (FailedMessage, APICall) async throws -> Void
    ) -> APIOperation {
        APIOperation(
            method: .post, path: "\(Self.prefix)/failed/{number}/\(name)", id: id, summary: summary, access: Self.access,
            action: action, places: Self.numbered, body: .fields(fields),
            success: .init(status: 200, kind: Self.details.kind, note: "The message as it is then."), problems: [404],
            isRepeatable: isRepeatable, example: example
        ) { call in
            try await act(try await call.desk.failures.message(call.number("number")), call)
            return try await self.answer(try await call.desk.failures.message(call.number("number")), call)
        }
    }

    private func answer(_ failure: FailedMessage, _ call: APICall) async throws -> APIAnswer {
        let shown = try await call.desk.shown([failure]).first ?? failure
        let details = Details(
            failure: shown, attempts: try await call.desk.store.attempts(of: failure.id),
            edit: try await call.desk.store.edits(of: [failure.id])[failure.id])
        return APIAnswer(Self.details.json(details, call.language))
    }

    static let filters = [
        APIField("group", .text(), "Those with this cause."), APIField("system", .text(), "Those of this system."),
        APIField("entity", .choice(Entity.allCases.map(\.rawValue)), "Those of this kind of record."),
        APIField("record", .text(), "Those of the record with this id."), APIField("code", .text(), "Those with this error."),
        APIField(
            "state", .choice(FailedMessage.State.allCases.map(\.rawValue)),
            "Those in this state; `failed` unless it says otherwise."),
    ]

    private static func filter(_ call: APICall) -> FailureFilter {
        var filter = FailureFilter()
        filter.fingerprint = call.text("group")
        filter.system = call.text("system")
        filter.entity = call.text("entity").flatMap(Entity.init(rawValue:))
        filter.record = call.text("record")
        filter.code = call.text("code")
        if let state = call.text("state").flatMap(FailedMessage.State.init(rawValue:)) { filter.states = [state] }
        return filter
    }

    struct Group: Sendable {
        let group: FailureGroup
        let trend: [Int]
    }

    struct Details: Sendable {
        let failure: FailedMessage
        let attempts: [FailureAttempt]
        let edit: FailureEdit?
    }

    private static let group = APIShape<Group>(
        "FailedGroup",
        [
            .text("group", "Names the cause.") { $0.group.fingerprint },
            .count("count", "Open failed messages.") { $0.group.count },
            .text("system", "The system, or the flow.") { $0.group.system },
            .maybe("entity", "The kind of record.") { $0.group.entity?.rawValue },
            .text("kind", "The failure's kind.") { $0.group.kind }, .text("code", "The error's stable word.") { $0.group.code },
            .maybe("field", "The field that it is about.") { $0.group.field },
            .maybe("place", "File and line of the rule.") { $0.group.place },
            .text("message", "The latest one's message.") { $0.group.message },
            .instant("firstAt", "When the first one failed first.") { $0.group.firstAt },
            .instant("lastAt", "When the last one failed last.") { $0.group.lastAt },
            .text("runbook", "Where the remedy is written.") { $0.group.runbook },
            .any("trend", "The last day in steps of two hours, the oldest first.") {
                .array($0.trend.map { .integer(Int64($0)) })
            },
        ])

    static let failure = APIShape<FailedMessage>("FailedMessage", Self.members { $0 })

    private static let details = APIShape<Details>(
        "FailedMessageDetails",
        Self.members(\.failure) + [
            .list("attempts", Self.attempt, "Each try that failed.") { $0.attempts },
            .part("edit", Self.edit, "The correction that was made of it.") { $0.edit },
        ])

    private static func members<Value>(_ get: @escaping @Sendable (Value) -> FailedMessage) -> [APIShape<Value>.Member] {
        [
            .number("number", "Its number.") { get($0).id }, .text("group", "Names the cause.") { get($0).fingerprint },
            .choice("state", "What has become of it.") { get($0).state },
            .words("stateText", "The same in words.") { FailureWords($1).state(get($0).state) },
            .text("stage", "Where it failed: `intake`, `delivery` or `flow`.") { get($0).failure.stage.rawValue },
            .text("system", "The system, or the flow.") { get($0).failure.system },
            .maybe("record", "`entity/id`; of a protected person the opaque id.") { get($0).failure.key?.description },
            .text("kind", "The failure's kind.") { get($0).failure.kind },
            .text("code", "The error's stable word.") { get($0).failure.code },
            .maybe("field", "The field that it is about.") { get($0).failure.field },
            .maybe("place", "File and line of the rule.") { get($0).failure.place },
            .text("message", "What is wrong, and what to do.") { get($0).failure.message },
            .count("tries", "How often it has failed.") { get($0).attempts },
            .instant("firstAt", "When it failed first.") { get($0).firstAt },
            .instant("lastAt", "When it failed last.") { get($0).lastAt },
            .text("runbook", "Where the remedy is written.") { get($0).failure.runbook },
        ]
    }

    private static let attempt = APIShape<FailureAttempt>(
        "FailedAttempt",
        [
            .count("number", "From 1.") { $0.number }, .instant("time", "When.") { $0.time },
            .text("kind", "The failure's kind.") { $0.kind },
            .text("code", "The error's stable word.") { $0.code }, .maybe("field", "The field that it is about.") { $0.field },
            .maybe("place", "File and line of the rule.") { $0.place }, .text("message", "What was wrong.") { $0.message },
        ])

    private static let edit = APIShape<FailureEdit>(
        "FailedEdit",
        [
            .texts("fields", "The fields that differ.") { $0.fields }, .text("by", "Who made it.") { $0.person },
            .text("reason", "Why.") { $0.reason }, .instant("time", "When.") { $0.time },
            .flag("waitsForApproval", "Whether somebody else must approve it.") { !$0.isReleased },
            .maybe("approvedBy", "Who has approved it.") { $0.approver },
        ])
}
