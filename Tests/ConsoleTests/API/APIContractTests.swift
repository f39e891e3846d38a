import Foundation
import HTTPTypes
import Hub
import NIOHTTP1
import SchoolRecords
import Testing

@testable import Console

@Suite("The API's contract and what it serves are the same")
struct APIContractTests {
    @Test func `the served document has every operation, with its parameters, answers and problems`() async throws {
        try await ConsoleWorld.with { world in
            let served = try await world.call("GET", "/api/v1/openapi.json", as: nil)
            #expect(served.status == 200 && served.body == OpenAPIDocument.json)
            let paths = try #require(served.body["paths"]?.objectValue)
            var count = 0
            for (_, item) in paths { count += item.objectValue?.count ?? 0 }
            #expect(count == OpenAPIDocument.operations.count)
            #expect(Set(OpenAPIDocument.operations.map(\.id)).count == OpenAPIDocument.operations.count)
            for operation in OpenAPIDocument.operations {
                let told = try #require(paths[operation.path]?[operation.method.rawValue.lowercased()])
                #expect(told["operationId"]?.stringValue == operation.id)
                let names = told["parameters"]?.arrayValue?.compactMap { $0["name"]?.stringValue } ?? []
                #expect(
                    Set(names)
                        == Set(
                            (operation.places + operation.query).map(\.name) + (operation.isRepeatable ? ["Idempotency-Key"] : [])
                        ))
                // Each part of the path that differs is told.
                let differing = operation.path.split(separator: "/").filter { $0.hasPrefix("{") }.map {
                    String($0.dropFirst().dropLast())
                }
                #expect(differing == operation.places.map(\.name), "\(operation.id)")
            }
        }
    }

    @Test func `what operations answer is what the document says`() async throws {
        let document = OpenAPIDocument.json
        let check = SchemaCheck(document: document)
        try await ConsoleWorld.with { world in
            let names = try await APIRightsTests.plant(in: world)
            var reading = world.reading.value
            var target = HealthReading.Target(system: "unikum")
            target.queued = 3
            reading.targets = [target]
            reading.sources = [HealthReading.Source(system: "edlevo")]
            reading.roles = [RoleReadiness(unit: "school-a", staff: 3, ready: 1, missing: ["no-account": 2], time: reading.time)]
            world.reading.value = reading
            // What is looked at first, then what changes it.
            let operations = OpenAPIDocument.operations.filter(\.isReading) + OpenAPIDocument.operations.filter { !$0.isReading }
            var successes = 0
            for operation in operations {
                for language in ["sv", "en"] {
                    let answer = try await world.call(
                        operation.method.rawValue, APIRightsTests.address(operation, names), Self.bodies[operation.id],
                        headers: [("Accept-Language", language)])
                    let told = document["paths"]?[operation.path]?[operation.method.rawValue.lowercased()]?["responses"]?[
                        "\(answer.status)"]
                    let response = try #require(told, "\(operation.id) \(answer.status) \(answer.body)")
                    let type = answer.headers.first(name: "Content-Type") ?? ""
                    let schema = try #require(response["content"]?[type]?["schema"], "\(operation.id) \(type)")
                    #expect(check.faults(answer.body, schema).isEmpty, "\(operation.id) \(check.faults(answer.body, schema))")
                    if answer.status < 300 { successes += 1 }
                }
            }
            #expect(successes > 50)
        }
    }

    private static let bodies: [String: JSONValue] = [
        "showFailedContent": ["reason": "r"], "editFailed": ["path": "title", "value": "b", "reason": "r"],
        "discardFailed": ["reason": "r"], "createReplay": ["numbers": [1]], "approveHeld": ["reason": "r"],
        "rejectHeld": ["reason": "r"], "startComparison": ["mode": "full"], "repairComparison": ["dryRun": true],
        "approveRepair": ["reason": "r"], "rejectRepair": ["reason": "r"], "approveRolePlan": ["reason": "r"],
        "showPerson": ["id": "p1", "reason": "r"],
        "handIn": [["id": "pupil-1", "givenName": "Prov", "familyName": "Provsson"], ["id": "pupil-2"]],
    ]

    @Test func `a document that differs from what is served is found`() async throws {
        // The check itself: a member that isn't told, and one that is told and missing.
        let check = SchemaCheck(document: OpenAPIDocument.json)
        let schema: JSONValue = ["$ref": "#/components/schemas/Queue"]
        #expect(check.faults(["name": "deliver.unikum", "messages": 1], schema).isEmpty)
        #expect(!check.faults(["name": "deliver.unikum", "more": 1], schema).isEmpty)
        #expect(!check.faults(["messages": 1], schema).isEmpty && !check.faults(["name": "a", "messages": "b"], schema).isEmpty)
    }

    @Test func `pages go on where the one before ended, and a cursor is of its own list alone`() async throws {
        try await ConsoleWorld.with { world in
            let failures = (1...7).map { number in
                NewFailure(
                    stage: .delivery, system: "unikum", key: RecordKey(.duty, "d\(number)"), sequence: 1, kind: "mapping",
                    code: "bad-value", field: nil, place: nil, message: "m", body: nil)
            }
            try await world.store.record(failures, time: HubClock.system.timestamp)
            var seen: [Int64] = []
            var after: String?
            repeat {
                let page = try await world.call("GET", "/api/v1/failed?limit=3" + (after.map { "&after=\($0)" } ?? ""))
                #expect(page.status == 200)
                seen += page.body["items"]?.arrayValue?.compactMap { $0["number"]?.integerValue } ?? []
                after = page.body["next"]?.stringValue
            } while after != nil
            #expect(seen == Array(1...7))
            let first = try await world.call("GET", "/api/v1/failed?limit=3")
            let cursor = try #require(first.body["next"]?.stringValue)
            let other = try await world.call("GET", "/api/v1/audit?after=\(cursor)")
            #expect(other.status == 400 && other.body["errors"]?.arrayValue?.first?["pointer"] == "after")
        }
    }
}
