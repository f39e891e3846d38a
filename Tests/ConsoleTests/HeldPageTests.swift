import Foundation
import SchoolRecords
import Testing

@testable import Console
@testable import Hub

@Suite("The console shows mass changes that wait, and lets exactly these through")
struct HeldPageTests {
    private static let markup = "<script>alert(1)</script>"

    /// A source that would take 40 of 50 persons away.
    static func hold(in world: ConsoleWorld, state: HeldChange.State = .held) async throws -> HeldChange {
        let change = HeldChange(
            id: "edlevo-person-1f2e3d4c", direction: .source, system: "edlevo", entity: "person", mode: "full", living: 50,
            counts: ChangeCounts(updates: 2, deletes: 40), excess: [ChangeExcess(kind: .deletes, count: 40, limit: 20)],
            units: [
                HeldUnit(
                    unit: Self.markup, living: 50, creates: 0, updates: 2, deletes: 40,
                    excess: [ChangeExcess(kind: .deletes, count: 40, limit: 20)])
            ], hints: [SetHint(.wholeUnits, 1)],
            findings: [FieldFinding(field: "familyName", count: 2, of: 50)], state: state, time: HubClock.system.timestamp)
        let key = RecordKey(.person, "p1")
        _ = try await world.store.take(
            [RecordState(key: key, owner: "p1", body: Data(#"{"id":"p1"}"#.utf8))], withheld: [], failures: [], source: "edlevo",
            time: HubClock.system.timestamp)
        let sample = HeldSample(
            key: key, change: .updates, fields: [.init(name: "familyName", before: "Provsson", after: Self.markup)])
        try await world.store.hold(change, marks: [1, 2], samples: [sample])
        return change
    }

    @Test func `a set that waits is listed, says why, and shows values only to who gives a reason`() async throws {
        try await ConsoleWorld.with { world in
            let empty = try await world.get("/held")
            #expect(empty.status == 200 && empty.body.contains("Ingenting väntar"))
            let change = try await Self.hold(in: world)
            let list = try await world.get("/held")
            #expect(list.body.contains("/held/\(change.id)") && list.body.contains("2 ändrade, 40 borttagna av 50"))
            #expect(try await !world.get("/held?system=unikum").body.contains(change.id))
            let csv = try await world.get("/held/list.csv")
            #expect(csv.body.split(whereSeparator: \.isNewline).count == 2)
            let page = try await world.get("/held/\(change.id)")
            #expect(page.body.contains("för många: 40 borttagna, gränsen är 20") && page.body.contains("familyName"))
            #expect(!page.body.contains("Provsson") && !page.body.contains(Self.markup))
            let unreasoned = try await world.post("/held/\(change.id)/values", ["csrf": "form-of-ada"])
            #expect(unreasoned.status == 422)
            let values = try await world.post("/held/\(change.id)/values", ["csrf": "form-of-ada", "reason": "case 1"])
            #expect(values.body.contains("Provsson") && !values.body.contains(Self.markup))
            let shown = try await world.store.events(ofHeld: change.id).filter { $0.event == "values-shown" }
            #expect(shown.map(\.by) == ["ada"] && shown.map(\.note) == ["case 1"])
        }
    }

    @Test func `an approval and a rejection are kept with name and reason, and what is decided can't be decided again`()
        async throws
    {
        try await ConsoleWorld.with { world in
            let change = try await Self.hold(in: world)
            let form: KeyValuePairs = ["csrf": "form-of-ada", "reason": "new school year"]
            #expect(try await world.post("/held/\(change.id)/approve", ["csrf": "form-of-ada"]).status == 422)
            #expect(try await world.post("/held/\(change.id)/approve", form).status == 303)
            let approved = try #require(try await world.store.heldChanges(HeldFilter()).first)
            #expect(approved.state == .approved && approved.decidedBy == "ada" && approved.reason == "new school year")
            #expect(try await !world.get("/held/\(change.id)").body.contains("/approve\""))
            #expect(try await world.post("/held/\(change.id)/approve", form).status == 422)
            #expect(try await world.post("/held/\(change.id)/reject", form).status == 303)
            #expect(try await world.store.heldChanges(HeldFilter()).first?.state == .rejected)
            #expect(try await world.post("/held/nothing/approve", form).status == 404)
            // A set is about all schools: who has to do with one doesn't decide about it.
            let one = try await world.post(
                "/held/\(change.id)/approve", ["csrf": "form-of-rut", "reason": "r"], as: ConsoleWorld.asRut)
            #expect(one.status == 403)
            let forged = try await world.post("/held/\(change.id)/approve", ["csrf": "form-of-grace", "reason": "r"])
            #expect(forged.status == 403)
            #expect(try await world.store.heldChanges(HeldFilter()).first?.state == .rejected)
        }
    }
}
