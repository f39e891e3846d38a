import ConnectorKit
import Connectors
import Foundation
import SchoolRecords
import Testing

@Suite("What a REST target makes of answers")
struct RESTAnswerTests {
    static let list = #"{"data":[],"pageToken":null}"#

    static func settings(_ url: String) throws -> JSONValue {
        try ServerUnderTest.settings(url) { settings in
            settings["connector"] = "ss12000_rest"
            settings["parallel_calls"] = 1
            settings["resources"] = [
                ["kind": "placement", "path": "placements", "delete": false, "body": ["child": ["id": "{child}"]]],
                [
                    "kind": "absence", "path": "absences", "required": ["student"],
                    "body": ["student": ["id": "{student}"], "minutes": "{minutes:integer}"],
                ],
            ]
        }
    }

    static func with<Result>(
        _ answer: @escaping @Sendable (ScriptedRequest) -> ScriptedReply,
        _ body: (RESTTargetConnector, ScriptedServer, TestClock) async throws -> Result
    ) async throws -> Result {
        try await ScriptedServer.with({ $0.path == "/token" ? .token() : answer($0) }) { server in
            let clock = TestClock()
            let connector = try RESTTargetConnector.make(
                system: "tempus", settings: try self.settings(server.url), clock: clock.clock, policy: RetryPolicy(),
                logger: ServerUnderTest.silent)
            do {
                let result = try await body(connector, server, clock)
                await connector.shutdown()
                return result
            } catch {
                await connector.shutdown()
                throw error
            }
        }
    }

    static func row(_ key: String, _ fields: [String: String] = ["student": "barn-ett"]) -> TargetRow {
        TargetRow(kind: "absence", key: key, fields: fields)
    }

    static func batch(set: [TargetRow] = [], removed: [TargetRow] = []) -> TargetBatch {
        let rows = set.map { (true, $0) } + removed.map { (false, $0) }
        let writes = rows.enumerated().map { number, row in
            TargetWrite(
                record: RecordKey(.absence, "r\(number)"), sequence: 1, set: row.0 ? [row.1] : [],
                removed: row.0 ? [] : [row.1])
        }
        return TargetBatch(id: "000001-a", writes: writes)
    }

    @Test func `a row is put whole to its address, with its key in the body`() async throws {
        try await Self.with({ _ in .json("", status: 201) }) { connector, server, _ in
            let refused = try await connector.write(Self.batch(set: [Self.row("a/b-å", ["student": "s", "minutes": "40"])]))
            #expect(refused.isEmpty)
            let put = try #require(server.requests.first { $0.method == "PUT" })
            #expect(put.target == "/api/absences/a%2Fb-%C3%A5")
            #expect(put.headers["content-type"] == "application/json")
            #expect(try JSONValue(parsing: Data(put.body.utf8)) == ["id": "a/b-å", "student": ["id": "s"], "minutes": 40])
        }
    }

    @Test(arguments: [
        (400, "row-refused"), (404, "not-found"), (409, "conflict"), (412, "precondition-failed"), (413, "row-refused"),
        (422, "row-refused"),
    ])
    func `a refusal is about one row and shows nothing of it`(_ status: Int, _ code: String) async throws {
        let answer: @Sendable (ScriptedRequest) -> ScriptedReply = { request in
            if request.method == "GET" { return .json(Self.list) }
            return request.path.hasSuffix("bad-key")
                ? .json(#"{"code":"OVERLAP","message":"barn-ett"}"#, status: status) : .json("", status: 200)
        }
        try await Self.with(answer) { connector, server, _ in
            let refused = try await connector.write(
                Self.batch(set: [Self.row("good-1"), Self.row("bad-key"), Self.row("good-2")]))
            #expect(Set(refused.keys) == [RecordKey(.absence, "r1")])
            let failure = try #require(refused.values.first)
            #expect(failure.kind == .rejected && failure.code == code)
            #expect(failure.message.contains("OVERLAP"))
            #expect(!failure.message.contains("barn-ett") && !failure.message.contains("bad-key"))
            #expect(server.requests.filter { $0.path.hasSuffix("good-2") }.count == 1)
        }
    }

    @Test func `a conflict that the rest of the batch settles is none`() async throws {
        let calls = Calls()
        let answer: @Sendable (ScriptedRequest) -> ScriptedReply = { _ in .json("", status: calls.next() == 1 ? 409 : 200) }
        try await Self.with(answer) { connector, server, _ in
            try await #expect(connector.write(Self.batch(set: [Self.row("late"), Self.row("first")])).isEmpty)
            let paths = server.requests.filter { $0.method == "PUT" }.map(\.path)
            #expect(paths == ["/api/absences/late", "/api/absences/first", "/api/absences/late"])
        }
    }

    @Test(arguments: [404, 410])
    func `what is already gone is deleted`(_ status: Int) async throws {
        try await Self.with({ $0.method == "GET" ? .json(Self.list) : .json("", status: status) }) { connector, _, _ in
            try await #expect(connector.write(Self.batch(removed: [Self.row("gone")])).isEmpty)
        }
    }

    @Test(arguments: ["PUT", "DELETE"])
    func `a path that isn't there is a setting to correct, not a row`(_ method: String) async throws {
        try await Self.with({ _ in .json("", status: 404) }) { connector, _, _ in
            let batch = method == "PUT" ? Self.batch(set: [Self.row("a")]) : Self.batch(removed: [Self.row("a")])
            let failure = await #expect(throws: ConnectorFailure.self) { try await connector.write(batch) }
            #expect(failure?.kind == .misconfigured && failure?.code == "endpoint-not-found")
        }
    }

    @Test func `a server that takes no writes is a setting to correct`() async throws {
        try await Self.with({ _ in .json("", status: 405) }) { connector, _, _ in
            let failure = await #expect(throws: ConnectorFailure.self) {
                try await connector.write(Self.batch(set: [Self.row("a")]))
            }
            #expect(failure?.kind == .misconfigured && failure?.code == "write-not-offered")
        }
    }

    @Test func `the wait that is asked for is kept`() async throws {
        let calls = Calls()
        let answer: @Sendable (ScriptedRequest) -> ScriptedReply = { _ in
            calls.next() == 1 ? .json("", status: 429, headers: ["Retry-After": "17"]) : .json("", status: 200)
        }
        try await Self.with(answer) { connector, _, clock in
            try await #expect(connector.write(Self.batch(set: [Self.row("a")])).isEmpty)
            #expect(clock.waits == [.seconds(17)])
        }
    }

    @Test func `a token that died is renewed once, and the row written`() async throws {
        let calls = Calls()
        try await Self.with({ _ in .json("", status: calls.next() == 1 ? 401 : 200) }) { connector, server, _ in
            try await #expect(connector.write(Self.batch(set: [Self.row("a")])).isEmpty)
            #expect(server.requests.filter { $0.path == "/token" }.count == 2)
        }
    }

    @Test func `a fresh token that isn't taken needs a person`() async throws {
        try await Self.with({ _ in .json("", status: 401) }) { connector, server, _ in
            let failure = await #expect(throws: ConnectorFailure.self) {
                try await connector.write(Self.batch(set: [Self.row("a")]))
            }
            #expect(failure?.kind == .misconfigured && failure?.code == "token-not-accepted")
            #expect(server.requests.filter { $0.method == "PUT" }.count == 2)
        }
    }

    @Test func `a row that the server fails at is tried again later, and the others are written`() async throws {
        let answer: @Sendable (ScriptedRequest) -> ScriptedReply = { request in
            if request.method == "GET" { return .json(Self.list) }
            return .json("", status: request.path.hasSuffix("poison") ? 500 : 200)
        }
        try await Self.with(answer) { connector, server, _ in
            let refused = try await connector.write(Self.batch(set: [Self.row("poison"), Self.row("good")]))
            #expect(refused.mapValues(\.kind) == [RecordKey(.absence, "r0"): .transient])
            #expect(server.requests.contains { $0.path.hasSuffix("good") })
        }
    }

    @Test func `a server that fails at every row is down`() async throws {
        let answer: @Sendable (ScriptedRequest) -> ScriptedReply = { request in
            request.method == "GET" ? .json(Self.list) : .json("", status: 500)
        }
        try await Self.with(answer) { connector, _, _ in
            let failure = await #expect(throws: ConnectorFailure.self) {
                try await connector.write(Self.batch(set: (1...9).map { Self.row("row-\($0)") }))
            }
            #expect(failure?.kind == .systemUnavailable)
        }
    }

    @Test func `a reply that was lost is asked for again at the same address`() async throws {
        let calls = Calls()
        let answer: @Sendable (ScriptedRequest) -> ScriptedReply = { _ in
            switch calls.next() {
            case 1: ScriptedReply(hangsUp: true)
            case 2: ScriptedReply(body: "{", announcedLength: 100)
            default: .json("", status: 200)
            }
        }
        try await Self.with(answer) { connector, server, _ in
            try await #expect(connector.write(Self.batch(set: [Self.row("a")])).isEmpty)
            let puts = server.requests.filter { $0.method == "PUT" }
            // The same but for the step of the trace, which each try is.
            #expect(puts.count == 3 && Set(puts.map { [$0.target, $0.body] }).count == 1)
            #expect(Set(puts.map { $0.headers.filter { $0.key != "traceparent" } }).count == 1)
        }
    }

    @Test func `rows that can't be expressed are refused without a call`() async throws {
        try await Self.with({ _ in .json("", status: 200) }) { connector, server, _ in
            let rows = [
                Self.row("a", ["student": "s", "other": "x"]), Self.row("b", ["minutes": "40"]),
                Self.row("c", ["student": "s", "minutes": "many"]), Self.row("with space"),
                TargetRow(kind: "unheard", key: "d", fields: [:]),
            ]
            let refused = try await connector.write(Self.batch(set: rows))
            #expect(
                refused.mapValues(\.code) == [
                    RecordKey(.absence, "r0"): "unknown-field", RecordKey(.absence, "r1"): "required-field-missing",
                    RecordKey(.absence, "r2"): "wrong-form", RecordKey(.absence, "r3"): "unusable-key",
                    RecordKey(.absence, "r4"): "unknown-row-kind",
                ])
            #expect(server.requests.isEmpty)
        }
    }
}
