import HTTPTypes
import Hub
import SchoolRecords

/// Mass changes that wait for a person.
extension OpsAPI {
    var heldChanges: [APIOperation] {
        let access = APIOperation.Access.area(.failed)
        let places = [Self.id("id", "The held change's id.")]
        return [
            APIOperation(
                method: .get, path: "\(Self.prefix)/held", id: "listHeld", summary: "Mass changes, the latest first",
                access: access,
                query: [
                    APIField(
                        "state", .choice(HeldChange.State.allCases.map(\.rawValue) + ["open", "any"]),
                        "Those in this state; `open`, with which somebody has something to do, unless it says otherwise."),
                    APIField("system", .text(), "Those of this system."),
                ] + APIPage.parameters,
                success: .init(status: 200, kind: APIPage.kind(of: Self.held), note: "The mass changes.")
            ) { call in
                var filter = HeldFilter()
                filter.system = call.text("system")
                switch call.text("state") {
                case nil, "open": filter.states = HeldChange.State.open
                case "any": break
                case .some(let state): filter.states = Set([HeldChange.State(rawValue: state)].compactMap(\.self))
                }
                return try call.page(try await call.desk.store.heldChanges(filter), Self.held)
            },
            APIOperation(
                method: .get, path: "\(Self.prefix)/held/{id}", id: "getHeld",
                summary: "One mass change: what is too much, and what strikes",
                note: "Counts and fields; no values.", access: access, places: places,
                success: .init(status: 200, kind: Self.heldDetails.kind, note: "The mass change."), problems: [404]
            ) { call in try await self.answer(try await call.desk.heldChanges.change(call.place("id")), call) },
            self.decision("approve", approves: true, "Let exactly this mass change through"),
            self.decision("reject", approves: false, "Keep this mass change out for as long as it is the same"),
        ]
    }

    private func decision(_ name: String, approves: Bool, _ summary: String) -> APIOperation {
        APIOperation(
            method: .post, path: "\(Self.prefix)/held/{id}/\(name)", id: "\(name)Held", summary: summary, access: .area(.failed),
            action: .approveChanges, places: [Self.id("id", "The held change's id.")], body: .fields([Self.reason]),
            success: .init(status: 200, kind: Self.heldDetails.kind, note: "The mass change as it is then."), problems: [404],
            isRepeatable: true, example: ["reason": "läsårsbyte, avstämt med skolan"]
        ) { call in
            let change = try await call.desk.heldChanges.change(call.place("id"))
            let decided = try await call.desk.heldChanges.decide(change, approves: approves, reason: call.reason, try call.visit)
            return try await self.answer(decided, call)
        }
    }

    private func answer(_ change: HeldChange, _ call: APICall) async throws -> APIAnswer {
        let held = HeldWithEvents(change: change, events: try await call.desk.store.events(ofHeld: change.id))
        return APIAnswer(Self.heldDetails.json(held, call.language))
    }

    struct HeldWithEvents: Sendable {
        let change: HeldChange
        let events: [HeldEvent]
    }

    private static let held = APIShape<HeldChange>("HeldChange", Self.members { $0 })

    private static let heldDetails = APIShape<HeldWithEvents>(
        "HeldChangeDetails",
        Self.members(\.change) + [
            .list("units", Self.heldUnit, "School units whose own changes are too many.") { $0.change.units },
            .list("kinds", Self.heldKind, "Kinds of row with too many changes.") { $0.change.kinds },
            .list("fields", Self.finding, "Which fields change in how many records.") { $0.change.findings },
            .counts("hints", "What strikes in the whole, with how many it is about.") { held in
                Dictionary(held.change.hints.map { ($0.kind.rawValue, $0.count) }) { first, _ in first }
            },
            .list("events", Self.event, "What has happened to it.") { $0.events },
        ])

    private static func members<Value>(_ get: @escaping @Sendable (Value) -> HeldChange) -> [APIShape<Value>.Member] {
        [
            .text("id", "Names exactly this set of changes.") { get($0).id },
            .choice("state", "What has become of it.") { get($0).state },
            .text("direction", "`source`: on its way in; `target`: on its way to a system.") { get($0).direction.rawValue },
            .text("system", "The source, the receiving system or the flow.") { get($0).system },
            .text("entity", "The entity; `rows` or `mappings` of a receiving system.") { get($0).entity },
            .count("living", "Records, or rows, that there are.") { get($0).living },
            .count("creates", "Those that would come.") { get($0).creates },
            .count("updates", "Those that would change.") { get($0).updates },
            .count("deletes", "Those that would go.") { get($0).deletes },
            .count("releases", "Persons whose protection would end.") { get($0).releases },
            .list("excess", Self.excess, "What is too much.") { get($0).excess },
            .instant("firstAt", "When it was found first.") { get($0).firstAt },
            .instant("lastAt", "When it was found last.") { get($0).lastAt },
            .maybe("decidedBy", "Who decided.") { get($0).decidedBy }, .maybeInstant("decidedAt", "When.") { get($0).decidedAt },
            .maybe("reason", "Why.") { get($0).reason },
        ]
    }

    private static let excess = APIShape<ChangeExcess>(
        "ChangeExcess",
        [
            .text("kind", "`creates`, `updates` or `deletes`.") { $0.kind.rawValue },
            .count("count", "So many.") { $0.count }, .count("limit", "Of at most so many.") { $0.limit },
        ])

    private static let heldUnit = APIShape<HeldUnit>(
        "HeldUnit",
        [
            .text("unit", "The school unit's id.") { $0.unit }, .count("living", "Records that there are.") { $0.living },
            .count("creates", "Those that would come.") { $0.creates },
            .count("updates", "Those that would change.") { $0.updates },
            .count("deletes", "Those that would go.") { $0.deletes },
            .list("excess", Self.excess, "What is too much.") { $0.excess },
        ])

    private static let heldKind = APIShape<HeldKind>(
        "HeldKind",
        [
            .text("kind", "The kind of row.") { $0.kind }, .count("living", "Rows that there are.") { $0.living },
            .count("creates", "Those that would come.") { $0.creates },
            .count("updates", "Those that would change.") { $0.updates },
            .count("deletes", "Those that would go.") { $0.deletes },
            .list("excess", Self.excess, "What is too much.") { $0.excess },
        ])

    private static let finding = APIShape<FieldFinding>(
        "ChangedField",
        [
            .text("field", "The field.") { $0.field }, .count("count", "In how many of the records that change.") { $0.count },
            .count("of", "How many records change.") { $0.of },
        ])

    private static let event = APIShape<HeldEvent>(
        "HeldEvent",
        [
            .instant("time", "When.") { $0.time }, .text("event", "`held`, a state, or `values-shown`.") { $0.event },
            .maybe("by", "Who did it.") { $0.by }, .maybe("note", "What is to be said of it.") { $0.note },
        ])
}
