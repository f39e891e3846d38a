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
