import Foundation
import HTTPTypes
import Hub
import Reconciliation
import SchoolRecords

/// Whether systems hold what they should, and having the hub mend it.
extension OpsAPI {
    private static let access = APIOperation.Access.area(.agreement)
    private static let places = [OpsAPI.id("id", "The comparison's id.")]

    var comparisons: [APIOperation] {
        [
            APIOperation(
                method: .get, path: "\(Self.prefix)/comparisons", id: "listComparisons", summary: "Comparisons, the latest first",
                access: Self.access, query: APIPage.parameters,
                success: .init(status: 200, kind: APIPage.kind(of: Self.run), note: "The comparisons.")
            ) { call in
                let start = Int(clamping: try call.afterNumber() ?? 0)
                let all = try await call.desk.store.reconcileRuns(states: [], limit: min(100_000, start) + call.limit + 1)
                return try call.page(all, Self.run)
            },
            APIOperation(
                method: .post, path: "\(Self.prefix)/comparisons", id: "startComparison",
                summary: "Compare systems with what they should hold",
                note: "It goes on behind the answer, and is among the comparisons once it has begun.", access: Self.access,
                action: .reconcile,
                body: .fields([
                    APIField(
                        "mode", .choice(["full", "changed"]), "Everything, or what has changed; `full` unless it says otherwise."),
                    APIField("systems", .list(of: .text(least: 1, most: 100, isWord: true), most: 100), "These alone."),
                ]), success: .init(status: 202, kind: .object([]), note: "It will begin."), problems: [404], isRepeatable: true,
                example: ["mode": "full", "systems": ["unikum"]]
            ) { call in
                var scope = ReconcileScope()
                scope.mode = call.body["mode"]?.stringValue == "changed" ? .changed : .full
                scope.systems = call.body["systems"]?.arrayValue?.compactMap(\.stringValue) ?? []
                try await call.desk.repairs.compare(scope, try call.visit)
                return APIAnswer([:], status: 202, location: "\(Self.prefix)/comparisons")
            },
            APIOperation(
                method: .get, path: "\(Self.prefix)/comparisons/{id}", id: "getComparison",
                summary: "One comparison, by system and cause",
                access: Self.access, places: Self.places,
                success: .init(status: 200, kind: Self.runDetails.kind, note: "The comparison."),
                problems: [404]
            ) { call in APIAnswer(Self.runDetails.json(try await call.desk.repairs.run(call.place("id")), call.language)) },
            APIOperation(
                method: .get, path: "\(Self.prefix)/comparisons/{id}/findings", id: "listFindings",
                summary: "What differs, one by one",
                note: "Without values and keys of rows.", access: Self.access, action: .see, places: Self.places,
                query: Self.chosen + APIPage.parameters,
                success: .init(status: 200, kind: APIPage.kind(of: Self.finding), note: "What differs."), problems: [404]
            ) { call in
                let run = try await call.desk.repairs.run(call.place("id"))
                try await call.desk.repairs.maySee(run, try call.visit)
                var filter = Self.filter { call.text($0) }
                filter.after = Int(clamping: try call.afterNumber() ?? 0)
                filter.limit = call.limit
                let findings = try await call.desk.store.findings(of: run.id, filter)
                return APIPage.answer(
                    findings, Self.finding, next: findings.count == call.limit ? findings.last.map { String($0.number) } : nil,
                    call)
            },
            APIOperation(
                method: .post, path: "\(Self.prefix)/comparisons/{id}/repair", id: "repairComparison",
                summary: "Have the hub mend what it can of what differs",
                note:
                    "With `dryRun` it only says what it would do. Beyond the system's limits it waits for somebody else's approval.",
                access: Self.access, places: Self.places,
                body: .fields(Self.chosen + [APIField("dryRun", .boolean, "Do nothing.")]),
                success: .init(status: 200, kind: Self.order.kind, note: "The repair; with `dryRun` as it would be."),
                problems: [404],
                isRepeatable: true, example: ["system": "unikum", "dryRun": true]
            ) { call in
                let run = try await call.desk.repairs.run(call.place("id"))
                let order = try await call.desk.repairs.repair(
                    run, Self.filter { call.word($0) }, isTrial: call.body["dryRun"]?.boolValue ?? false, try call.visit)
                return APIAnswer(Self.order.json(order, call.language))
            },
        ]
    }

    var repairs: [APIOperation] {
        let places = [Self.id("id", "The repair's id.")]
        return [
            APIOperation(
                method: .get, path: "\(Self.prefix)/repairs", id: "listRepairs", summary: "Repairs, the latest first",
                access: Self.access,
                query: APIPage.parameters, success: .init(status: 200, kind: APIPage.kind(of: Self.order), note: "The repairs.")
            ) { call in try call.page(try await call.desk.store.repairs(of: nil), Self.order) },
            APIOperation(
                method: .get, path: "\(Self.prefix)/repairs/{id}", id: "getRepair", summary: "One repair", access: Self.access,
                places: places, success: .init(status: 200, kind: Self.order.kind, note: "The repair."), problems: [404]
            ) { call in APIAnswer(Self.order.json(try await call.desk.repairs.order(call.place("id")), call.language)) },
        ]
            + [("approve", true), ("reject", false)].map { name, approves in
                APIOperation(
                    method: .post, path: "\(Self.prefix)/repairs/{id}/\(name)", id: "\(name)Repair",
                    summary: "\(name.capitalized) somebody else's repair", access: Self.access, action: .approveRepairs,
                    places: places,
                    body: .fields([Self.reason]),
                    success: .init(status: 200, kind: Self.order.kind, note: "The repair as it is then."), problems: [404],
                    isRepeatable: true, example: ["reason": "avstämt med skolan"]
                ) { call in
                    let order = try await call.desk.repairs.decide(
                        call.place("id"), approves: approves, reason: call.reason, try call.visit)
                    return APIAnswer(Self.order.json(order, call.language))
                }
            }
    }

    private static let chosen = [
        APIField("system", .text(least: 1, most: 200, isWord: true), "In this system."),
        APIField("situation", .choice(Situation.allCases.map(\.rawValue)), "Of this kind."),
        APIField("unit", .text(least: 1, most: 200, isWord: true), "At this school unit."),
    ]

    private static func filter(_ get: (String) -> String?) -> FindingFilter {
        var filter = FindingFilter()
        if let system = get("system") { filter.systems = [system] }
        if let situation = get("situation").flatMap(Situation.init(rawValue:)) { filter.situations = [situation] }
        if let unit = get("unit") { filter.units = [unit] }
        return filter
    }

    private static let run = APIShape<ReconcileRun>("Comparison", Self.members)

    private static let runDetails = APIShape<ReconcileRun>(
        "ComparisonDetails",
        Self.members + [
            .list("systems", Self.agreement, "System by system.") { $0.systems },
            .list("causes", Self.cause, "Why things differ, the most frequent first.") { $0.causes },
            .counts("units", "How many differ at each school unit, by its id; `-` for those of none.") { $0.units },
        ])

    private static let members: [APIShape<ReconcileRun>.Member] = [
        .text("id", "Its id.") { $0.id }, .choice("state", "How it stands.") { $0.state },
        .words("stateText", "The same in words.") { ReconcileWords($1).state($0) },
        .text("mode", "`full` or `changed`.") { $0.scope.mode.rawValue }, .text("madeBy", "Who asked for it.") { $0.madeBy },
        .instant("beganAt", "When it began.") { $0.beganAt }, .maybeInstant("endedAt", "When it ended.") { $0.endedAt },
        .share("agreement", "The share of rows on which both sides agree.") { $0.agreement },
        .count("differences", "Rows that differ.") { $0.differences },
        .count("inFlight", "Rows that are merely on their way.") { $0.inFlight },
        .count("repairable", "What the hub can mend.") { $0.repairable },
        .flag("isComplete", "Whether every system was read to its end.") { $0.isComplete },
        .maybe("problem", "Why it broke off.") { $0.problem },
    ]

    private static let agreement = APIShape<SystemAgreement>(
        "SystemAgreement",
        [
            .text("system", "The system.") { $0.system }, .text("state", "`waiting`, `done` or `unread`.") { $0.state.rawValue },
            .maybe("problem", "Why it couldn't be read.") { $0.problem },
            .share("agreement", "The share of rows on which both sides agree.") { $0.agreement },
            .count("expected", "Rows that should be there.") { $0.total.expected },
            .count("held", "Rows that are there.") { $0.total.held },
            .count("equal", "Rows that are there as they should be.") { $0.total.equal },
            .counts("situations", "How many findings there are of each kind.") { system in
                Dictionary(uniqueKeysWithValues: system.situations.map { ($0.key.rawValue, $0.value) })
            },
            .count("repairable", "What the hub can mend.") { $0.repairable },
            .maybeInstant("readAt", "As of when.") { $0.readAt },
        ])

    private static let cause = APIShape<ReconcileRun.CauseCount>(
        "DifferenceCause",
        [
            .count("count", "So many.") { $0.count }, .text("system", "The system.") { $0.system },
            .text("kind", "The kind of row.") { $0.kind },
            .choice("situation", "How they differ.") { $0.situation }, .choice("cause", "Why.") { $0.cause },
            .words("text", "The same in words.") {
                "\(ReconcileWords($1).situation($0.situation)): \(ReconcileWords($1).cause($0.cause))"
            },
            .maybe("field", "The field.") { $0.field }, .maybe("code", "The error, where a message failed.") { $0.code },
        ])

    private static let finding = APIShape<KeptFinding>(
        "Finding",
        [
            .count("number", "Within its comparison.") { $0.number }, .text("system", "The system.") { $0.finding.system },
            .text("kind", "The kind of row.") { $0.finding.kind },
            .choice("situation", "How it differs.") { $0.finding.situation },
            .choice("cause", "Why.") { $0.finding.cause }, .choice("remedy", "What helps.") { $0.finding.remedy },
            .words("remedyText", "The same in words.") { ReconcileWords($1).remedy($0.finding, run: $0.run, number: $0.number) },
            .choice("owner", "Whose task it is.") { $0.finding.owner },
            .texts("fields", "The fields that differ.") { $0.finding.fields.map(\.name) },
            .maybe("record", "`entity/id`.") { $0.finding.record?.description },
            .maybe("unit", "The school unit's id.") { $0.finding.unit },
            .maybeNumber("message", "The failed message's number.") { $0.finding.message },
            .maybe("held", "The mass change that it waits with.") { $0.finding.held },
            .instant("firstAt", "When it was found first.") { $0.firstAt },
            .maybe("repair", "The repair that it was put into.") { $0.repair },
        ])

    private static let order = APIShape<RepairOrder>(
        "Repair",
        [
            .text("id", "Its id.") { $0.id }, .text("comparison", "The comparison that it mends.") { $0.run },
            .text("state", "`waiting`, `sent`, `verified` or `rejected`.") { $0.state.rawValue },
            .words("stateText", "The same in words.") { ReconcileWords($1).state($0.state) },
            .count("differences", "What it mends.") { $0.findings.count },
            .list("parts", Self.orderPart, "By system and kind of row.") { $0.parts },
            .flag("needsApproval", "Whether somebody else must approve it.") { $0.needsApproval },
            .text("madeBy", "Who made it.") { $0.madeBy }, .instant("madeAt", "When.") { $0.madeAt },
            .maybe("decidedBy", "Who decided.") { $0.decidedBy }, .maybeInstant("decidedAt", "When.") { $0.decidedAt },
            .maybe("reason", "Why.") { $0.reason }, .count("records", "Records that were sent again.") { $0.records },
            .maybeCount("left", "What differed still when it was looked at.") { $0.left },
        ])

    private static let orderPart = APIShape<RepairOrder.Part>(
        "RepairPart",
        [
            .text("system", "The system.") { $0.system }, .text("kind", "The kind of row.") { $0.kind },
            .count("creates", "Rows that come.") { $0.creates }, .count("updates", "Rows that change.") { $0.updates },
            .count("deletes", "Rows that go.") { $0.deletes },
            .texts("excess", "What is more than the system's limits.") { $0.excess },
        ])
}
