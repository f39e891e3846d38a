import Foundation
import SchoolRecords
import StandIns
import Testing

@Suite("The two-way stand-ins hold a municipality's daily life and take records")
struct TwoWayStandInTests {
    private static func municipality() throws -> SyntheticMunicipality {
        try SyntheticMunicipality(scale: .custom(children: 400), seed: 11, today: "2026-11-23")
    }

    @Test(arguments: TwoWaySystem.allCases)
    func `every record is one of the standard's or the hub's`(_ system: TwoWaySystem) async throws {
        let standIn = try SS12000StandIn(system, in: Self.municipality())
        var count = 0
        for entity in system.entities {
            for document in try await standIn.truth(entity).values {
                _ = try SchoolRecord.validate(entity, document)
                count += 1
            }
        }
        // Of Vega's own there is nothing before somebody applies.
        #expect(system == .vega ? count == 0 : count >= 10)
    }

    @Test func `what refers to pupils, groups and places refers to those of Edlevo, and to nobody protected`() async throws {
        let municipality = try Self.municipality()
        let edlevo = EdlevoStandIn(municipality: municipality)
        let protected = Set(municipality.protectedPersons.map(\.id))
        for system in TwoWaySystem.allCases {
            let standIn = try SS12000StandIn(system, in: municipality)
            var own: [RecordKey: JSONValue] = [:]
            for entity in system.entities {
                for (id, document) in try await standIn.truth(entity) { own[RecordKey(entity, id)] = document }
            }
            for (key, document) in own {
                for reference in RecordReferences.of(key.entity, document).map(\.key) {
                    let there = own[reference] != nil
                    let known = await edlevo.document(reference)
                    #expect(there || known != nil, "\(key.entity) refers to a \(reference.entity) that is nowhere")
                    #expect(!protected.contains(reference.id))
                }
            }
        }
    }

    @Test func `the same municipality has the same daily life`() async throws {
        for system in TwoWaySystem.allCases {
            let first = try SS12000StandIn(system, in: Self.municipality())
            let second = try SS12000StandIn(system, in: Self.municipality())
            for entity in system.entities {
                let (left, right) = (await first.records(of: entity), await second.records(of: entity))
                #expect(left == right)
            }
        }
    }

    @Test func `a record is put, put again, read and deleted at its address`() async throws {
        let standIn = try SS12000StandIn(.tempus, in: Self.municipality(), isEmpty: true)
        try await withEdlevoStandIn(standIn) { standIn in
            let client = try await EdlevoClient(standIn)
            let id = "00000000-0000-4000-8000-00000000000a"
            func send(_ method: String, _ body: JSONValue? = nil, id: String = id) async throws -> EdlevoClient.Reply {
                try await EdlevoClient.send(
                    client.apiURL + "/absences/" + id, method: method, token: client.token, contentType: "application/json",
                    body: body?.canonicalData)
            }
            var absence: JSONValue = [
                "id": .string(id), "type": "Anmäld frånvaro", "student": ["id": .string(id)],
                "startTime": "2026-11-23T07:00:00Z", "endTime": "2026-11-23T16:00:00Z",
            ]
            #expect(try await send("PUT", absence).status == 201)
            absence["endTime"] = "2026-11-23T11:00:00Z"
            #expect(try await send("PUT", absence).status == 200)
            #expect(try await send("GET").json?["endTime"] == "2026-11-23T11:00:00Z")
            #expect(try await client.get("absences").json?["data"]?.arrayValue?.count == 1)
            absence["type"] = "Skolk"
            #expect(try await send("PUT", absence).status == 422)
            #expect(try await send("PUT", absence, id: "00000000-0000-4000-8000-00000000000b").status == 400)
            #expect(try await send("DELETE").status == 204)
            #expect(try await send("DELETE").status == 404)
            let deleted = try await client.get("deletedEntities?after=2020-01-01T00:00:00Z").json
            #expect(deleted?["data"]?["absences"]?.arrayValue == [.string(id)])
        }
    }

    @Test func `nobody writes to Edlevo this way`() async throws {
        let municipality = try SyntheticMunicipality(scale: .custom(children: 20), seed: 1, today: "2026-11-23")
        try await withEdlevoStandIn(EdlevoStandIn(municipality: municipality)) { standIn in
            let client = try await EdlevoClient(standIn)
            let reply = try await EdlevoClient.send(
                client.apiURL + "/persons/x", method: "DELETE", token: client.token)
            #expect(reply.status == 405)
        }
    }
}
