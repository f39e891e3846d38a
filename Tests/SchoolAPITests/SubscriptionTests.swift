import AsyncHTTPClient
import Foundation
import Hub
import NIOCore
import NIOHTTP1
import SQLStores
import SchoolAPI
import SchoolRecords
import Testing

@Suite("Subscribers are told when their kinds of record change")
struct SubscriptionTests {
    private static func notices(_ house: House) -> NoticeService {
        NoticeService(provider: house.provider, clients: house.clients) { _, url, body in
            var request = HTTPClientRequest(url: url)
            request.method = .POST
            request.body = .bytes(ByteBuffer(bytes: body))
            let response = try await HTTPClient.shared.execute(request, timeout: .seconds(10))
            _ = try await response.body.collect(upTo: 1 << 20)
            return Int(response.status.code)
        }
    }

    private static func subscribe(
        _ house: House, _ target: String, _ kinds: JSONValue = [["resource": "Person"], ["resource": "Duty"]]
    ) async throws -> Answer {
        try await house.post("subscriptions", ["name": "Nya", "target": .string(target), "resourceTypes": kinds])
    }

    @Test func `they are made, listed, renewed and removed by their own client alone`() async throws {
        try await House.with(["all": House.everything, "other": House.everything], notify: "http://127.0.0.1:9") { house in
            let made = try await Self.subscribe(house, "http://127.0.0.1:9/notices/token")
            #expect(made.status == 201)
            #expect(made.json?["resourceTypes"] == [["resource": "Person"], ["resource": "Duty"]])
            let id = try #require(made.json?["id"]?.stringValue)
            for number in 0..<4 {
                try await #expect(Self.subscribe(house, "http://127.0.0.1:9/\(number)", ["Group"]).status == 201)
            }
            let listed = try await house.walk("subscriptions", limit: 2)
            #expect(listed.count == 5 && listed.contains { $0["id"]?.stringValue == id })
            try await #expect(house.walk("subscriptions", limit: 2, as: "other").isEmpty)
            for method in ["GET", "PATCH", "DELETE"] {
                try await #expect(house.post("subscriptions/\(id)", [:], as: "other", method: method).status == 404)
            }
            house.time.pass(3600)
            let renewed = try await house.post("subscriptions/\(id)", [:], method: "PATCH")
            #expect(
                renewed.status == 200
                    && (renewed.json?["expires"]?.stringValue ?? "") > (made.json?["expires"]?.stringValue ?? "x"))
            try await #expect(house.get("subscriptions/\(id)").json == renewed.json)
            // The others end a day after they were made.
            house.time.pass(23.5 * 3600)
            try await #expect(house.walk("subscriptions", limit: 100).compactMap { $0["id"]?.stringValue } == [id])
            let removed = try await house.post("subscriptions/\(id)", [:], method: "DELETE")
            #expect(removed.status == 204 && removed.bytes == 0)
            try await #expect(house.get("subscriptions/\(id)").status == 404)
            try await #expect(house.get("subscriptions/x").code == "bad-id")
        }
    }

    @Test func `only where it was agreed, for what is provided`() async throws {
        try await House.with(notify: "https://library.example") { house in
            for target in [
                "https://evil.example/x", "http://library.example/x", "https://library.example:444/",
                "https://user@library.example/",
                "https://library.example#x", "file:///etc/passwd", "library.example", "https://library.example.evil.example/", "",
            ] {
                let answer = try await Self.subscribe(house, target)
                #expect(answer.status == 403 && answer.code == "target-not-agreed", "\(target)")
            }
            try await #expect(Self.subscribe(house, "https://LIBRARY.example:443/x").status == 201)
            for kinds: JSONValue in [[], ["Persons"], [["resource": 1]], "Person", [["resource": "Person"], "x"]] {
                try await #expect(Self.subscribe(house, "https://library.example/", kinds).status == 400)
            }
            try await #expect(house.post("subscriptions", ["name": "x"]).status == 400)
        }
        try await House.with { house in
            try await #expect(Self.subscribe(house, "https://library.example/").code == "no-notices")
        }
    }

    @Test func `a notice says which kinds changed and whether any are gone, once`() async throws {
        let receiver = Receiver()
        try await receiver.listening { address in
            try await House.with(notify: address) { house in
                try await Town(pupils: 8).move(into: house)
                try await #expect(Self.subscribe(house, address + "/hook").status == 201)
                let notices = Self.notices(house)
                try await notices.round()
                #expect(receiver.bodies.isEmpty)
                try await house.take(.person, [["id": .string(Town.id(.person, 1)), "givenName": "Ny", "familyName": "X"]])
                try await house.take(.group, [["id": .string(Town.id(.group, 99)), "displayName": "9Z"]])
                try await notices.round()
                try await notices.round()
                #expect(receiver.bodies == [["modifiedEntites": ["Person"], "deletedEntities": false]])
                try await house.delete(.duty, [Town.id(.duty, 0)])
                try await notices.round()
                #expect(receiver.bodies.last == ["modifiedEntites": [], "deletedEntities": true])
                #expect(receiver.bodies.count == 2)
            }
        }
    }

    @Test func `a receiver that is down is tried again later, also after a restart, and told all at once`() async throws {
        let directory = FileManager.default.temporaryDirectory.path + "/knutpunkt-api-\(UUID().uuidString)"
        defer { try? FileManager.default.removeItem(atPath: directory) }
        let receiver = Receiver()
        let time = TestTime()
        try await receiver.listening { address in
            receiver.answer(503)
            try await House.with(time: time, notify: address, in: directory) { house in
                try await #expect(Self.subscribe(house, address + "/hook").status == 201)
                try await house.take(.person, [["id": .string(Town.id(.person, 1)), "givenName": "A", "familyName": "B"]])
                let notices = Self.notices(house)
                try await notices.round()
                #expect(receiver.bodies.count == 1)
                // Not before its time.
                time.pass(9)
                try await notices.round()
                #expect(receiver.bodies.count == 1)
                time.pass(2)
                try await notices.round()
                #expect(receiver.bodies.count == 2)
                time.pass(11)
                try await notices.round()
                #expect(receiver.bodies.count == 2)
                try await house.take(.duty, [["id": .string(Town.id(.duty, 1)), "dutyRole": "Rektor"]])
            }
            receiver.answer(204)
            try await House.with(time: time, notify: address, in: directory) { house in
                let notices = Self.notices(house)
                try await notices.round()
                #expect(receiver.bodies.count == 2)
                time.pass(60)
                try await notices.round()
                #expect(receiver.bodies.last == ["modifiedEntites": ["Person", "Duty"], "deletedEntities": false])
                #expect(receiver.bodies.count == 3)
                try await notices.round()
                #expect(receiver.bodies.count == 3)
            }
        }
    }

    @Test func `nobody is told of what has ended, isn't agreed any more, or isn't provided any more`() async throws {
        let receiver = Receiver()
        try await receiver.listening { address in
            try await House.with(notify: address) { house in
                try await #expect(Self.subscribe(house, address + "/a", ["Person"]).status == 201)
                func change(_ name: String) async throws {
                    try await house.take(
                        .person, [["id": .string(Town.id(.person, 1)), "givenName": .string(name), "familyName": "B"]])
                }
                try await change("A")
                let strangers = NoticeService(provider: house.provider, clients: []) { _, _, _ in
                    Issue.record("a notice was posted for a client that isn't there")
                    return 200
                }
                try await strangers.round()
                house.mappings.replace(with: try House.mappings(["all": "purpose: x\nentities:\n  duty: {fields: [dutyRole]}\n"]))
                try await Self.notices(house).round()
                #expect(receiver.bodies.isEmpty)
                house.mappings.replace(with: try House.mappings(["all": House.everything]))
                try await Self.notices(house).round()
                #expect(receiver.bodies.count == 1)
                try await change("C")
                house.time.pass(25 * 3600)
                try await Self.notices(house).round()
                #expect(receiver.bodies.count == 1)
                try await #expect(house.store.subscriptions(of: nil, after: nil, limit: 10).isEmpty)
            }
        }
    }

    @Test func `each client's notices are spelt as it reads them, and what keeps one from being posted is told`() async throws {
        let lines = LogLines()
        try await House.with(notify: "http://127.0.0.1:9", logger: lines.logger) { house in
            try await #expect(Self.subscribe(house, "http://127.0.0.1:9/a", ["Person"]).status == 201)
            try await house.take(.person, [["id": .string(Town.id(.person, 1)), "givenName": "A", "familyName": "B"]])
            let corrected = APIClient(
                name: "all", system: "all", notify: "http://127.0.0.1:9", spelling: .corrected, signIn: .secret { nil })
            let notices = NoticeService(provider: house.provider, clients: [corrected]) { client, _, body in
                #expect(client == "all")
                #expect(try JSONValue(parsing: body) == ["modifiedEntities": ["Person"], "deletedEntities": false])
                throw NoticeProblem("token-refused: the desk says no")
            }
            try await notices.round()
            #expect(lines.all.contains { $0.contains("couldn't be told") && $0.contains("token-refused: the desk says no") })
        }
    }
}
