import Foundation
import Hub
import NIOHTTP1
import SchoolRecords
import Testing

@testable import Console

@Suite("The API tells what it doesn't take, where, and what to do")
struct APIRefusalTests {
    private static func failure() -> NewFailure {
        NewFailure(
            stage: .delivery, system: "unikum", key: RecordKey(.duty, "d1"), sequence: 1, kind: "mapping", code: "bad-value",
            field: nil, place: nil, message: "m", body: Data("{}".utf8))
    }

    /// A problem has all that RFC 9457 and the contract ask for.
    private static func isWhole(_ answer: ConsoleWorld.APIReply, _ status: Int, _ code: String) -> Bool {
        answer.status == status && answer.headers.first(name: "Content-Type") == "application/problem+json"
            && answer.body["status"]?.integerValue == Int64(status) && answer.code == code
            && answer.body["type"]?.stringValue == "urn:knutpunkt:problem:\(code)"
            && ["title", "detail", "remedy"].allSatisfy { !(answer.body[$0]?.stringValue ?? "").isEmpty }
    }

    @Test func `routes and methods that there aren't`() async throws {
        try await ConsoleWorld.with { world in
            for path in [
                "/api/v1/nothing", "/api/v2/failed", "/api", "/api/v1", "/intake/v1/edlevo", "/api/v1/failed/abc",
                "/api/v1/failed/0",
                "/api/v1/failed/99999999999999999999", "/api/v1/failed/", "/api/v1//failed", "/api/v1/failed/01",
                "/api/v1/systems/nothing", "/api/v1/replays/nothing", "/api/v1/held/nothing", "/intake/v1/edlevo/nothing",
            ] {
                let method = path.hasPrefix("/intake/v1/edlevo/") ? "POST" : "GET"
                let answer = try await world.call(method, path, method == "POST" ? [] : nil)
                #expect(Self.isWhole(answer, 404, "not-found"), "\(path) \(answer.status)")
            }
            for (method, path, allow) in [
                ("POST", "/api/v1/failed", "GET, HEAD"), ("DELETE", "/api/v1/replays", "GET, HEAD, POST"),
                ("GET", "/intake/v1/edlevo/person", "POST"), ("TRACE", "/api/v1/health", "GET, HEAD"),
                ("PUT", "/api/v1/failed/1/edit", "POST"), ("PATCH", "/api/v1/openapi.json", "GET, HEAD"),
            ] {
                let answer = try await world.call(method, path)
                #expect(Self.isWhole(answer, 405, "method-not-allowed"), "\(method) \(path) \(answer.status)")
                #expect(answer.headers.first(name: "Allow") == allow)
            }
            let head = try await world.call("HEAD", "/api/v1/health")
            #expect(head.status == 200 && head.body == .null)
        }
    }

    @Test func `a path that climbs out leads nowhere`() async throws {
        try await ConsoleWorld.with { world in
            for path in [
                "/api/v1/../../etc/passwd", "/api/v1/systems/..%2f..%2fetc%2fpasswd", "/api/v1/systems/%2e%2e",
                "/api/v1/systems/%00", "/intake/v1/..%2fedlevo/person", "/api/v1/..;/audit",
            ] {
                let answer = try await world.call(
                    path.hasPrefix("/intake") ? "POST" : "GET", path, path.hasPrefix("/intake") ? [] : nil)
                #expect([403, 404].contains(answer.status), "\(path) \(answer.status)")
            }
        }
    }

    @Test func `parameters that are unknown, doubled or out of bounds are named`() async throws {
        try await ConsoleWorld.with { world in
            for (query, name) in [
                ("limit=0", "limit"), ("limit=501", "limit"), ("limit=ten", "limit"), ("limit=+1", "limit"),
                ("nothing=1", "nothing"),
                ("limit=1&limit=2", "limit"), ("after=nothing", "after"), ("state=nothing", "state"), ("entity=PERSON", "entity"),
                ("system=" + String(repeating: "x", count: 201), "system"), ("after=", "after"), ("%ff=1", "?"),
            ] {
                let answer = try await world.call("GET", "/api/v1/failed?\(query)")
                #expect(Self.isWhole(answer, 400, "bad-parameter"), "\(query) \(answer.status)")
                let pointers = answer.body["errors"]?.arrayValue?.compactMap { $0["pointer"]?.stringValue }
                #expect(pointers == [name], "\(query)")
            }
            let missing = try await world.call("GET", "/api/v1/traces")
            #expect(missing.status == 400 && missing.body["errors"]?.arrayValue?.first?["pointer"] == "record")
        }
    }

    @Test func `bodies of another type, that are no JSON, too large, or not as the contract has them`() async throws {
        try await ConsoleWorld.with { world in
            try await world.store.record([Self.failure()], time: HubClock.system.timestamp)
            let path = "/api/v1/failed/1/discard"
            for type in ["text/plain", "application/x-www-form-urlencoded", "application/xml", ""] {
                let answer = try await world.raw("POST", path, "{\"reason\":\"r\"}", type: type)
                #expect(Self.isWhole(answer, 415, "unsupported-media-type"), "\(type)")
            }
            for (text, place) in [
                ("{\"reason\":", "line 1, byte 11"), ("{\n \"reason\": tru }", "line 2, byte 15"), ("nothing", "line 1, byte 2"),
                ("{} {}", "line 1, byte 4"), ("{\"a\":1,}", "line 1, byte 8"), ("[1,]", "line 1, byte 4"),
                ("\"\u{1}\"", "line 1, byte 2"),
                ("01", "line 1, byte 2"), (String(repeating: "[", count: 65), "line 1, byte 65"), ("{\"a\" 1}", "line 1, byte 6"),
            ] {
                let answer = try await world.raw("POST", path, text)
                #expect(Self.isWhole(answer, 400, "malformed"), "\(text) \(answer.status)")
                #expect(answer.body["errors"]?.arrayValue?.first?["detail"]?.stringValue == place, "\(text)")
            }
            let large = try await world.raw("POST", path, "\"" + String(repeating: "x", count: 64 * 1024) + "\"")
            #expect(Self.isWhole(large, 413, "too-large"))
            let wrong: [(JSONValue, [String])] = [
                ([:], ["/reason"]), (["reason": ""], ["/reason"]), (["reason": 1], ["/reason"]),
                (["reason": "  \n"], ["/reason"]),
                (["reason": .string(String(repeating: "å", count: 501))], ["/reason"]), (["reason": "r", "more": 1], ["/more"]),
                ([], [""]), (.null, [""]), (["reason": "r", "a/b~c": 1], ["/a~1b~0c"]),
            ]
            for (body, pointers) in wrong {
                let answer = try await world.call("POST", path, body)
                #expect(Self.isWhole(answer, 422, "bad-body"), "\(body) \(answer.status)")
                #expect(answer.body["errors"]?.arrayValue?.compactMap { $0["pointer"]?.stringValue } == pointers, "\(body)")
            }
            let records = try await world.raw("POST", "/intake/v1/edlevo/person", "[{\"id\": \"a\"},\n{]")
            #expect(Self.isWhole(records, 400, "malformed"))
            #expect(records.body["errors"]?.arrayValue?.first?["detail"]?.stringValue == "line 2, byte 2")
            // Nothing of all that was done.
            #expect(try await world.store.message(1)?.state == .failed)
            let longest = try await world.call(
                "POST", path, ["reason": .string(String(repeating: "å", count: 500))])
            #expect(longest.status == 200 && longest.body["state"] == "discarded")
        }
    }

    @Test func `texts are in the language that is asked for`() async throws {
        try await ConsoleWorld.with { world in
            let swedish = try await world.call("GET", "/api/v1/nothing", headers: [("Accept-Language", "sv-SE,en;q=0.5")])
            let english = try await world.call("GET", "/api/v1/nothing", headers: [("Accept-Language", "en")])
            let other = try await world.call("GET", "/api/v1/nothing", headers: [("Accept-Language", "fi")])
            #expect(swedish.body["title"] == "Det finns inte" && swedish.headers.first(name: "Content-Language") == "sv")
            #expect(english.body["title"] == "There is no such thing" && other.body["title"] == english.body["title"])
        }
    }

    @Test func `an identity number is answered by nothing but that it mustn't be sent`() async throws {
        try await ConsoleWorld.with { world in
            let answer = try await world.call("POST", "/api/v1/persons/show", ["id": "20130101-TF01", "reason": "r"])
            #expect(answer.status == 422 && !"\(answer.body)".contains("TF01"))
            let traced = try await world.call("GET", "/api/v1/traces?record=20130101-TF01")
            #expect(traced.status == 400 && !"\(traced.body)".contains("TF01"))
        }
    }
}

@Suite("A session does nothing that its own person didn't ask for")
struct APIForgeryTests {
    @Test func `writing takes the session's own token, from the console's own address`() async throws {
        try await ConsoleWorld.with { world in
            let failure = NewFailure(
                stage: .delivery, system: "unikum", key: RecordKey(.duty, "d1"), sequence: 1, kind: "mapping", code: "bad-value",
                field: nil, place: nil, message: "m", body: nil)
            try await world.store.record([failure], time: HubClock.system.timestamp)
            let path = "/api/v1/failed/1/discard"
            for headers in [
                [("X-CSRF-Token", "")], [("X-CSRF-Token", "form-of-grace")], [("X-CSRF-Token", "form-of-ad")],
                [("Origin", "https://elsewhere.example")], [("Sec-Fetch-Site", "cross-site")], [("Sec-Fetch-Site", "same-site")],
            ] {
                let answer = try await world.call("POST", path, ["reason": "r"], headers: headers)
                #expect(answer.status == 403 && answer.code == "forged", "\(headers)")
            }
            #expect(try await world.store.message(1)?.state == .failed)
            let me = try await world.call("GET", "/api/v1/me")
            let csrf = try #require(me.body["csrfToken"]?.stringValue)
            let own = try await world.call(
                "POST", path, ["reason": "r"],
                headers: [("X-CSRF-Token", csrf), ("Origin", world.url), ("Sec-Fetch-Site", "same-origin")])
            #expect(own.status == 200)
        }
    }
}
