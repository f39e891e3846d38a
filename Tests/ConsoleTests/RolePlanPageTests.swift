import Foundation
import Hub
import Mapping
import NIOHTTP1
import SchoolRecords
import Testing

@testable import Provisioning

@Suite("The console shows role plans and takes decisions about them")
struct RolePlanPageTests {
    private static let markup = "<img src=x onerror=alert(1)>"

    private static func step(_ person: String, _ unit: String, _ action: PlanEntry.Action = .grant) -> PlanEntry {
        let key = GrantKey(
            person: person, name: RoleName(system: "unikum", role: "larare"), scope: .unit(unit))
        let grant = RoleGrant(id: key.id, person: person, system: "unikum", role: "larare", organisation: unit)
        return PlanEntry(
            key: key, action: action, unit: unit, before: action == .grant ? nil : grant, after: action == .revoke ? nil : grant,
            cause: action == .revoke ? .noRule : nil)
    }

    /// A plan of grace's, for two schools.
    private static func keep(in world: ConsoleWorld) async throws -> KeptRolePlan {
        let plan = RolePlan(
            request: .init(date: CalendarDate(year: 2026, month: 8, day: 17), term: "HT2026"), policyVersion: "p",
            stateVersion: "s",
            steps: [Self.step("p1", "school-a"), Self.step(Self.markup, "school-b"), Self.step("p3", "school-b", .revoke)])
        return try await world.store.keep(
            plan.kept(by: "grace", time: HubClock.system.timestamp), document: plan.json.canonicalData)
    }

    @Test func `a plan says what it does where, and who may decide is offered it`() async throws {
        try await ConsoleWorld.with { world in
            let kept = try await Self.keep(in: world)
            let list = try await world.get("/roles")
            #expect(list.body.contains("HT2026") && list.body.contains("/roles/\(kept.id)") && list.body.contains("0/2"))
            let page = try await world.get("/roles/\(kept.id)")
            #expect(page.status == 200 && page.body.contains("school-a") && page.body.contains("school-b"))
            #expect(page.body.contains("Godkänn allt") && !page.body.contains(Self.markup))
            #expect(page.body.contains("&lt;img src=x onerror=alert(1)&gt;"))
            // Nobody approves a plan of their own.
            #expect(try await !world.get("/roles/\(kept.id)", as: ConsoleWorld.asGrace).body.contains("/approve"))
            let csv = try await world.get("/roles/\(kept.id)/steps.csv")
            #expect(csv.body.split(whereSeparator: \.isNewline).count == 4)
        }
    }

    @Test func `who has to do with one school sees and approves that school's part alone`() async throws {
        try await ConsoleWorld.with { world in
            let kept = try await Self.keep(in: world)
            let page = try await world.get("/roles/\(kept.id)", as: ConsoleWorld.asRut)
            #expect(page.body.contains("school-a") && !page.body.contains("school-b") && !page.body.contains("Godkänn allt"))
            let csv = try await world.get("/roles/\(kept.id)/steps.csv", as: ConsoleWorld.asRut)
            #expect(!csv.body.contains("school-b"))
            let form: KeyValuePairs = ["csrf": "form-of-rut", "reason": "seen", "unit": "school-b"]
            let foreign = try await world.post("/roles/\(kept.id)/approve", form, as: ConsoleWorld.asRut)
            let all = try await world.post(
                "/roles/\(kept.id)/approve", ["csrf": "form-of-rut", "reason": "seen"], as: ConsoleWorld.asRut)
            let applied = try await world.post("/roles/\(kept.id)/apply", ["csrf": "form-of-rut"], as: ConsoleWorld.asRut)
            #expect([foreign.status, all.status, applied.status] == [403, 403, 403] && world.ordered.value.isEmpty)
            let own = try await world.post(
                "/roles/\(kept.id)/approve", ["csrf": "form-of-rut", "reason": "seen", "unit": "school-a"], as: ConsoleWorld.asRut
            )
            #expect(own.status == 303)
            #expect(world.ordered.value.count == 1)
            let order = try #require(world.ordered.value.first)
            #expect(order.contains("school-a") && order.contains("rut") && !order.contains("school-b"))
        }
    }

    @Test func `what is approved is carried out, or stopped`() async throws {
        try await ConsoleWorld.with { world in
            let kept = try await Self.keep(in: world)
            #expect(try await !world.get("/roles/\(kept.id)").body.contains("Genomför det godkända"))
            try await world.store.approve(
                rolePlan: kept.id, units: ["school-a"], by: "ada", reason: "seen", time: HubClock.system.timestamp)
            #expect(try await world.get("/roles/\(kept.id)").body.contains("Genomför det godkända"))
            #expect(try await world.post("/roles/\(kept.id)/apply", ["csrf": "form-of-ada"]).status == 303)
            #expect(try await world.post("/roles/\(kept.id)/stop", ["csrf": "form-of-ada"]).status == 303)
            #expect(world.ordered.value == ["apply \(kept.id) ada", "stop \(kept.id) ada"])
            #expect(try await world.post("/roles/nothing/apply", ["csrf": "form-of-ada"]).status == 404)
        }
    }

    @Test func `a plan is asked for by term, systems and school, and leads to the plan`() async throws {
        try await ConsoleWorld.with { world in
            let form = try await world.get("/roles/new")
            #expect(form.status == 200 && form.body.contains("value=\"unikum\"") && form.body.contains("name=\"term\""))
            let made = try await world.post(
                "/roles/new", ["csrf": "form-of-ada", "term": "HT2026", "system": "unikum", "unit": "school-b"])
            #expect(made.status == 303 && made.headers.first(name: "location")?.hasPrefix("/roles/plan-made") == true)
            let nothing = try await world.post("/roles/new", ["csrf": "form-of-ada", "term": "VT2027"])
            #expect(nothing.status == 303 && nothing.headers.first(name: "location")?.contains("nothing-to-plan") == true)
            #expect(world.ordered.value == ["plan HT2026 [\"unikum\"] school-b ada", "plan VT2027 [] - ada"])
            let wrong = try await world.post("/roles/new", ["csrf": "form-of-ada", "day": "den 17"])
            #expect(wrong.status == 422 && world.ordered.value.count == 2)
            // Who has to do with one school plans for that school alone.
            let all = try await world.post("/roles/new", ["csrf": "form-of-rut", "term": "HT2026"], as: ConsoleWorld.asRut)
            let own = try await world.post(
                "/roles/new", ["csrf": "form-of-rut", "term": "HT2026", "unit": "school-a"], as: ConsoleWorld.asRut)
            #expect(all.status == 403 && own.status == 303)
        }
    }

    @Test func `why somebody has a role is told by rule, and markup in it is text`() async throws {
        try await ConsoleWorld.with { world in
            let form = try await world.get("/roles/explain?id=p1")
            #expect(form.body.contains("value=\"p1\"") && form.body.contains("value=\"unikum/"))
            let told = try await world.post("/roles/explain", ["csrf": "form-of-ada", "id": "person/p1", "reason": "case 1"])
            #expect(told.status == 200 && told.body.contains("unikum larare"))
            #expect(told.body.contains("&lt;b&gt;rule&lt;/b&gt; (roles.yaml:7)") && !told.body.contains("<b>rule"))
            let missing = try await world.post(
                "/roles/explain", ["csrf": "form-of-ada", "id": "p1", "reason": "case 1", "role": "unikum/mentor"])
            #expect(missing.body.contains("about mentor"))
            let hidden = try await world.post("/roles/explain", ["csrf": "form-of-ada", "id": "hidden", "reason": "case 1"])
            #expect(hidden.body.contains("Skyddade personuppgifter") && !hidden.body.contains("unikum larare"))
            #expect(
                world.ordered.value == ["explain p1 - case 1 ada", "explain p1 mentor case 1 ada", "explain hidden - case 1 ada"])
            let unreasoned = try await world.post("/roles/explain", ["csrf": "form-of-ada", "id": "p1"])
            #expect(unreasoned.status == 422 && world.ordered.value.count == 3)
        }
    }

    @Test func `a plan that is being carried out tells how far it has come, until it is over`() async throws {
        try await ConsoleWorld.with { world in
            let kept = try await Self.keep(in: world)
            let time = HubClock.system.timestamp
            #expect(try await !world.get("/roles/\(kept.id)").body.contains("data-live"))
            for unit in ["school-a", "school-b"] {
                try await world.store.approve(rolePlan: kept.id, units: [unit], by: "ada", reason: "seen", time: time)
            }
            let plan = try RolePlan(json: JSONValue(parsing: try #require(await world.store.rolePlanDocument(kept.id))))
            let steps = RoleRun.steps(of: plan, units: ["school-a", "school-b"], sequences: [:])
            try await world.store.start(rolePlan: kept.id, steps: steps, by: "ada", time: time)
            let running = try await world.get("/roles/\(kept.id)")
            #expect(running.body.contains("data-live=\"/live/roles/\(kept.id)\"") && running.body.contains("0 av 3"))
            try await world.store.end(rolePlan: kept.id, .stopped, by: "ada", time: time)
            // The stream ends by itself when the plan is over: the whole answer is read.
            let live = try await world.get("/live/roles/\(kept.id)")
            #expect(live.body.contains("event: end") && live.body.contains("stoppad"))
            #expect(try await world.get("/live/roles/nothing").status == 404)
        }
    }
}
