import Foundation
import HTTPTypes
import Hub
import SchoolRecords
import Testing

@testable import Console

/// Every role, with all units, with the protected persons' own and with another, asks for all that there is.
@Suite("Who sees what of a protected person: role by action by unit")
struct ProtectedMatrixTests {
    /// Of a visitor's units: all, those where the protected persons are, or others.
    enum Units: String, Sendable, CaseIterable { case all = "", own = "@school-a", foreign = "@school-z" }

    /// The roles, and nobody's role at all.
    static let visitors: [String] = ["none"] + ConsoleRole.allCases.map(\.rawValue)

    /// Where somebody protected may stand, by the opaque id: failed messages, what was changed, who asked (docs/privacy.md). Nowhere else,
    /// and never by more than that.
    static let byOpaqueID: Set<String> = [
        "GET /failed/list", "GET /failed/list.csv", "GET /failed/:", "POST /failed/:/content", "GET /failed/replays/:",
        "listFailed", "getFailed", "getReplayForecast", "GET /messages/changes", "GET /messages/changes.csv", "GET /roles/:",
        "GET /roles/:/steps.csv", "listRolePlanSteps", "GET /privacy/log", "GET /privacy/log.csv", "GET /privacy/log/check",
        "POST /privacy/log/person", "listAudit", "showPerson",
    ]

    /// Who is told that the person whom they ask for by their own id is protected. Whoever has some units alone isn't: where the person
    /// belongs isn't told either.
    static let told: [String: Set<ConsoleRole>] = [
        "POST /person": [.operator, .support, .dataProtectionOfficer],
        "showPerson": [.operator, .support, .dataProtectionOfficer],
        "GET /messages/trace": [.operator, .support, .dataProtectionOfficer],
        "getTrace": [.operator, .support, .dataProtectionOfficer],
        // As of a record that isn't there.
        "POST /mappings/:/:/:/explain": [],
    ]

    /// What the audit log says when one of them is asked for by id, whoever is told something.
    static let noted: [String: Set<String>] = [
        "POST /person": ["person.show", "person.values"], "showPerson": ["person.show", "person.values"],
        "GET /messages/trace": ["person.trace"], "getTrace": ["person.trace"],
    ]

    struct Answer {
        let status: Int
        let text: String
    }

    static func answer(to ask: ProtectedAsks.Ask, as visitor: String, in world: ConsoleWorld) async throws -> Answer {
        let cookie = "session=role-\(visitor)"
        func text(_ answer: ConsoleWorld.Answer) -> String {
            answer.body + answer.headers.map { "\n\($0.name): \($0.value)" }.joined()
        }
        switch ask.what {
        case .page(let path):
            // What keeps itself fresh has no end: how it begins is on the page.
            guard !path.hasPrefix("/live/") else { return Answer(status: 200, text: "") }
            let answer = try await world.get(path, as: cookie)
            return Answer(status: Int(answer.status), text: text(answer))
        case .form(let path, let form):
            let answer = try await world.post(
                path, pairs: form.merging(["csrf": "form-of-role-\(visitor)"]) { $1 }, as: cookie)
            return Answer(status: Int(answer.status), text: text(answer))
        case .api(let method, let path, let body):
            let answer = try await world.call(method.rawValue, path, body, as: cookie)
            return Answer(
                status: answer.status,
                text: String(decoding: answer.body.canonicalData, as: UTF8.self)
                    + answer.headers.map { "\n\($0.name): \($0.value)" }.joined())
        }
    }

    private static func says(_ answer: Answer) -> Bool {
        answer.text.contains("Skyddade personuppgifter") || answer.text.contains("\"isProtected\":true")
            || answer.text.contains("skyddade personuppgifter")
    }

    @Test(arguments: visitors, Units.allCases)
    func `nobody sees a protected person, wherever they look`(visitor: String, units: Units) async throws {
        try await ConsoleWorld.with { world in
            let planted = try await ProtectedWorld.plant(in: world)
            let name = visitor + units.rawValue
            let role = ConsoleRole(rawValue: visitor)
            let asks = ProtectedAsks(world: planted).all
            var named: Set<String> = []
            for ask in asks.filter({ !$0.changesSomething }) + asks.filter(\.changesSomething) {
                let before = try await world.store.auditEntries(AuditFilter()).count
                let answer = try await Self.answer(to: ask, as: name, in: world)
                #expect(answer.status < 500, "\(ask) \(name): \(answer.status)")
                let text = answer.text.lowercased()
                #expect(!text.contains(ProtectedWorld.mark), "\(ask) shows \(name) real data")
                #expect(!text.contains(ProtectedWorld.number.lowercased()) || ask.asksByNumber, "\(ask) shows \(name) a number")
                let echo = ask.id.map { text.replacing($0.lowercased(), with: "") } ?? text
                #expect(!echo.contains(ProtectedWorld.idMark), "\(ask) shows \(name) a real id")
                let isNamed = ProtectedWorld.people.contains { echo.contains($0.opaque) }
                if isNamed { named.insert(ask.address) }
                #expect(!isNamed || Self.byOpaqueID.contains(ask.address), "\(ask) shows \(name) an opaque id")
                try await self.expectTold(ask, answer, role, units, name, before, world)
            }
            // Somebody is there to be found, or the rest would prove nothing.
            if role == .operator {
                #expect(named.isSuperset(of: ["GET /failed/list", "GET /messages/changes.csv", "listFailed"]))
            }
        }
    }

    /// Whether somebody is told that a person is protected who is to be told, and the audit log has that they asked.
    private func expectTold(
        _ ask: ProtectedAsks.Ask, _ answer: Answer, _ role: ConsoleRole?, _ units: Units, _ name: String, _ before: Int,
        _ world: ConsoleWorld
    ) async throws {
        let person = ProtectedWorld.people.first { $0.id == ask.id || $0.opaque == ask.id }
        guard let person, Self.told[ask.address] != nil, !ask.asksForVault else {
            #expect(!Self.says(answer) || person == nil || ask.address.hasPrefix("GET /person"), "\(ask) \(name)")
            return
        }
        let isTold = units == .all && role.map { Self.told[ask.address]?.contains($0) == true } == true
        #expect(Self.says(answer) == isTold, "\(ask) \(name) \(answer.status)")
        guard isTold, let actions = Self.noted[ask.address] else { return }
        let entries = try await world.store.auditEntries(AuditFilter()).dropFirst(before)
        #expect(
            entries.contains {
                actions.contains($0.action) && $0.subject == "person/\(person.opaque)" && $0.person == "role-\(name)"
            },
            "\(ask) \(name) \(entries)")
    }

    @Test func `all that the console and the API serve is asked for`() async throws {
        try await ConsoleWorld.with { world in
            let planted = try await ProtectedWorld.plant(in: world)
            let asked = Set(ProtectedAsks(world: planted).all.map(\.address))
            // Getting in and out, files, and what has its own test: a form with files (UploadPageTests), what keeps itself fresh.
            let aside: Set = [
                "GET /sign-in", "POST /sign-in", "POST /sign-out", "POST /account/password", "GET /sign-in/openid",
                "GET /sign-in/openid/callback", "GET /**", "POST /upload", "GET /live/replays/:", "GET /live/roles/:",
            ]
            for address in world.addresses where !address.hasPrefix("GET /assets/") && !aside.contains(address) {
                #expect(asked.contains(address), "\(address)")
            }
            for operation in OpenAPIDocument.operations { #expect(asked.contains(operation.id), "\(operation.id)") }
        }
    }
}

extension ProtectedAsks.Ask {
    /// Whether it asks to be shown what the vault has.
    var asksForVault: Bool {
        switch self.what {
        case .form(_, let form): form["protected"] != nil
        case .api(_, _, let body): body?["protected"]?.boolValue == true
        case .page: false
        }
    }

    var asksByNumber: Bool { "\(self.what)".contains(ProtectedWorld.number) }
}
