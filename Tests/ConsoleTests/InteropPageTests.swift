import Foundation
import Hub
import Reconciliation
import SchoolRecords
import Testing

@Suite("The console shows how the systems play together")
struct InteropPageTests {
    @Test func `each system and kind of record says in words how it does, and leads to what differs and fails`() async throws {
        try await ConsoleWorld.with { world in
            let time = HubClock.system.timestamp
            try await world.take([(.person, ["id": "p1", "givenName": "Prov", "familyName": "Provsson"])])
            let failure = NewFailure(
                stage: .delivery, system: "unikum", key: RecordKey(.person, "p1"), sequence: 1, kind: "mapping", code: "c",
                field: nil, place: nil, message: "m", body: Data("{}".utf8))
            try await world.store.record([failure], time: time)
            let page = try await world.get("/agreement/interop")
            #expect(page.status == 200 && page.body.contains("använt, inte jämfört") && page.body.contains("aldrig använt"))
            #expect(page.body.contains("1 poster") && page.body.contains("1 misslyckade"))
            #expect(page.body.contains("/failed/list?system=unikum&amp;entity=person") && !page.body.contains("<strong>avstängt"))
            let all = try await world.get("/agreement/interop?show=all", headers: [("Accept-Language", "en")])
            #expect(all.body.contains("<strong>switched off") && all.body.contains("exercised, not compared"))
            let csv = try await world.get("/agreement/interop.csv")
            #expect(csv.body.contains("unikum,target,person,differing,0,,"))
            #expect(csv.body.contains("edlevo,source,person,exercised,1,"))
            // Who may not look at failed messages is told of them all the same, and not led there.
            let officer = try await world.get("/agreement/interop", as: "session=role-data-protection-officer")
            #expect(officer.body.contains("1 misslyckade") && !officer.body.contains("/failed/list"))
        }
    }

    @Test func `what differs is counted in its cell, and leads to the comparison's differences for who may see them`()
        async throws
    {
        try await ConsoleWorld.with { world in
            let time = HubClock.system.timestamp
            var run = ReconcileRun(
                id: "run-7", scope: ReconcileScope(), madeBy: "ada", beganAt: time, mappings: "m", systems: ["unikum"])
            var tally = RowTally()
            (tally.expected, tally.held, tally.equal) = (4, 3, 3)
            run.systems[0].state = .done
            run.systems[0].rows = ["person": tally]
            run.state = .done
            try await world.store.keep(run)
            let finding = Finding(
                system: "unikum", kind: "person", key: "k", situation: .missing, cause: .lost, remedy: .sendAgain)
            try await world.store.add([finding], to: run.id, from: 1, earlier: nil, time: time)
            let page = try await world.get("/agreement/interop")
            #expect(page.body.contains("75,0 % stämmer") && page.body.contains("1 skiljer"))
            #expect(page.body.contains("/agreement/runs/run-7/findings?system=unikum"))
            let viewer = try await world.get("/agreement/interop", as: "session=role-viewer")
            #expect(viewer.body.contains("1 skiljer") && !viewer.body.contains("run-7"))
        }
    }

    @Test func `each field says what becomes of it in each system`() async throws {
        try await ConsoleWorld.with { world in
            let page = try await world.get("/agreement/fields?entity=person")
            #expect(page.status == 200 && page.body.contains("person.familyName") && page.body.contains("omvandlad"))
            #expect(page.body.contains("Ingen sond har varit ute") && !page.body.contains("duty.dutyRole"))
            let one = try await world.get("/agreement/fields?entity=person&system=unikum")
            #expect(one.body.contains(">unikum</th>") && !one.body.contains("<th scope=\"col\">vega</th>"))
            let csv = try await world.get("/agreement/fields.csv?entity=person")
            #expect(csv.body.contains("person.familyName,edlevo,unikum,"))
        }
    }
}
