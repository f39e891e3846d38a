import Foundation
import Hub
import SchoolRecords
import Testing

@testable import Console

@Suite("Somebody who is cleared sees a protected person out of the vault, and leaves a trace")
struct ClearedTests {
    private static let visitor = "support+cleared"

    private static func look(
        _ id: String, as visitor: String, in world: ConsoleWorld, reason: String = "case 4711"
    ) async throws -> ConsoleWorld.Answer {
        try await world.post(
            "/person", pairs: ["csrf": "form-of-role-\(visitor)", "id": id, "reason": reason, "protected": "yes"],
            as: "session=role-\(visitor)")
    }

    private static func call(_ id: String, as visitor: String, in world: ConsoleWorld) async throws -> ConsoleWorld.APIReply {
        try await world.call(
            "POST", "/api/v1/persons/show", ["id": .string(id), "reason": "case 4711", "protected": true],
            as: "session=role-\(visitor)")
    }

    @Test func `each of the three is shown, by either id, with the reason in the audit log before`() async throws {
        try await ConsoleWorld.with { world in
            _ = try await ProtectedWorld.plant(in: world)
            for person in ProtectedWorld.people {
                for id in [person.id, person.opaque] {
                    let page = try await Self.look(id, as: Self.visitor, in: world)
                    #expect(page.status == 200 && page.body.contains("\(ProtectedWorld.mark)Family"), "\(person.kind)")
                    #expect(page.body.contains("får inget") && !page.body.contains(ProtectedWorld.number))
                    let reply = try await Self.call(id, as: Self.visitor, in: world)
                    let text = String(decoding: reply.body.canonicalData, as: UTF8.self)
                    #expect(reply.status == 200 && text.contains("\(ProtectedWorld.mark)Given"), "\(person.kind)")
                    #expect(!text.contains(ProtectedWorld.number) && reply.body["isProtected"] == .bool(true))
                    let entries = try await world.store.auditEntries(AuditFilter()).suffix(2)
                    #expect(entries.map(\.action) == ["person.protected", "person.protected"])
                    #expect(entries.allSatisfy { $0.subject == "person/\(person.opaque)" && $0.reason == "case 4711" })
                    #expect(entries.allSatisfy { $0.person == "role-\(Self.visitor)" })
                }
            }
            // What is about them is in the vault with them.
            let staff = try await Self.look(ProtectedWorld.people[2].id, as: Self.visitor, in: world)
            #expect(staff.body.contains("2080 \(ProtectedWorld.mark)"))
            let unreasoned = try await Self.look(ProtectedWorld.people[0].id, as: Self.visitor, in: world, reason: "")
            #expect(unreasoned.status == 422 && !unreasoned.body.contains(ProtectedWorld.mark))
        }
    }

    @Test func `nobody else: no other role, not with some units, not without the hub's permission, no program`() async throws {
        try await ConsoleWorld.with { world in
            _ = try await ProtectedWorld.plant(in: world)
            let id = ProtectedWorld.people[0].id
            let others = Set(ConsoleRole.allCases).subtracting([.cleared]).map(\.rawValue).joined(separator: "+")
            world.refused.value = ["role-support+cleared see-protected"]
            for visitor in [others, "none", "cleared", "support+cleared@school-a", "support+cleared"] {
                let page = try await Self.look(id, as: visitor, in: world)
                #expect(page.status == 403 && !page.body.contains(ProtectedWorld.mark), "\(visitor) \(page.status)")
                let reply = try await Self.call(id, as: visitor, in: world)
                #expect(reply.status == 403, "\(visitor) \(reply.status)")
            }
            let token = try await world.token("extract", roles: [.support, .cleared])
            let reply = try await world.call(
                "POST", "/api/v1/persons/show", ["id": .string(id), "reason": "r", "protected": true], as: nil, headers: token)
            #expect(reply.status == 403)
            #expect(try await !world.store.auditEntries(AuditFilter()).contains { $0.action == "person.protected" })
            let box = "name=\"protected\""
            #expect(try await !world.get("/person", as: "session=role-support").body.contains(box))
            #expect(try await world.get("/person", as: "session=role-support+cleared").body.contains(box))
        }
    }

    @Test func `who is cleared sees no more of others, and is told when there is nobody`() async throws {
        try await ConsoleWorld.with { world in
            _ = try await ProtectedWorld.plant(in: world)
            for id in ["neighbour-1", "nobody"] {
                let page = try await Self.look(id, as: Self.visitor, in: world)
                #expect(page.status == 200 && page.body.contains("ingen sådan skyddad person"), "\(id)")
                #expect(!page.body.contains("Synligsson"))
                #expect(try await Self.call(id, as: Self.visitor, in: world).status == 404)
            }
            let number = try await Self.look(ProtectedWorld.number, as: Self.visitor, in: world)
            #expect(number.status == 422 && !number.body.contains(ProtectedWorld.mark))
        }
    }
}
