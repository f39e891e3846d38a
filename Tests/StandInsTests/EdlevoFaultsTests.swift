import Foundation
import SchoolRecords
import StandIns
import Testing

@Suite struct `The Edlevo stand-in's faults` {
    static func withFaults(
        _ faults: EdlevoFaults, _ body: (EdlevoStandIn, EdlevoClient) async throws -> Void
    ) async throws {
        try await withEdlevoStandIn(try `The Edlevo stand-in`.standIn()) { standIn in
            let client = try await EdlevoClient(standIn)
            try await standIn.setFaults(faults)
            try await body(standIn, client)
        }
    }

    @Test func `refusing connections, then back at the same port`() async throws {
        try await Self.withFaults(EdlevoFaults { $0.outage = .refusing }) { standIn, client in
            let port = try await standIn.port
            await #expect(throws: URLError.self) { try await client.get("persons") }
            for _ in 0..<3 {
                try await standIn.setFaults(.none)
                try await #expect(client.get("persons").status == 200)
                try await standIn.setFaults(EdlevoFaults { $0.outage = .refusing })
                await #expect(throws: URLError.self) { try await client.get("persons") }
            }
            try await standIn.setFaults(.none)
            try await #expect(client.get("persons").status == 200)
            try await #expect(standIn.port == port)
        }
    }

    @Test func `unavailable, tokens too`() async throws {
        try await Self.withFaults(EdlevoFaults { $0.outage = .unavailable }) { standIn, client in
            try await #expect(client.get("persons").status == 503)
            try await #expect(EdlevoClient.token(standIn).status == 503)
        }
    }

    @Test func `throttling with Retry-After`() async throws {
        try await Self.withFaults(EdlevoFaults { $0.throttle = .init(every: 3, retryAfter: 7) }) { _, client in
            var statuses: [Int] = []
            for _ in 0..<6 {
                let reply = try await client.get("duties?limit=1")
                statuses.append(reply.status)
                if reply.status == 429 { #expect(reply.headers["retry-after"] == "7") }
            }
            #expect(statuses == [200, 200, 429, 200, 200, 429])
        }
    }

    @Test func `a refused client`() async throws {
        try await Self.withFaults(EdlevoFaults { $0.refusesClients = true }) { standIn, _ in
            try await #expect(EdlevoClient.token(standIn).json == ["error": "invalid_client"])
        }
    }

    @Test func `a truncated page, whole again when asked again`() async throws {
        try await Self.withFaults(EdlevoFaults { $0.truncatedPage = 2 }) { _, client in
            try await #expect(client.get("persons?limit=5").json != nil)
            let cut = try await client.get("persons?limit=5")
            #expect(cut.status == 200 && cut.json == nil && !cut.body.isEmpty)
            try await #expect(client.get("persons?limit=5").json != nil)
        }
    }

    @Test func `a connection cut in the middle of a page`() async throws {
        try await Self.withFaults(EdlevoFaults { $0.disconnectedPage = 1 }) { _, client in
            await #expect(throws: URLError.self) { try await client.get("persons") }
            try await #expect(client.get("persons").json != nil)
        }
    }

    @Test func `a log-in page in place of a list, and a failed page`() async throws {
        let faults = EdlevoFaults {
            $0.htmlPage = 1
            $0.failedPage = 2
        }
        try await Self.withFaults(faults) { _, client in
            let page = try await client.get("persons")
            #expect(page.status == 200 && page.headers["content-type"]?.hasPrefix("text/html") ?? false)
            try await #expect(client.get("persons").status == 500)
            try await #expect(client.get("persons").status == 200)
        }
    }

    @Test func `broken records at the start of a list`() async throws {
        try await Self.withFaults(EdlevoFaults { $0.brokenRecords = Set(EdlevoFaults.BrokenRecord.allCases) }) {
            standIn, client in
            let pages = try await client.pages(of: .person, query: "?limit=50")
            let elements = pages.flatMap { $0["data"]?.arrayValue ?? [] }
            #expect(elements.count == (await standIn.count(of: .person)) + 3)
            #expect(elements.count { $0["id"] == nil } == 2)
            #expect(elements.contains { $0["id"]?.stringValue == EdlevoStandIn.brokenID(.person) })
            try await #expect(client.ids(of: .duty).count == (await standIn.count(of: .duty)))
        }
    }

    @Test func `unknown members, repeated rows`() async throws {
        let faults = EdlevoFaults {
            $0.addsUnknownFields = true
            $0.duplicatesRows = true
        }
        try await Self.withFaults(faults) { standIn, client in
            let page = try await #require(client.get("duties?limit=4").json?["data"]?.arrayValue)
            #expect(page.count == 5 && page[3] == page[4])
            #expect(page.allSatisfy { $0["nyttFält"] != nil && $0["id"] != nil })
        }
    }

    @Test func `an empty source`() async throws {
        try await Self.withFaults(EdlevoFaults { $0.isEmpty = true }) { standIn, client in
            _ = try await standIn.removePupil()
            for entity in Entity.roster { try await #expect(client.ids(of: entity).isEmpty) }
            try await #expect(client.get("deletedentities").json?["data"]?["persons"] == [])
        }
    }

    @Test func `a page token that leads nowhere new`() async throws {
        try await Self.withFaults(EdlevoFaults { $0.repeatsPageToken = true }) { _, client in
            let first = try await #require(client.get("persons?limit=9").json?["pageToken"]?.stringValue)
            let second = try await #require(client.get("persons?pageToken=\(first)").json?["pageToken"]?.stringValue)
            #expect(first == second)
        }
    }

    @Test func `a delay before each answer`() async throws {
        try await Self.withFaults(EdlevoFaults { $0.delay = .milliseconds(80) }) { _, client in
            let begun = ContinuousClock.now
            try await #expect(client.get("duties").status == 200)
            #expect(ContinuousClock.now - begun >= .milliseconds(80))
        }
    }
}
