import Foundation
import Messaging
import SchoolRecords
import Testing

@Suite("Roles on the wire")
struct RoleMessageTests {
    static func change(_ operation: RecordChange.Operation, system: String = "unikum", person: String? = "teacher-1")
        -> RecordChange
    {
        var body: [String: JSONValue] = [
            "id": "grant-1", "system": .string(system), "role": "personal", "organisation": ["id": "school-1"],
        ]
        if let person { body["person"] = ["id": .string(person)] }
        return RecordChange(
            id: "event-1", key: RecordKey(.roleGrant, "grant-1"), operation: operation, source: RoleGrant.source, sequence: 3,
            time: "2026-11-23T08:00:00Z", body: JSONValue.object(body).canonicalData)
    }

    @Test(arguments: [(RecordChange.Operation.upserted, "granted"), (.deleted, "revoked")])
    func `a role goes to the exchange of roles, under the system's name`(_ operation: RecordChange.Operation, _ word: String)
        throws
    {
        let change = Self.change(operation, system: "Skola24Files")
        #expect(change.publicExchange == "knutpunkt.roles")
        #expect(change.routingKey == "role.\(word).skola24files")
        #expect(change.type == "se.knutpunkt.role.\(word).v1")
        #expect(change.message.headers["cloudEvents_source"] == .string("/knutpunkt/roles"))
        #expect(try RecordChange(change.message) == change)
    }

    @Test func `all changes of a person's roles in a system keep their order, others go side by side`() {
        var other = Self.change(.deleted)
        other.key = RecordKey(.roleGrant, "grant-2")
        let key = HeaderValue.string("unikum/teacher-1")
        #expect(Self.change(.upserted).message.headers["cloudEvents_partitionkey"] == key)
        #expect(other.message.headers["cloudEvents_partitionkey"] == key)
        for change in [Self.change(.upserted, person: "teacher-2"), Self.change(.upserted, system: "vega")] {
            #expect(change.message.headers["cloudEvents_partitionkey"] != key)
        }
    }

    @Test func `the revocation of a role that names nobody still finds its system`() throws {
        let change = Self.change(.deleted, person: nil)
        #expect(change.routingKey == "role.revoked.unikum")
        #expect(try RecordChange(change.message) == change)
    }

    @Test func `what a system says that it holds is a record like any other, and no system's business`() {
        var read = Self.change(.upserted)
        read.source = "unikum"
        #expect(read.publicExchange == "knutpunkt.records" && read.routingKey == "record.rolegrant.upserted.unikum")
        for system in ["unikum", "vega"] { #expect(!read.concerns(system)) }
        #expect(Self.change(.upserted).concerns("unikum") && !Self.change(.upserted).concerns("vega"))
    }

    @Test(arguments: [
        "se.knutpunkt.role.given.v1", "se.knutpunkt.role.granted.v2", "se.knutpunkt.role.granted", "se.knutpunkt.role",
    ])
    func `another type isn't read as a role`(_ type: String) {
        var message = Self.change(.upserted).message
        message.headers["cloudEvents_type"] = .string(type)
        #expect(throws: UndecodableMessage.self) { try RecordChange(message) }
    }
}
