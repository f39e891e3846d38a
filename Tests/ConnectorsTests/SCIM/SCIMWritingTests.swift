import ConnectorKit
import Connectors
import Foundation
import SchoolRecords
import StandIns
import Testing

/// Objects with their lists, by the shipped settings.
@Suite("SCIM objects")
struct SCIMWritingTests {
    private typealias Harness = SCIMHarness

    private static func user(_ number: Int, name: String = "e1@edu.example", given: String = "Prov") -> TargetRow {
        let id = Harness.id(number, "b")
        return TargetRow(
            kind: "user", key: id,
            fields: [
                "id": id, "userName": name, "givenName": given, "familyName": "Åsson", "displayName": "\(given) Åsson",
                "email": "e\(number)@elev.example", "emailType": "Skola elev",
            ])
    }

    private static func enrolment(_ number: Int, unit: Int, year: Int) -> TargetRow {
        let (user, unit) = (Harness.id(number, "b"), Harness.id(unit, "a"))
        return TargetRow(
            kind: "enrolment", key: "\(user)|\(unit)|GR",
            fields: ["user": user, "unit": unit, "schoolType": "GR", "schoolYear": "\(year)"])
    }

    private static func member(_ group: Int, _ user: Int) -> TargetRow {
        let (group, user) = (Harness.id(group, "d"), Harness.id(user, "b"))
        return TargetRow(kind: "member", key: "\(group)|\(user)", fields: ["group": group, "user": user])
    }

    private static func batch(_ id: Int, _ writes: TargetWrite...) -> TargetBatch { TargetBatch(id: "\(id)-a", writes: writes) }

    private static func write(
        _ record: String, _ sequence: Int64 = 1, set: [TargetRow] = [], removed: [TargetRow] = [], kept: [TargetRow] = []
    ) -> TargetWrite {
        TargetWrite(record: RecordKey(.person, record), sequence: sequence, set: set, removed: removed, kept: kept)
    }

    private static let schoolSchema = "urn:scim:schemas:extension:sis:school:1.0:User"

    @Test func `an object is as the profile has it, with references and its lists`() async throws {
        try await Harness.with { harness in
            let connector = try await harness.make()
            let refused = try await connector.write(
                Self.batch(
                    1, Self.write("a", set: [harness.object(1, version: 1)]),
                    Self.write("b", set: [Self.user(1), Self.enrolment(1, unit: 1, year: 7)]),
                    Self.write("c", set: [harness.relation(1), Self.member(1, 1)])))
            #expect(refused.isEmpty)
            let user = await harness.standIn.truth(.user)[Harness.id(1, "b")]
            let expected: JSONValue = [
                "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User", "urn:scim:schemas:extension:sis:school:1.0:User"],
                "externalId": .string(Harness.id(1, "b")), "userName": "e1@edu.example",
                "name": ["givenName": "Prov", "familyName": "Åsson"], "displayName": "Prov Åsson",
                "emails": [["value": "e1@elev.example", "type": "Skola elev"]],
                "urn:scim:schemas:extension:sis:school:1.0:User": [
                    "enrolments": [
                        [
                            "value": .string(Harness.id(1, "a")), "$ref": .string("SchoolUnits/\(Harness.id(1, "a"))"),
                            "schoolType": "GR", "schoolYear": 7,
                        ]
                    ]
                ],
            ]
            #expect(user == expected)
            let group = await harness.standIn.truth(.studentGroup)[Harness.id(1, "d")]
            #expect(group?["studentMemberships"]?.arrayValue?.first?["$ref"] == .string("Users/\(Harness.id(1, "b"))"))
            #expect(await harness.standIn.danglingReferences == 0, "types go in their order, whatever the batch's")
        }
    }

    @Test(arguments: SCIMContractTests.Server.allCases)
    func `what stands as it is goes with what changes`(_ server: SCIMContractTests.Server) async throws {
        try await Harness.with(server.dialect, server.settings) { harness in
            let connector = try await harness.make()
            let members = (1...4).map { Self.member(1, $0) }
            let group = harness.relation(1)
            try await #expect(connector.write(Self.batch(1, Self.write("g", set: [group] + members))).isEmpty)
            func held() async -> Set<String> {
                let group = await harness.standIn.truth(.studentGroup)[Harness.id(1, "d")]
                return Set((group?["studentMemberships"]?.arrayValue ?? []).compactMap { $0["value"]?.stringValue })
            }
            #expect(await held() == Set((1...4).map { Harness.id($0, "b") }))
            // One comes, one goes.
            try await #expect(
                connector.write(
                    Self.batch(
                        2,
                        Self.write(
                            "g", 2, set: [Self.member(1, 5)], removed: [members[0]], kept: [group] + members.dropFirst()))
                ).isEmpty)
            #expect(await held() == Set((2...5).map { Harness.id($0, "b") }))
            // The last ones go.
            let rest = (2...5).map { Self.member(1, $0) }
            try await #expect(connector.write(Self.batch(3, Self.write("g", 3, removed: rest, kept: [group]))).isEmpty)
            #expect(await held().isEmpty)
            #expect(await harness.standIn.count(.studentGroup) == 1)
            let collector = Rows()
            try await connector.readHeld { await collector.take($0) }
            #expect(await collector.rows == [group])
        }
    }

    @Test func `an element without its object is refused, and one taken away with it isn't sent by itself`() async throws {
        try await Harness.with { harness in
            let connector = try await harness.make()
            let refused = try await connector.write(Self.batch(1, Self.write("g", set: [Self.member(1, 1)])))
            #expect(refused.values.map(\.code) == ["relation-end-missing"])
            let group = harness.relation(1)
            _ = try await connector.write(Self.batch(2, Self.write("g", set: [group, Self.member(1, 1)])))
            try await #expect(
                connector.write(Self.batch(3, Self.write("g", 2, removed: [group, Self.member(1, 1)]))).isEmpty)
            #expect(await harness.standIn.count(.studentGroup) == 0)
        }
    }

    @Test(arguments: SCIMContractTests.Server.allCases)
    func `what exists is replaced, what is gone is created, and what isn't there is deleted`(
        _ server: SCIMContractTests.Server
    ) async throws {
        try await Harness.with(server.dialect, server.settings) { harness in
            let connector = try await harness.make()
            // Two were made there by hand, so that creating them is a conflict.
            for number in [2, 3] {
                await harness.standIn.make(
                    .schoolUnit,
                    [
                        "schemas": ["urn:scim:schemas:extension:sis:school:1.0:SchoolUnit"],
                        "externalId": .string(Harness.id(number, "a")), "displayName": "Gammalt", "schoolUnitCode": "99999999",
                    ])
            }
            let rows = (1...4).map { harness.object($0, version: 1) }
            let writes = rows.enumerated().map { Self.write("r\($0.offset)", set: [$0.element]) }
            try await #expect(connector.write(TargetBatch(id: "1-a", writes: writes)).isEmpty)
            #expect(try await harness.held() == Set(rows))
            let gone = harness.object(9, version: 1)
            try await #expect(connector.write(Self.batch(2, Self.write("x", removed: [gone, rows[0]]))).isEmpty)
            #expect(try await harness.held() == Set(rows.dropFirst()))
        }
    }

    @Test(arguments: SCIMContractTests.Server.allCases)
    func `a user name that moves within a batch is free when its turn comes`(_ server: SCIMContractTests.Server) async throws {
        try await Harness.with(server.dialect, server.settings) { harness in
            let connector = try await harness.make()
            _ = try await connector.write(Self.batch(1, Self.write("a", set: [Self.user(1)])))
            try await #expect(
                connector.write(
                    Self.batch(2, Self.write("b", set: [Self.user(2)]), Self.write("a", 2, removed: [Self.user(1)]))
                ).isEmpty)
            #expect(await harness.standIn.truth(.user).keys.sorted() == [Harness.id(2, "b")])
            let refused = try await connector.write(Self.batch(3, Self.write("c", set: [Self.user(3)])))
            let failure = try #require(refused[RecordKey(.person, "c")])
            #expect(failure.kind == .rejected && failure.code == "conflict", "\(failure)")
            #expect(failure.message.contains("user name") || server == .plain, "\(failure)")
            #expect(!failure.message.contains("Provsson") && !failure.message.contains("e1@"))
            #expect(await harness.standIn.count(.user) == 1)
        }
    }

    @Test(arguments: [SCIMContractTests.Server.patching, .ownIDs])
    func `what somebody else changes in between is read anew`(_ server: SCIMContractTests.Server) async throws {
        try await Harness.with(server.dialect, server.settings) { harness in
            let connector = try await harness.make()
            _ = try await connector.write(Self.batch(1, Self.write("a", set: [harness.object(1, version: 1)])))
            try await harness.standIn.setFaults(SCIMFaults { $0.editsBefore = 2 })
            try await #expect(connector.write(Self.batch(2, Self.write("a", 2, set: [harness.object(1, version: 2)]))).isEmpty)
            #expect(try await harness.held() == [harness.object(1, version: 2)])
            #expect(await harness.standIn.requests.count(path: "SchoolUnits/{id}", status: 412) == 2)
            try await harness.standIn.setFaults(SCIMFaults { $0.editsBefore = 1000 })
            let refused = try await connector.write(Self.batch(3, Self.write("a", 3, set: [harness.object(1, version: 3)])))
            #expect(refused.values.map(\.code) == ["precondition-failed"])
        }
    }

    @Test func `a patch is only what differs, and nothing is sent when nothing does`() async throws {
        let server = SCIMContractTests.Server.patching
        try await Harness.with(server.dialect, server.settings) { harness in
            let connector = try await harness.make()
            _ = try await connector.write(
                Self.batch(1, Self.write("b", set: [Self.user(1), Self.enrolment(1, unit: 1, year: 7)])))
            let rows = [Self.user(1, given: "Prova"), Self.enrolment(1, unit: 1, year: 8), Self.enrolment(1, unit: 2, year: 8)]
            for id in 2...3 {
                try await #expect(connector.write(Self.batch(id, Self.write("b", Int64(id), set: rows))).isEmpty)
            }
            let collector = Rows()
            try await connector.readHeld { await collector.take($0) }
            #expect(await collector.rows == Set(rows))
            let log = await harness.standIn.requests
            #expect(log.counts.filter { $0.key.method == "PATCH" }.map(\.value) == [1])
            #expect(log.counts.allSatisfy { $0.key.method != "PUT" })
            #expect(await harness.standIn.needlessWrites == 0)
        }
    }

    @Test func `a wrong path or a server with other ids stops before anything is lost or doubled`() async throws {
        try await Harness.with { harness in
            let connector = try await harness.make { settings in
                settings["resources"] = .array(
                    (settings["resources"]?.arrayValue ?? []).map { resource in
                        var resource = resource
                        resource["path"] = .string("Old" + (resource["path"]?.stringValue ?? ""))
                        return resource
                    })
            }
            let failure = await #expect(throws: ConnectorFailure.self) {
                try await connector.write(Self.batch(1, Self.write("a", removed: [harness.object(1, version: 1)])))
            }
            #expect(failure?.kind == .misconfigured && failure?.code == "endpoint-not-found")
        }
        try await Harness.with(.init { $0.givesOwnIDs = true }) { harness in
            let connector = try await harness.make()
            let failure = await #expect(throws: ConnectorFailure.self) {
                try await connector.write(Self.batch(1, Self.write("a", set: [harness.object(1, version: 1)])))
            }
            #expect(failure?.code == "id-not-kept" && failure?.message.contains("ids to server") == true)
            #expect(await harness.standIn.count(.schoolUnit) == 0)
        }
        try await Harness.with(.init { $0.hasFilters = false }, ["ids": "server"]) { harness in
            for number in 1...2 {
                await harness.standIn.make(.schoolUnit, ["externalId": .string(Harness.id(number, "a"))])
            }
            let connector = try await harness.make()
            let failure = await #expect(throws: ConnectorFailure.self) {
                try await connector.write(Self.batch(1, Self.write("a", removed: [harness.object(1, version: 1)])))
            }
            #expect(failure?.kind == .misconfigured && failure?.message.contains("heeds no filters") == true)
            #expect(await harness.standIn.count(.schoolUnit) == 2)
        }
        try await Harness.with(.init { $0.demandsVersions = true }) { harness in
            let connector = try await harness.make()
            _ = try await connector.write(Self.batch(1, Self.write("a", set: [harness.object(1, version: 1)])))
            let failure = await #expect(throws: ConnectorFailure.self) {
                try await connector.write(Self.batch(2, Self.write("a", 2, set: [harness.object(1, version: 2)])))
            }
            #expect(failure?.message.contains("check_versions") == true)
        }
        try await Harness.with(.init { $0.hasPatch = false }, ["update": "patch"]) { harness in
            let connector = try await harness.make()
            _ = try await connector.write(Self.batch(1, Self.write("a", set: [harness.object(1, version: 1)])))
            let failure = await #expect(throws: ConnectorFailure.self) {
                try await connector.write(Self.batch(2, Self.write("a", 2, set: [harness.object(1, version: 2)])))
            }
            #expect(failure?.code == "write-not-offered" && failure?.message.contains("update to put") == true)
        }
    }

    @Test func `an address with a slash at its end is the same`() async throws {
        try await Harness.with { harness in
            let url = try await harness.standIn.baseURL() + "/"
            let connector = try await harness.make { $0.set("connection", "base_url", .string(url)) }
            try await #expect(connector.write(Self.batch(1, Self.write("a", set: [harness.object(1, version: 1)]))).isEmpty)
        }
    }

    @Test func `what a server says is wrong comes with what to do, and never with its details`() async throws {
        try await Harness.with { harness in
            let connector = try await harness.make()
            var row = harness.object(1, version: 1)
            row = TargetRow(kind: row.kind, key: row.key, fields: row.fields.merging(["code": "1"]) { $1 })
            let refused = try await connector.write(Self.batch(1, Self.write("a", set: [row])))
            let failure = try #require(refused.values.first)
            #expect(failure.kind == .rejected && failure.code == "row-refused")
            #expect(failure.message.contains("400 invalidValue") && failure.message.contains("correct the mapping"))
            #expect(!failure.message.contains("Provsson"))
        }
    }

    private actor Rows {
        private(set) var rows: Set<TargetRow> = []
        func take(_ rows: [TargetRow]) { self.rows.formUnion(rows) }
    }
}
