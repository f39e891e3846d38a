import Foundation
import Hub
import Mapping
import SchoolRecords
import Testing

@testable import Console
@testable import Provisioning

/// Every address of the console, asked for by every role, with all units and with one.
@Suite("Each address lets in the roles that it is for")
struct RouteRightsTests {
    /// An address, what it belongs to, and what it does.
    struct Route: Sendable, CustomStringConvertible {
        let path: String
        let area: ConsoleArea
        /// `nil` for what is only shown.
        var action: Permissions.Action?
        /// Whether showing it takes an action too.
        var isForm = false
        var form: [String: String] = [:]
        /// What it takes on some unit or other, to be shown.
        var leadsTo: Permissions.Action?
        /// Whether it is about all units, whatever it takes.
        var isOfAll = false

        var description: String { "\(self.isForm ? "POST" : "GET") \(self.path)" }
    }

    static let shown: [Route] = [
        Route(path: "/", area: .overview), Route(path: "/account", area: .overview), Route(path: "/messages", area: .messages),
        Route(path: "/messages/changes", area: .messages), Route(path: "/messages/changes.csv", area: .messages),
        Route(path: "/messages/trace?record=duty/d1", area: .messages), Route(path: "/failed", area: .failed),
        Route(path: "/failed/groups.csv", area: .failed), Route(path: "/failed/list", area: .failed),
        Route(path: "/failed/list.csv", area: .failed), Route(path: "/failed/1", area: .failed),
        Route(path: "/failed/replays", area: .failed), Route(path: "/failed/replays/BATCH", area: .failed),
        Route(path: "/held", area: .failed), Route(path: "/held/list.csv", area: .failed),
        Route(path: "/held/HELD", area: .failed),
        Route(path: "/agreement", area: .agreement), Route(path: "/agreement/runs/RUN", area: .agreement),
        Route(path: "/agreement/runs/RUN/findings", area: .agreement, action: .see),
        Route(path: "/agreement/runs/RUN/findings.csv", area: .agreement, action: .see),
        Route(path: "/agreement/repairs", area: .agreement), Route(path: "/roles", area: .roles),
        Route(path: "/roles/PLAN", area: .roles), Route(path: "/roles/PLAN/steps.csv", area: .roles),
        Route(path: "/person", area: .person), Route(path: "/roles/explain", area: .person),
        Route(path: "/roles/new", area: .roles, leadsTo: .planRoles),
        Route(path: "/mappings", area: .mappings), Route(path: "/mappings/list.csv", area: .mappings),
        Route(path: "/mappings/problems", area: .mappings), Route(path: "/mappings/problems.csv", area: .mappings),
        Route(path: "/mappings/codes", area: .mappings), Route(path: "/mappings/codes.csv", area: .mappings),
        Route(path: "/mappings/codes?system=unikum", area: .mappings, isOfAll: true),
        Route(path: "/mappings/preview", area: .mappings),
        Route(path: "/mappings/preview?file=unikum/person.yaml", area: .mappings),
        Route(path: "/mappings/SYSTEM/WAY/ENTITY", area: .mappings),
        Route(path: "/mappings/SYSTEM/WAY/ENTITY/fields.csv", area: .mappings),
        Route(path: "/agreement/interop", area: .agreement), Route(path: "/agreement/interop.csv", area: .agreement),
        Route(path: "/agreement/fields", area: .agreement), Route(path: "/agreement/fields.csv", area: .agreement),
        Route(path: "/statistics", area: .statistics), Route(path: "/statistics/lessons.csv", area: .statistics),
        Route(path: "/privacy", area: .privacy), Route(path: "/privacy/fields.csv", area: .privacy),
        Route(path: "/privacy/log", area: .privacy, isOfAll: true),
        Route(path: "/privacy/log.csv", area: .privacy, isOfAll: true),
        Route(path: "/privacy/log/check", area: .privacy, isOfAll: true),
        Route(path: "/settings", area: .settings, isOfAll: true), Route(path: "/settings/checks", area: .settings, isOfAll: true),
        Route(path: "/settings/configuration", area: .settings, isOfAll: true),
        Route(path: "/settings/configuration.csv", area: .settings, isOfAll: true),
        Route(path: "/upload", area: .intake),
    ]

    private static func form(
        _ path: String, _ area: ConsoleArea, _ action: Permissions.Action?, _ form: [String: String] = [:], isOfAll: Bool = false
    ) -> Route {
        Route(path: path, area: area, action: action, isForm: true, form: form, isOfAll: isOfAll)
    }

    static let done: [Route] = [
        form("/failed/1/content", .failed, .see, ["reason": "r"]),
        form("/failed/1/edit", .failed, .edit, ["reason": "r", "path": "a", "value": "b"]),
        form("/failed/1/approve", .failed, .approve), form("/failed/1/undo", .failed, .edit),
        form("/failed/1/discard", .failed, .discard, ["reason": "r"]),
        form("/failed/replay", .failed, .replay, ["id": "1", "do": "try"]),
        form("/failed/replays/BATCH/start", .failed, .replay), form("/failed/replays/BATCH/pause", .failed, .replay),
        form("/failed/replays/BATCH/resume", .failed, .replay), form("/failed/replays/BATCH/cancel", .failed, .replay),
        form("/held/HELD/values", .failed, .see, ["reason": "r"]),
        form("/held/HELD/approve", .failed, .approveChanges, ["reason": "r"]),
        form("/held/HELD/reject", .failed, .approveChanges, ["reason": "r"]),
        form("/agreement/runs", .agreement, .reconcile, ["mode": "full"]),
        form("/agreement/runs/RUN/repair", .agreement, .repair, ["do": "send"]),
        form("/agreement/repairs/REPAIR", .agreement, .approveRepairs, ["do": "reject", "reason": "r"]),
        form("/roles/PLAN/approve", .roles, .approveRoles, ["reason": "r"]),
        form("/roles/PLAN/apply", .roles, .applyRoles), form("/roles/PLAN/stop", .roles, .applyRoles),
        form("/person", .person, nil, ["id": "p1", "reason": "r"]),
        form("/roles/new", .roles, .planRoles, ["term": "HT2026"]),
        form("/roles/explain", .person, .see, ["id": "p1", "reason": "r"]),
        form("/mappings/SYSTEM/WAY/ENTITY/explain", .mappings, nil, ["id": "p1", "reason": "r"], isOfAll: true),
        form("/mappings/SYSTEM/WAY/ENTITY/explain", .mappings, .see, ["id": "p1", "reason": "r", "values": "yes"]),
        form("/mappings/preview", .mappings, nil, ["file": "unikum/person.yaml", "text": "a: b"], isOfAll: true),
        form("/privacy/log/person", .privacy, nil, ["id": "p1"], isOfAll: true),
        form("/settings/checks", .settings, nil, isOfAll: true),
    ]

    /// What the addresses are about.
    static func plant(in world: ConsoleWorld) async throws -> [String: String] {
        let time = HubClock.system.timestamp
        try await world.store.record(
            [
                NewFailure(
                    stage: .delivery, system: "unikum", key: RecordKey(.duty, "d1"), sequence: 1, kind: "mapping",
                    code: "value-without-code", field: nil, place: nil, message: "m", body: Data("{}".utf8))
            ], time: time)
        let batch = try await world.store.select(FailureFilter(), plan: ReplayPlan(), by: "ada", time: time)
        var run = ReconcileRun(
            id: "run-1", scope: ReconcileScope(), madeBy: "ada", beganAt: time, mappings: "m", systems: ["unikum"])
        run.state = .done
        try await world.store.keep(run)
        try await world.store.keep(
            RepairOrder(
                id: "repair-1", run: run.id, state: .waiting, findings: [1], parts: [.init(system: "unikum", kind: "duty")],
                madeBy: "nobody", madeAt: time))
        let key = GrantKey(person: "p1", name: RoleName(system: "unikum", role: "larare"), scope: .unit("school-a"))
        let grant = RoleGrant(id: key.id, person: "p1", system: "unikum", role: "larare", organisation: "school-a")
        let plan = RolePlan(
            request: .init(date: CalendarDate(year: 2026, month: 8, day: 17)), policyVersion: "p", stateVersion: "s",
            steps: [PlanEntry(key: key, action: .grant, unit: "school-a", after: grant)])
        let kept = try await world.store.keep(plan.kept(by: "nobody", time: time), document: plan.json.canonicalData)
        let held = try await HeldPageTests.hold(in: world)
        return [
            "HELD": held.id, "BATCH": batch.id, "RUN": run.id, "PLAN": kept.id, "REPAIR": "repair-1", "SYSTEM": "unikum",
            "WAY": "out", "ENTITY": "person",
        ]
    }

    static func filled(_ path: String, _ names: [String: String]) -> String {
        names.reduce(path) { $0.replacing($1.key, with: $1.value) }
    }

    @Test(arguments: ConsoleRole.allCases, [false, true])
    func `a role gets what its table says, and with one unit nothing that is about all`(role: ConsoleRole, hasOneUnit: Bool)
        async throws
    {
        try await ConsoleWorld.with { world in
            let names = try await Self.plant(in: world)
            let name = "role-\(role.rawValue)" + (hasOneUnit ? "@school-z" : "")
            for route in Self.shown + Self.done {
                let path = Self.filled(route.path, names)
                var may = role.areas.contains(route.area)
                if let action = route.action { may = may && role.actions.contains(action) && !hasOneUnit }
                if let action = route.leadsTo { may = may && role.actions.contains(action) }
                if route.isOfAll { may = may && !hasOneUnit }
                // A person belongs to no unit that could be told beforehand.
                if route.isForm, route.area == .person { may = may && !hasOneUnit }
                let form = route.form.merging(["csrf": "form-of-\(name)"]) { $1 }
                let answer =
                    route.isForm
                    ? try await world.post(path, pairs: form, as: "session=\(name)")
                    : try await world.get(path, as: "session=\(name)")
                #expect((answer.status != 403) == may, "\(route) \(role.rawValue) \(answer.status)")
                #expect(answer.status < 500, "\(route) \(role.rawValue)")
            }
        }
    }

    @Test func `nobody gets in without a session, whatever they ask for`() async throws {
        try await ConsoleWorld.with { world in
            let names = try await Self.plant(in: world)
            for route in Self.shown + Self.done {
                let path = Self.filled(route.path, names)
                for cookie in [nil, "session=", "session=mallory"] {
                    let answer =
                        route.isForm
                        ? try await world.post(path, pairs: route.form, as: cookie) : try await world.get(path, as: cookie)
                    #expect(answer.status == (route.isForm ? 401 : 303), "\(route)")
                    #expect(!answer.body.contains("value-without-code"), "\(route)")
                }
            }
        }
    }

    @Test func `the table has every address that there is`() async throws {
        try await ConsoleWorld.with { world in
            let open: Set = [
                "GET /sign-in", "POST /sign-in", "POST /sign-out", "POST /account/password", "GET /sign-in/openid",
                "GET /sign-in/openid/callback",
                "GET /language", "GET /**", "GET /live/overview", "GET /live/replays/:",
                "GET /live/roles/:",
                // A form with files: UploadPageTests.
                "POST /upload",
            ]
            let known = Set(
                (Self.shown + Self.done).map { route in
                    let path = route.path.split(separator: "?")[0].split(separator: "/").map { part in
                        part == "1" || ["BATCH", "RUN", "PLAN", "REPAIR", "HELD", "SYSTEM", "WAY", "ENTITY"].contains(part)
                            ? ":" : part
                    }
                    return (route.isForm ? "POST /" : "GET /") + path.joined(separator: "/")
                })
            for address in world.addresses where !address.hasPrefix("GET /assets/") && !open.contains(address) {
                #expect(known.contains(address), "\(address)")
            }
            #expect(world.addresses.count > known.count)
        }
    }
}
