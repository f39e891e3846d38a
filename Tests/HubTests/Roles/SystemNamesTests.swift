import ConnectorKit
import Hub
import SchoolRecords
import Synchronization
import Testing

/// Two systems call a role of theirs the same.
@Suite("What systems say of themselves: one name, two systems")
struct SystemNamesTests {
    private static let name = "head-1|rektor|school-1"
    private static let role: JSONValue = [
        "id": .string(name), "person": ["id": "head-1"], "role": "rektor", "scope": "school-1",
        "organisation": ["id": "school-1"],
    ]
    private static let account: JSONValue = ["id": "account-1", "person": ["id": "head-1"], "state": "active"]

    private static func source(_ system: String) -> ScriptedSource {
        let source = ScriptedSource(system: system, entities: [.roleGrant, .accountStatus])
        source.put(.roleGrant, Self.role)
        source.put(.accountStatus, Self.account)
        return source
    }

    private static func held(_ hub: TestHub, _ system: String) async throws -> [String] {
        try await hub.store.roles(in: system, side: .held).map { record in
            let grant = try RoleGrant(json: JSONValue(parsing: record.body))
            #expect(grant.id == record.key.id && grant.system == system && record.source == system)
            return grant.id
        }
    }

    @Test func `each keeps its own, and a second reading of both changes nothing`() async throws {
        try await TestHub.with { hub in
            try await hub.markRead(.person)
            let sources = ["skola24", "tempus"].map(Self.source)
            for source in sources {
                let report = try await hub.intake(source).run(.full)
                #expect(report.changed == 2, "\(source.system)")
            }
            for source in sources {
                let report = try await hub.intake(source).run(.full)
                #expect(report.changed == 0, "\(source.system)")
            }
            #expect(try await Self.held(hub, "skola24") == ["skola24:\(Self.name)"])
            #expect(try await Self.held(hub, "tempus") == ["tempus:\(Self.name)"])
            #expect(try await hub.store.liveRecords(of: .accountStatus, after: nil, limit: 10).count == 2)
        }
    }

    @Test func `what one says is gone stays in the other, by its word and by its absence`() async throws {
        try await TestHub.with { hub in
            try await hub.markRead(.person)
            let (skola24, tempus) = (Self.source("skola24"), Self.source("tempus"))
            for source in [skola24, tempus] { _ = try await hub.intake(source).run(.full) }
            skola24.remove(.roleGrant, Self.name)
            skola24.state.withLock { $0.deleted = [RecordKey(.roleGrant, Self.name)] }
            #expect(try await hub.intake(skola24).run(.changes).parts["rolegrant"]?.deleted == 1)
            #expect(try await Self.held(hub, "skola24").isEmpty)
            #expect(try await Self.held(hub, "tempus").count == 1)
            tempus.remove(.roleGrant, Self.name)
            #expect(try await hub.intake(tempus).run(.full).parts["rolegrant"]?.deleted == 1)
            #expect(try await Self.held(hub, "tempus").isEmpty)
        }
    }

    @Test func `a role that couldn't be read is asked for by the name that the system has for it`() async throws {
        try await TestHub.with { hub in
            try await hub.markRead(.person)
            let source = Self.source("tempus")
            let broken: JSONValue = ["id": .string(Self.name), "person": ["id": "head-1"]]
            source.put(.roleGrant, broken)
            #expect(try await hub.intake(source).run(.full).parts["rolegrant"]?.failed == 1)
            var filter = FailureFilter()
            filter.system = "tempus"
            let failure = try #require(try await hub.store.list(filter).first)
            #expect(failure.failure.key == RecordKey(.roleGrant, "tempus:\(Self.name)"))
            source.put(.roleGrant, Self.role)
            _ = try await hub.store.replay([failure.id])
            _ = try await hub.intake(source).run(.changes)
            #expect(try await Self.held(hub, "tempus").count == 1)
            #expect(try await hub.store.list(filter).allSatisfy { $0.state != .failed })
        }
    }
}
