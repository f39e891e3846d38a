import ConnectorKit
import ConnectorTesting
@testable import Connectors
import Foundation
import Mapping
import SchoolRecords
import Synchronization
import Testing

/// The shipped settings against a SCIM server that somebody else has written.
@Suite("An independent SCIM server is provisioned", .timeLimit(.minutes(2)))
struct SCIMIndependentTests {
    private static func settings(_ server: IndependentSCIMServer, update: String) throws -> JSONValue {
        var settings = try #require(ShippedSystem.mappings?.inactive["egil"]?.side(.target)?.settings)
        settings["connection"] = [
            "base_url": .string(server.url), "authorization": "bearer",
            "token": ["file": .string(try ServerUnderTest.secretFile(server.token))],
        ]
        settings["ids"] = "server"
        settings["check_versions"] = true
        settings["update"] = .string(update)
        settings["page_limit"] = 3
        return settings
    }

    private static func id(_ number: Int, _ letter: Character) -> String { SCIMHarness.id(number, letter) }

    private static func unit(_ number: Int, _ name: String) -> TargetRow {
        let id = Self.id(number, "a")
        return TargetRow(kind: "schoolunit", key: id, fields: ["id": id, "name": name, "code": String(99_000_000 + number)])
    }

    private static func user(_ number: Int, _ name: String = "Prov", login: Int? = nil) -> TargetRow {
        let id = Self.id(number, "b")
        return TargetRow(
            kind: "user", key: id,
            fields: [
                "id": id, "userName": "e\(login ?? number)@edu.example", "givenName": name, "familyName": "Åsson",
                "displayName": "\(name) Åsson", "email": "e\(number)@elev.example", "emailType": "Skola elev",
                "number": "20130101TF\(number < 10 ? "0" : "")\(number)",
            ])
    }

    private static func enrolment(_ user: Int, _ unit: Int, _ year: Int) -> TargetRow {
        TargetRow(
            kind: "enrolment", key: "\(Self.id(user, "b"))|\(Self.id(unit, "a"))|GR",
            fields: ["user": Self.id(user, "b"), "unit": Self.id(unit, "a"), "schoolType": "GR", "schoolYear": "\(year)"])
    }

    private static let group = TargetRow(
        kind: "studentgroup", key: Self.id(1, "d"),
        fields: ["id": Self.id(1, "d"), "name": "7Å", "unit": Self.id(1, "a"), "type": "Klass"])

    private static func member(_ user: Int) -> TargetRow {
        TargetRow(
            kind: "member", key: "\(Self.id(1, "d"))|\(Self.id(user, "b"))",
            fields: ["group": Self.id(1, "d"), "user": Self.id(user, "b")])
    }

    private static func write(
        _ record: String, _ sequence: Int64, set: [TargetRow] = [], removed: [TargetRow] = [], kept: [TargetRow] = []
    ) -> TargetWrite {
        TargetWrite(record: RecordKey(.person, record), sequence: sequence, set: set, removed: removed, kept: kept)
    }

    @Test(arguments: ["put", "patch"])
    func `everything, then changes, read back with filters and pages`(_ update: String) async throws {
        try await IndependentSCIMServer.with { server in
            let connector = try SCIMTargetConnector.make(
                system: "egil", settings: Self.settings(server, update: update), logger: ServerUnderTest.silent)
            try await connector.probe()
            let writes =
                [Self.write("g", 1, set: [Self.group] + (1...9).map { Self.member($0) })]
                + (1...9).map { Self.write("u\($0)", 1, set: [Self.user($0), Self.enrolment($0, 1, 7)]) }
                + (1...2).map { Self.write("s\($0)", 1, set: [Self.unit($0, "Åsskolan \($0)")]) }
            for round in 1...2 {
                try await #expect(connector.write(TargetBatch(id: "\(round)-a", writes: writes)).isEmpty)
            }
            let users = try await server.all("Users", count: 4)
            #expect(Set(users.keys) == Set((1...9).map { Self.id($0, "b") }))
            #expect(users.values.allSatisfy { $0["meta"]?["version"]?.stringValue?.isEmpty == false })
            let first = try await server.find("Users", SCIMFilter.equals("userName", "e1@edu.example"))
            #expect(first.map { $0["externalId"] } == [.string(Self.id(1, "b"))])
            let school = first.first?["urn:scim:schemas:extension:sis:school:1.0:User"]
            #expect(school?["enrolments"]?.arrayValue?.first?["schoolYear"] == 7)
            #expect(school?["civicNo"] == "20130101TF01")

            // One moves to another unit and year, one leaves, one has been deleted there by hand and is changed; a name is handed on.
            let deleted = try #require(users[Self.id(3, "b")]?["id"]?.stringValue)
            #expect(try await server.call("DELETE", "Users/\(deleted)").status == 204)
            let changes = [
                Self.write("u1", 2, set: [Self.enrolment(1, 2, 8)], removed: [Self.enrolment(1, 1, 7)], kept: [Self.user(1)]),
                Self.write("u2", 2, removed: [Self.user(2), Self.enrolment(2, 1, 7)]),
                Self.write("u3", 2, set: [Self.user(3, "Ny")], kept: [Self.enrolment(3, 1, 7)]),
                Self.write("u10", 1, set: [Self.user(10, login: 2)]),
                Self.write(
                    "g", 2, set: [Self.member(10)], removed: [Self.member(2)],
                    kept: [Self.group] + [1, 3, 4, 5, 6, 7, 8, 9].map(Self.member)),
            ]
            try await #expect(connector.write(TargetBatch(id: "3-a", writes: changes)).isEmpty)
            var expected: Set<TargetRow> = [Self.group, Self.unit(1, "Åsskolan 1"), Self.unit(2, "Åsskolan 2")]
            for number in [1, 3, 4, 5, 6, 7, 8, 9, 10] {
                expected.insert(Self.member(number))
                expected.insert(number == 10 ? Self.user(10, login: 2) : Self.user(number, number == 3 ? "Ny" : "Prov"))
                if number < 10 { expected.insert(number == 1 ? Self.enrolment(1, 2, 8) : Self.enrolment(number, 1, 7)) }
            }
            #expect(try await Self.held(connector) == expected)
            let group = try await server.all("StudentGroups")[Self.id(1, "d")]
            #expect(group?["studentMemberships"]?.arrayValue?.count == 9)

            // Unchanged objects aren't written again.
            let before = try await server.all("Users").compactMapValues { $0["meta"]?["version"] }
            try await #expect(
                connector.write(
                    TargetBatch(id: "4-a", writes: [Self.write("u4", 2, set: [Self.user(4), Self.enrolment(4, 1, 7)])])
                )
                .isEmpty)
            #expect(try await server.all("Users").compactMapValues { $0["meta"]?["version"] } == before)

            // A user name that somebody else has is a conflict with a remedy.
            let refused = try await connector.write(
                TargetBatch(id: "5-a", writes: [Self.write("u11", 1, set: [Self.user(11, login: 1)])]))
            #expect(refused.values.map(\.code) == ["conflict"])
            #expect(refused.values.first?.message.contains("409 uniqueness") == true, "\(refused)")

            // And all away.
            let removed = try await Self.held(connector)
            try await #expect(
                connector.write(TargetBatch(id: "6-a", writes: [Self.write("all", 3, removed: Array(removed))])).isEmpty)
            #expect(try await Self.held(connector).isEmpty)
            await connector.shutdown()
        }
    }

    @Test(arguments: ["put", "patch"])
    func `what somebody else changes in between is told by the server, and read anew`(_ update: String) async throws {
        try await IndependentSCIMServer.with { server in
            let settings = try SCIMSettings(system: "egil", settings: Self.settings(server, update: update))
            let transport = MeddlingTransport(server)
            let connector = SCIMTargetConnector(
                system: "egil", settings: settings, transport: transport, policy: RetryPolicy(), clock: .system,
                logger: ServerUnderTest.silent)
            for (sequence, name) in [(1, "Åsskolan"), (2, "Ön")] {
                let write = Self.write("s1", Int64(sequence), set: [Self.unit(1, name)])
                try await #expect(connector.write(TargetBatch(id: "\(sequence)-a", writes: [write])).isEmpty)
            }
            #expect(try await Self.held(connector) == [Self.unit(1, "Ön")])
            #expect(transport.statuses.contains(412), "\(transport.statuses)")
            await connector.shutdown()
        }
    }

    @Test func `a token that isn't good is told with its setting`() async throws {
        try await IndependentSCIMServer.with { server in
            var settings = try Self.settings(server, update: "put")
            settings.set("connection", "token", ["file": .string(try ServerUnderTest.secretFile("another"))])
            let connector = try SCIMTargetConnector.make(system: "egil", settings: settings, logger: ServerUnderTest.silent)
            let failure = await #expect(throws: ConnectorFailure.self) { try await connector.probe() }
            #expect(failure?.code == "token-not-accepted" && failure?.message.contains("connection.token") == true)
            await connector.shutdown()
        }
    }

    private static func held(_ connector: SCIMTargetConnector) async throws -> Set<TargetRow> {
        let collector = Rows()
        try await connector.readHeld { await collector.take($0) }
        return await collector.rows
    }

    private actor Rows {
        private(set) var rows: Set<TargetRow> = []
        func take(_ rows: [TargetRow]) { self.rows.formUnion(rows) }
    }
}

/// Changes an object there right before the first change that names a version goes out.
private final class MeddlingTransport: HTTPTransport {
    private let server: IndependentSCIMServer
    private let real = AsyncHTTPTransport(limits: .init(), tls: nil)
    private let state = Mutex((hasMeddled: false, statuses: [Int]()))

    init(_ server: IndependentSCIMServer) { self.server = server }

    var statuses: [Int] { self.state.withLock { $0.statuses } }

    func send(_ call: HTTPCall) async throws -> HTTPReply {
        let meddles = self.state.withLock { state in
            guard !state.hasMeddled, call.headers.contains(where: { $0.name == "if-match" }) else { return false }
            state.hasMeddled = true
            return true
        }
        if meddles, let path = call.url.split(separator: "/v2/").last {
            let patch: JSONValue = [
                "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
                "Operations": [["op": "replace", "path": "displayName", "value": "Ändrad av någon annan"]],
            ]
            let status = try await self.server.call("PATCH", String(path), patch).status
            #expect((200...299).contains(status))
        }
        let reply = try await self.real.send(call)
        self.state.withLock { $0.statuses.append(reply.status) }
        return reply
    }

    func shutdown() async { await self.real.shutdown() }
}
