import Foundation
import NIOHTTP1
import SchoolRecords
import Synchronization
import Testing

@Suite("Clients sign in by their secret, and are let in by a token while it is good")
struct SignInTests {
    private static let form = [("content-type", "application/x-www-form-urlencoded")]

    private static func sign(
        _ house: House, _ body: String, headers: [(String, String)] = []
    ) async throws -> Answer {
        try await house.request("POST", "/token", headers: Self.form + headers, body: Array(body.utf8))
    }

    private static func basic(_ name: String, _ secret: String) -> [(String, String)] {
        [("authorization", "Basic \(Data("\(name):\(secret)".utf8).base64EncodedString())")]
    }

    @Test func `by header and by body`() async throws {
        try await House.with { house in
            for answer in [
                try await Self.sign(house, "grant_type=client_credentials&client_id=all&client_secret=\(House.secret)"),
                try await Self.sign(house, "grant_type=client_credentials&scope=x", headers: Self.basic("all", House.secret)),
            ] {
                #expect(answer.status == 200)
                #expect(answer.json?["token_type"] == "Bearer" && answer.json?["expires_in"] == 900)
                #expect(answer.headers.first(name: "cache-control") == "no-store")
                let token = try #require(answer.json?["access_token"]?.stringValue)
                let persons = try await house.request("GET", "/v2.0/persons", headers: [("authorization", "bearer \(token)")])
                #expect(persons.status == 200)
            }
        }
    }

    @Test func `refusals are those of RFC 6749`() async throws {
        try await House.with { house in
            let right = "client_id=all&client_secret=\(House.secret)"
            for (body, headers, status, error) in [
                (right, [], 400, "invalid_request"), ("grant_type=password&\(right)", [], 400, "unsupported_grant_type"),
                ("grant_type=client_credentials", [], 401, "invalid_client"),
                ("grant_type=client_credentials&client_id=all&client_secret=wrong", [], 401, "invalid_client"),
                ("grant_type=client_credentials&client_id=nobody&client_secret=\(House.secret)", [], 401, "invalid_client"),
                ("grant_type=client_credentials", Self.basic("all", "wrong"), 401, "invalid_client"),
                ("grant_type=client_credentials", [("authorization", "Basic ?")], 401, "invalid_client"),
                ("grant_type=client_credentials&\(right)", Self.basic("all", House.secret), 400, "invalid_request"),
                ("grant_type=client_credentials&\(right)&client_secret=x", [], 400, "invalid_request"),
                ("%zz", [], 400, "invalid_request"),
            ] as [(String, [(String, String)], Int, String)] {
                let answer = try await Self.sign(house, body, headers: headers)
                #expect(answer.status == status, "\(body)")
                #expect(answer.json?["error"]?.stringValue == error, "\(body)")
                #expect((answer.headers.first(name: "www-authenticate") != nil) == (status == 401))
            }
        }
    }

    @Test func `no token, a foreign one, a changed one and one that is over`() async throws {
        try await House.with { house in
            let token = try await house.token()
            let foreign = try await House.with(time: house.time) { other in try await other.token() }
            // The same key and client: as after a restart.
            let accepted = try await house.request("GET", "/v2.0/persons", headers: [("authorization", "Bearer \(foreign)")])
            #expect(accepted.status == 200)
            let parts = token.split(separator: ".")
            let swapped = Data("9999999999.all".utf8).base64EncodedString().replacing("=", with: "")
            for header in [
                nil, "", "Bearer", "Bearer ", "Bearer x", "Bearer x.y", "Basic \(token)", "Bearer \(token)x",
                "Bearer \(parts[0])",
                "Bearer \(swapped).\(parts[1])", "Bearer \(parts[0]).\(parts[0])",
                "Bearer \(String(repeating: "a", count: 2000))",
            ] {
                let answer = try await house.request(
                    "GET", "/v2.0/persons", headers: header.map { [("authorization", $0)] } ?? [])
                #expect(answer.status == 401, "\(header ?? "none")")
                #expect(answer.code == "no-token" && answer.headers.first(name: "www-authenticate")?.hasPrefix("Bearer") == true)
            }
            house.time.pass(899)
            func status() async throws -> Int {
                try await house.request("GET", "/v2.0/persons", headers: [("authorization", "Bearer \(token)")]).status
            }
            try await #expect(status() == 200)
            house.time.pass(2)
            try await #expect(status() == 401)
        }
    }

    @Test func `wrong secrets are slowed down, for the address and the client that they come for`() async throws {
        try await House.with(["all": House.everything, "other": House.everything], isBehindProxy: true) { house in
            func attempt(_ client: String, _ secret: String, from address: String) async throws -> Answer {
                try await Self.sign(
                    house, "grant_type=client_credentials&client_id=\(client)&client_secret=\(secret)",
                    headers: [("x-forwarded-for", "10.9.9.9, \(address)")])
            }
            for _ in 0..<5 { try await #expect(attempt("all", "wrong", from: "10.0.0.1").status == 401) }
            let refused = try await attempt("all", House.secret, from: "10.0.0.1")
            #expect(refused.status == 429 && refused.headers.first(name: "retry-after") != nil)
            try await #expect(attempt("other", House.secret, from: "10.0.0.1").status == 200)
            try await #expect(attempt("all", House.secret, from: "10.0.0.2").status == 200)
            house.time.pass(2)
            try await #expect(attempt("all", "wrong", from: "10.0.0.1").status == 401)
            house.time.pass(1.5)
            try await #expect(attempt("all", House.secret, from: "10.0.0.1").status == 429)
            house.time.pass(10)
            try await #expect(attempt("all", House.secret, from: "10.0.0.1").status == 200)
            try await #expect(attempt("all", "wrong", from: "10.0.0.1").status == 401)
            try await #expect(attempt("all", House.secret, from: "10.0.0.1").status == 200)
        }
    }

    @Test func `a new secret ends the old one's tokens, and one that is gone lets nobody in`() async throws {
        let secret = Secret()
        try await House.with(secret: { secret.text }) { house in
            let token = try await house.token()
            func status() async throws -> Int {
                try await house.request("GET", "/v2.0/persons", headers: [("authorization", "Bearer \(token)")]).status
            }
            try await #expect(status() == 200)
            secret.set("another-secret-of-some-length")
            try await #expect(status() == 401)
            try await #expect(house.token() == "")
            secret.set(nil)
            try await #expect(Self.sign(house, "grant_type=client_credentials&client_id=all&client_secret=none").status == 401)
            secret.set(House.secret)
            try await #expect(status() == 200)
        }
    }

    private final class Secret: Sendable {
        private let held = Mutex<String?>(House.secret)
        var text: String? { self.held.withLock { $0 } }
        func set(_ text: String?) { self.held.withLock { $0 = text } }
    }
}
