import Foundation
import HTTPTypes
import Hub
import Mapping
import NIOHTTP1
import SchoolRecords
import Testing

@testable import Console

/// Every operation of the API, asked for by every role, with all units and with one.
@Suite("Each operation of the API lets in the roles that it is for")
struct APIRightsTests {
    /// What an operation is called with, by its id.
    static let bodies: [String: JSONValue] = [
        "showFailedContent": ["reason": "r"], "editFailed": ["path": "a", "value": "b", "reason": "r"],
        "discardFailed": ["reason": "r"], "createReplay": ["numbers": [1]], "approveHeld": ["reason": "r"],
        "rejectHeld": ["reason": "r"], "startComparison": ["mode": "full"], "repairComparison": [:],
        "approveRepair": ["reason": "r"], "rejectRepair": ["reason": "r"], "approveRolePlan": ["reason": "r"],
        "showPerson": ["id": "p1", "reason": "r"], "handIn": [],
    ]
    /// What takes a right that depends on what is asked for.
    private static let rights: [String: Permissions.Action] = ["repairComparison": .repair]
    /// What is for those alone who have all units, beside what takes a right.
    private static let whole: Set = ["showPerson", "listAudit"]

    static func plant(in world: ConsoleWorld) async throws -> [String: String] {
        var names = try await RouteRightsTests.plant(in: world)
        let time = HubClock.system.timestamp
        let change = HeldChange(
            id: "edlevo-person-1", direction: .source, system: "edlevo", entity: "person", mode: "full", living: 100,
            counts: ChangeCounts(deletes: 90), excess: [ChangeExcess(kind: .deletes, count: 90, limit: 20)], time: time)
        _ = try await world.store.hold(change, marks: [1], samples: [])
        names["HELD"] = change.id
        return names
    }

    /// The address of an operation on what has been planted.
    static func address(_ operation: APIOperation, _ names: [String: String]) -> String {
        let part = operation.path.split(separator: "/").dropFirst(2).first ?? ""
        let id: String? =
            switch part {
            case "replays": names["BATCH"]
            case "comparisons": names["RUN"]
            case "repairs": names["REPAIR"]
            case "role-plans": names["PLAN"]
            case "held": names["HELD"]
            default: nil
            }
        let path = operation.path.replacing("{number}", with: "1").replacing("{system}", with: "unikum")
            .replacing("{source}", with: "edlevo").replacing("{entity}", with: "person").replacing("{id}", with: id ?? "x")
        return path + (operation.id == "getTrace" ? "?record=duty/d1" : "")
    }

    private static func may(_ operation: APIOperation, _ role: ConsoleRole, hasAllUnits: Bool) -> Bool {
        var may = true
        switch operation.access {
        case .anybody, .signedIn: break
        case .area(let area): may = role.areas.contains(area)
        case .handingIn: may = role.actions.contains(.sync)
        }
        if let action = operation.action ?? Self.rights[operation.id] {
            may = may && role.actions.contains(action) && hasAllUnits
        }
        if Self.whole.contains(operation.id) { may = may && hasAllUnits }
        return may
    }

    @Test(arguments: ConsoleRole.allCases, [false, true])
    func `a role gets what its table says, and with one unit nothing that is about all`(role: ConsoleRole, hasOneUnit: Bool)
        async throws
    {
        try await ConsoleWorld.with { world in
            let names = try await Self.plant(in: world)
            let cookie = "session=role-\(role.rawValue)" + (hasOneUnit ? "@school-z" : "")
            for operation in OpenAPIDocument.operations {
                let body = Self.bodies[operation.id] ?? (operation.body == nil ? nil : [:])
                let answer = try await world.call(
                    operation.method.rawValue, Self.address(operation, names), body, as: cookie)
                let may = Self.may(operation, role, hasAllUnits: !hasOneUnit)
                #expect((answer.status != 403) == may, "\(operation.id) \(role.rawValue) \(answer.status) \(answer.body)")
                #expect(answer.status < 500 && answer.status != 401, "\(operation.id) \(answer.status)")
            }
        }
    }

    @Test func `nobody is answered without a session or a token, the contract aside`() async throws {
        try await ConsoleWorld.with { world in
            let names = try await Self.plant(in: world)
            let headers: [[(String, String)]] = [
                [], [("Authorization", "Bearer knutpunkt_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")],
                [("Authorization", "Basic YWRhOmFkYQ==")], [("Authorization", "Bearer")],
            ]
            for operation in OpenAPIDocument.operations {
                for header in headers {
                    let answer = try await world.call(
                        operation.method.rawValue, Self.address(operation, names), Self.bodies[operation.id], as: nil,
                        headers: header)
                    let isOpen = operation.id == "getOpenAPI"
                    #expect(answer.status == (isOpen ? 200 : 401), "\(operation.id) \(answer.status)")
                    #expect(isOpen || answer.headers.first(name: "WWW-Authenticate")?.hasPrefix("Bearer") == true)
                    #expect(isOpen || answer.body["code"] == "unauthorized")
                }
            }
        }
    }

    @Test func `who has one unit approves its part of a role plan, and no other`() async throws {
        try await ConsoleWorld.with { world in
            let names = try await Self.plant(in: world)
            let path = "/api/v1/role-plans/\(names["PLAN"] ?? "")/approve"
            let body: JSONValue = ["unit": "school-a", "reason": "r"]
            let own = try await world.call("POST", path, body, as: "session=role-approver@school-a")
            #expect(own.status == 200 && world.ordered.value.count == 1)
            let foreign = try await world.call("POST", path, body, as: "session=role-approver@school-z")
            #expect(foreign.status == 403 && world.ordered.value.count == 1)
            let seen = try await world.call(
                "GET", "/api/v1/role-plans/\(names["PLAN"] ?? "")", as: "session=role-approver@school-z")
            #expect(seen.status == 200 && seen.body["parts"]?.arrayValue?.isEmpty == true)
        }
    }
}
