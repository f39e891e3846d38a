import Foundation
import Hub
import KnutpunktApp
import SchoolRecords

/// Everything that the console and the interfaces show, asked for by an administrator.
extension LeakWorld {
    private static let pages = [
        "/", "/account", "/messages", "/messages/changes", "/messages/changes.csv", "/failed", "/failed/groups.csv",
        "/failed/list",
        "/failed/list.csv", "/failed/replays", "/held", "/held/list.csv", "/agreement", "/agreement/repairs",
        "/agreement/interop",
        "/agreement/interop.csv", "/agreement/fields", "/agreement/fields.csv", "/roles", "/roles/new", "/roles/explain",
        "/person",
        "/mappings", "/mappings/list.csv", "/mappings/problems", "/mappings/problems.csv", "/mappings/codes",
        "/mappings/codes.csv",
        "/mappings/codes?system=unikum", "/mappings/unikum/out/person", "/mappings/unikum/out/duty", "/mappings/preview",
        "/mappings/preview?file=unikum%2Fperson.yaml", "/statistics", "/statistics/lessons.csv", "/privacy",
        "/privacy/fields.csv",
        "/privacy?system=unikum", "/privacy/log", "/privacy/log.csv", "/privacy/log/check", "/settings", "/settings/checks",
        "/settings/configuration", "/settings/configuration.csv", "/upload",
    ]

    private static let lists = [
        "/api/v1/me", "/api/v1/health", "/api/v1/alarms", "/api/v1/systems", "/api/v1/systems/unikum", "/api/v1/queues",
        "/api/v1/failed-groups", "/api/v1/failed?limit=500", "/api/v1/held", "/api/v1/replays", "/api/v1/comparisons",
        "/api/v1/repairs",
        "/api/v1/role-plans", "/api/v1/role-readiness", "/api/v1/audit?limit=500",
    ]

    /// - Returns: how many answers were right.
    @discardableResult
    mutating func walk() async throws -> Int {
        guard let url = self.rehearsal.consoleURL else { return 0 }
        let context = self.rehearsal.context
        var change = HubContext.ConsoleUserChange()
        (change.displayName, change.roles) = ("Ada", ["administrator", "operator", "approver", "support"])
        _ = try await context.addConsoleUser("ada", change, password: Self.password, by: "test", language: .en)
        var wish = HubContext.TokenWish()
        wish.roles = ["administrator", "operator", "approver", "support"]
        let token = try await context.addToken("walker", wish, by: "test", language: .en)
        var program = ConsoleVisit(url: url, token: token)
        var visit = ConsoleVisit(url: url)
        try await visit.signIn("ada", Self.password)
        let (pages, places) = try await self.found()
        for path in Self.pages + pages { try await visit.get(path) }
        for path in Self.lists + places { try await program.get(path) }
        var metrics = ConsoleVisit(url: self.operations)
        for path in ["/metrics", "/health", "/health/live", "/health/ready"] { try await metrics.get(path) }
        let known = visit.answers + program.answers + metrics.answers
        for answer in known { self.said.append((answer.place, answer.bytes)) }
        try await self.ask(&visit, &program)
        return known.count { $0.status == 200 }
    }

    /// Addresses of what there is.
    private func found() async throws -> (pages: [String], places: [String]) {
        let store = self.rehearsal.context.store
        var filter = FailureFilter()
        filter.states = Set(FailedMessage.State.allCases)
        filter.limit = 60
        let failures = try await store.list(filter).map { "\($0.id)" }
        let plans = try await store.rolePlans(limit: 3).map(\.id)
        let runs = try await store.reconcileRuns(states: Set(ReconcileRun.State.allCases), limit: 3).map(\.id)
        let batches = try await store.batches(limit: 5).map(\.id)
        let changes = try await store.heldChanges(HeldFilter()).prefix(5).map(\.id)
        var (pages, places): ([String], [String]) = ([], [])
        for id in failures {
            pages.append("/failed/\(id)")
            places.append("/api/v1/failed/\(id)")
        }
        for id in plans {
            pages += ["/roles/\(id)", "/roles/\(id)/steps.csv"]
            places += ["/api/v1/role-plans/\(id)", "/api/v1/role-plans/\(id)/steps?limit=500"]
        }
        for id in runs {
            pages += ["/agreement/runs/\(id)", "/agreement/runs/\(id)/findings", "/agreement/runs/\(id)/findings.csv"]
            places += ["/api/v1/comparisons/\(id)", "/api/v1/comparisons/\(id)/findings?limit=500"]
        }
        for id in batches {
            pages.append("/failed/replays/\(id)")
            places += ["/api/v1/replays/\(id)", "/api/v1/replays/\(id)/items", "/api/v1/replays/\(id)/forecast"]
        }
        for id in changes {
            pages.append("/held/\(id)")
            places.append("/api/v1/held/\(id)")
        }
        for key in try await store.vaultRecords().map(\.opaqueKey).prefix(20) {
            pages.append("/messages/trace?record=\(key)")
            places.append("/api/v1/traces?record=\(key)")
        }
        return (pages, places)
    }

    /// What is shown of a canary when somebody asks by its id, and of failed messages. The id that was asked by stands in the answer.
    private mutating func ask(_ visit: inout ConsoleVisit, _ program: inout ConsoleVisit) async throws {
        func keep(_ answer: ConsoleVisit.Answer, _ id: String) {
            self.said.append((answer.place, Array(String(decoding: answer.bytes, as: UTF8.self).replacing(id, with: "ID").utf8)))
        }
        for canary in self.canaries.all.prefix(8) {
            let reason = ["id": canary.id, "reason": "in the test", "values": "yes"]
            for path in ["/person", "/roles/explain", "/mappings/unikum/out/person/explain", "/privacy/log/person"] {
                try await visit.get(path.hasPrefix("/privacy") ? "/privacy/log" : path.replacing("/explain", with: ""))
                keep(try await visit.post(path, reason), canary.id)
            }
            keep(
                try await program.send(
                    "/api/v1/persons/show", ["id": .string(canary.id), "reason": "in the test", "values": true]),
                canary.id)
        }
        let store = self.rehearsal.context.store
        for failure in try await store.list(FailureFilter()).prefix(20) {
            try await visit.get("/failed/\(failure.id)")
            keep(try await visit.post("/failed/\(failure.id)/content", ["reason": "in the test"]), "\u{0}")
            keep(try await program.send("/api/v1/failed/\(failure.id)/content", ["reason": "in the test"]), "\u{0}")
        }
    }
}
