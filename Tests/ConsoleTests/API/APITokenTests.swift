import Foundation
import Hub
import NIOHTTP1
import SchoolRecords
import Testing

@testable import Console

@Suite("Programs ask with tokens")
struct APITokenTests {
    @Test func `a token has its roles and units, needs no form's token, and is good until its day`() async throws {
        try await ConsoleWorld.with { world in
            _ = try await APIRightsTests.plant(in: world)
            let viewer = try await world.token("grafana", roles: [.viewer])
            let seen = try await world.call("GET", "/api/v1/failed", as: nil, headers: viewer)
            #expect(seen.status == 200 && seen.body["items"]?.arrayValue?.count == 1)
            let me = try await world.call("GET", "/api/v1/me", as: nil, headers: viewer)
            #expect(me.body["name"] == "api/grafana" && me.body["csrfToken"] == nil)
            let done = try await world.call("POST", "/api/v1/failed/1/discard", ["reason": "r"], as: nil, headers: viewer)
            #expect(done.status == 403 && done.code == "forbidden")
            let operating = try await world.token("script", roles: [.operator])
            let discarded = try await world.call("POST", "/api/v1/failed/1/discard", ["reason": "r"], as: nil, headers: operating)
            #expect(discarded.status == 200)
            let entries = try await world.store.auditEntries(AuditFilter())
            #expect(entries.contains { $0.person == "api/script" && $0.action == "discard" })
            let old = try await world.token("old", roles: [.viewer], expiresAt: "2020-01-01T00:00:00Z")
            let late = try await world.call("GET", "/api/v1/failed", as: nil, headers: old)
            #expect(late.status == 401)
            _ = try await world.store.removeMachineToken("grafana", by: "ada", time: HubClock.system.timestamp)
            let gone = try await world.call("GET", "/api/v1/failed", as: nil, headers: viewer)
            #expect(gone.status == 401)
            // Two of them are none.
            let both = operating + [("Cookie", "session=ada")]
            let one = try await world.call("GET", "/api/v1/me", as: nil, headers: both)
            #expect(one.body["name"] == "api/script")
        }
    }

    @Test func `a program approves nothing in its own name`() async throws {
        try await ConsoleWorld.with { world in
            let names = try await APIRightsTests.plant(in: world)
            let token = try await world.token("approver", roles: [.approver])
            for (path, body) in [
                ("/api/v1/failed/1/approve", [:]), ("/api/v1/held/\(names["HELD"] ?? "")/approve", ["reason": "r"]),
                ("/api/v1/repairs/repair-1/approve", ["reason": "r"]),
                ("/api/v1/role-plans/\(names["PLAN"] ?? "")/approve", ["reason": "r"]),
            ] as [(String, JSONValue)] {
                let answer = try await world.call("POST", path, body, as: nil, headers: token)
                #expect(answer.status == 403 && answer.code == "needs-person", "\(path) \(answer.status)")
            }
            // What has been approved it may have carried out.
            let applied = try await world.call(
                "POST", "/api/v1/role-plans/\(names["PLAN"] ?? "")/apply", [:], as: nil, headers: token)
            #expect(applied.status == 200 && world.ordered.value.last?.hasSuffix("api/approver") == true)
        }
    }

    @Test func `in somebody's name a token does what both may do, and ends with the account`() async throws {
        try await ConsoleWorld.with { world in
            let names = try await APIRightsTests.plant(in: world)
            let time = HubClock.system.timestamp
            let account = ConsoleAccount(
                name: "bo", displayName: "Bo", roles: ["approver", "viewer"], units: .all, systems: .all,
                password: PasswordDigest(rounds: 1, blockSize: 1, parallelism: 1, salt: Data(), digest: Data()), createdAt: time)
            _ = try await world.store.add(account, by: "ada", time: time)
            let token = try await world.token("bos-script", roles: [.approver, .operator], account: "bo")
            let me = try await world.call("GET", "/api/v1/me", as: nil, headers: token)
            #expect(me.body["name"] == "bo" && me.body["roles"] == ["approver"])
            let path = "/api/v1/held/\(names["HELD"] ?? "")"
            let approved = try await world.call("POST", "\(path)/approve", ["reason": "r"], as: nil, headers: token)
            #expect(approved.status == 200 && approved.body["state"] == "approved" && approved.body["decidedBy"] == "bo")
            _ = try await world.store.changeConsoleAccount(
                "bo", action: "console.account.lock", reason: nil, by: "ada", time: time
            ) { $0.isLocked = true }
            let locked = try await world.call("GET", path, as: nil, headers: token)
            #expect(locked.status == 401)
        }
    }

    @Test func `who hands in for one source does nothing else`() async throws {
        try await ConsoleWorld.with { world in
            let token = try await world.token("friskolan", roles: [], units: .units(["school-a"]), source: "edlevo")
            let rows: JSONValue = [["id": "pupil-1", "givenName": "Prov", "familyName": "Provsson"]]
            let own = try await world.call("POST", "/intake/v1/edlevo/person?dryRun=true", rows, as: nil, headers: token)
            #expect(own.status == 200 && own.body["outcome"] == "dry-run", "\(own.body)")
            for path in ["/intake/v1/unikum/rolegrant", "/intake/v1/nothing/person"] {
                let foreign = try await world.call("POST", path, rows, as: nil, headers: token)
                #expect(foreign.status == 403, "\(path)")
            }
            for path in ["/api/v1/failed", "/api/v1/health", "/api/v1/audit"] {
                let other = try await world.call("GET", path, as: nil, headers: token)
                #expect(other.status == 403, "\(path)")
            }
        }
    }
}

@Suite("A request that names itself is done once")
struct APIRepeatTests {
    private static func plant(_ world: ConsoleWorld) async throws {
        let failures = (1...3).map { number in
            NewFailure(
                stage: .delivery, system: "unikum", key: RecordKey(.duty, "d\(number)"), sequence: 1, kind: "mapping",
                code: "bad-value", field: nil, place: nil, message: "m", body: nil)
        }
        try await world.store.record(failures, time: HubClock.system.timestamp)
    }

    @Test func `sent again it does nothing and is answered alike; another request doesn't get by with its key`() async throws {
        try await ConsoleWorld.with { world in
            try await Self.plant(world)
            let key = [("Idempotency-Key", "replay-4711")]
            let first = try await world.call("POST", "/api/v1/replays", ["numbers": [1, 2]], headers: key)
            let again = try await world.call("POST", "/api/v1/replays", ["numbers": [1, 2]], headers: key)
            #expect(first.status == 201 && again.status == 201 && again.body == first.body)
            #expect(again.headers.first(name: "Location") == first.headers.first(name: "Location"))
            #expect(try await world.store.batches(limit: 10).count == 1)
            let other = try await world.call("POST", "/api/v1/replays", ["numbers": [3]], headers: key)
            #expect(other.status == 422 && other.code == "idempotency-key-reused")
            // Somebody else's key is another one.
            let grace = try await world.call(
                "POST", "/api/v1/replays", ["numbers": [3]], as: ConsoleWorld.asGrace, headers: key)
            #expect(grace.status == 201 && grace.body["id"] != first.body["id"])
            // What was refused wasn't done: the key is free again.
            let wrong = try await world.call(
                "POST", "/api/v1/replays", ["numbers": [99]], headers: [("Idempotency-Key", "k2")])
            let right = try await world.call(
                "POST", "/api/v1/replays", ["numbers": [1]], headers: [("Idempotency-Key", "k2")])
            #expect(wrong.status == 422 && right.status == 201)
            for bad in ["", "å", String(repeating: "k", count: 201)] {
                let answer = try await world.call(
                    "POST", "/api/v1/replays", ["numbers": [1]], headers: [("Idempotency-Key", bad)])
                #expect(answer.status == 400 || bad.isEmpty, "\(bad) \(answer.status)")
            }
        }
    }

    @Test func `an answer outlives the hub, and what a hub that is gone left open is told as unknown`() async throws {
        try await ConsoleWorld.with { world in
            let one = RepeatableCalls(store: world.store, clock: .system, process: "one")
            let answer = KeptAnswer(status: 201, contentType: "application/json", location: "/a", body: Data("{}".utf8))
            _ = try await one.once("k", of: "ada", asked: Data("a".utf8)) { answer }
            let two = RepeatableCalls(store: world.store, clock: .system, process: "two")
            let kept = try await two.once("k", of: "ada", asked: Data("a".utf8)) { throw CancellationError() }
            #expect(kept == answer)
            // Killed between its claim and its answer.
            let key = "ada|killed"
            _ = try await world.store.claim(
                Secrets.digest(key), request: Secrets.digest("a"), process: "one", time: HubClock.system.timestamp,
                forgetting: "2000-01-01T00:00:00Z")
            let unknown = await #expect(throws: APIProblem.self) {
                try await two.once("killed", of: "ada", asked: Data("a".utf8)) { answer }
            }
            #expect(unknown?.code == "outcome-unknown")
            let underWay = await #expect(throws: APIProblem.self) {
                try await one.once("killed", of: "ada", asked: Data("a".utf8)) { answer }
            }
            #expect(underWay?.code == "under-way")
            // After a day it is forgotten.
            let later = RepeatableCalls(
                store: world.store, clock: HubClock(now: { Date().addingTimeInterval(90_000) }, sleep: { _ in }), process: "two")
            let anew = try await later.once("killed", of: "ada", asked: Data("a".utf8)) { answer }
            #expect(anew == answer)
        }
    }
}
