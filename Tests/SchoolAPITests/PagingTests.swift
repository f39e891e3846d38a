import Foundation
import Hub
import SchoolRecords
import Testing
import TestChance

@Suite("Pages put together are the whole, in its order")
struct PagingTests {
    /// A list, with ways to choose and to sort that are worked out here once more, plainly.
    private struct List: Sendable {
        let path: String
        let entity: Entity
        let filters: [[(String, String)]]
        let holds: [@Sendable (JSONValue) -> Bool]
        let sorts: [(name: String, path: String, descending: Bool)]
    }

    private static let lists: [List] = [
        List(
            path: "persons", entity: .person,
            filters: [
                [], [("nameContains", "å")], [("nameContains", "a"), ("nameContains", "O")],
                [("relationship.entity.type", "enrolment")],
            ],
            holds: [
                { _ in true }, { Self.names($0).contains { $0.contains("å") } },
                { json in
                    ["a", "o"].allSatisfy { part in Self.names(json).contains { $0.contains(part) } }
                }, { $0["enrolments"] != nil },
            ],
            sorts: [("GivenName", "givenName", false), ("FamilyName", "familyName", true), ("CivicNo", "civicNo.value", false)]),
        List(
            path: "placements", entity: .placement,
            filters: [[], [("startDate.onOrAfter", "2023-01-01")], [("endDate.onOrBefore", "2027-05-01")]],
            holds: [
                { _ in true }, { ($0["startDate"]?.stringValue ?? "") >= "2023-01-01" },
                { ($0["endDate"]?.stringValue ?? "") <= "2027-05-01" },
            ], sorts: [("StartDate", "startDate", true), ("EndDate", "endDate", false), ("EndDate", "endDate", true)]),
        List(
            path: "groups", entity: .group, filters: [[], [("groupType", "Klass")]],
            holds: [{ _ in true }, { $0["groupType"] == "Klass" }], sorts: [("DisplayName", "displayName", false)]),
    ]

    private static func names(_ json: JSONValue) -> [String] {
        ["givenName", "middleName", "familyName"].compactMap { json[$0]?.stringValue?.lowercased() }
    }

    private static let order = Array("abcdefghijklmnopqrstuvwxyzåäö")

    /// What stands for a value in a Swedish list, worked out by letters.
    private static func places(_ text: String) -> [Int] {
        text.lowercased().map { character in
            Self.order.firstIndex(of: character).map { $0 + 1000 } ?? Int(character.unicodeScalars.first?.value ?? 0)
        }
    }

    private static func isBefore(_ left: JSONValue, _ right: JSONValue, _ path: String, _ descending: Bool) -> Bool {
        func value(_ json: JSONValue) -> String? {
            path.split(separator: ".").reduce(Optional(json)) { $0?[String($1)] }?.stringValue
        }
        let ids = (left["id"]?.stringValue ?? "") < (right["id"]?.stringValue ?? "")
        switch (value(left), value(right)) {
        case (nil, nil): return ids
        case (nil, _): return descending
        case (_, nil): return !descending
        case (let one?, let other?):
            let (first, second) = (Self.places(one), Self.places(other))
            if first == second { return ids }
            return descending ? second.lexicographicallyPrecedes(first) : first.lexicographicallyPrecedes(second)
        }
    }

    @Test(arguments: [UInt64(11), 12, 13])
    func `random filters, orders and page sizes`(seed: UInt64) async throws {
        try await House.with { house in
            let town = Town(pupils: 60, seed: seed)
            try await town.move(into: house)
            var chance = SeededRandom(seed: seed)
            for _ in 0..<25 {
                let list = try #require(Self.lists.randomElement(using: &chance))
                let choice = Int.random(in: 0..<list.filters.count, using: &chance)
                let sort = Bool.random(using: &chance) ? list.sorts.randomElement(using: &chance) : nil
                let limit = [1, 2, 7, 30, 1000].randomElement(using: &chance) ?? 7
                let query = list.filters[choice] + (sort.map { [("sortkey", $0.name + ($0.descending ? "Desc" : "Asc"))] } ?? [])
                let expected = (town.documents[list.entity] ?? []).filter(list.holds[choice]).sorted { left, right in
                    guard let sort else { return (left["id"]?.stringValue ?? "") < (right["id"]?.stringValue ?? "") }
                    return Self.isBefore(left, right, sort.path, sort.descending)
                }
                let found = try await house.walk(list.path, query, limit: limit)
                #expect(found.map { $0["id"] } == expected.map { $0["id"] }, "seed \(seed): \(list.path) \(query) by \(limit)")
            }
        }
    }

    @Test(arguments: ["", "GivenNameAsc", "FamilyNameDesc"])
    func `who stays comes once, whoever comes, goes and changes meanwhile`(_ sortKey: String) async throws {
        try await House.with { house in
            let town = Town(pupils: 40)
            try await town.move(into: house)
            let persons = try #require(town.documents[.person])
            let staying = Set(persons[0..<40].compactMap { $0["id"]?.stringValue })
            var round = 40
            let query = sortKey.isEmpty ? [] : [("sortkey", sortKey)]
            let found = try await house.walk("persons", query, limit: 9) {
                guard round < 60 else { return }
                house.time.pass(1)
                try await house.delete(.person, [persons[round]["id"]?.stringValue ?? ""])
                var changed = persons[round + 10]
                changed["givenName"] = "Zz"
                changed["familyName"] = "Aa"
                try await house.take(.person, [changed])
                try await house.take(
                    .person, [["id": .string(Town.id(.person, 900 + round)), "givenName": "Ny", "familyName": "Mm"]])
                round += 1
            }
            let ids = found.compactMap { $0["id"]?.stringValue }
            #expect(round > 42)
            for id in staying { #expect(ids.count { $0 == id } == 1) }
        }
    }

    @Test func `changes are followed by their times, the latest first when asked so`() async throws {
        try await House.with { house in
            try await Town(pupils: 30).move(into: house)
            let all = try await house.walk("persons", limit: 1000)
            let times = Set(all.compactMap { $0["meta"]?["modified"]?.stringValue }).sorted()
            #expect(times.count > 5)
            let middle = times[times.count / 2]
            let after = try await house.walk("persons", [("meta.modified.after", middle)], limit: 4)
            let before = try await house.walk("persons", [("meta.modified.before", middle)], limit: 1000)
            // After is exclusive, before inclusive: together they are all.
            #expect(after.count + before.count == all.count)
            #expect(after.allSatisfy { ($0["meta"]?["modified"]?.stringValue ?? "") > middle })
            let latest = try await house.walk("persons", [("sortkey", "ModifiedDesc")], limit: 7)
            #expect(
                latest.compactMap { $0["meta"]?["modified"]?.stringValue }
                    == all.compactMap { $0["meta"]?["modified"]?.stringValue }.sorted(by: >))
            #expect(Set(latest.map { $0["id"] }) == Set(all.map { $0["id"] }))
            // In another offset, with its plus sign as it is.
            let token = try await house.token()
            let plain = try await house.request(
                "GET", "/v2.0/persons?meta.modified.after=\(middle.replacing(".000Z", with: "+00:00"))&limit=1000",
                headers: [("authorization", "Bearer \(token)")])
            #expect(plain.data.count == after.count)
            let first = try #require(all.first?["id"]?.stringValue)
            var changed = try #require(Town(pupils: 30).documents[.person]?.first { $0["id"]?.stringValue == first })
            changed["familyName"] = "Ny"
            house.time.pass(60)
            try await house.take(.person, [changed])
            let created = try await house.walk("persons", [("meta.created.after", times.last ?? "")], limit: 10)
            let modified = try await house.walk("persons", [("meta.modified.after", times.last ?? "")], limit: 10)
            #expect(created.isEmpty && modified.map { $0["id"]?.stringValue } == [first])
        }
    }

    @Test func `page tokens hold over a restart, and nowhere but where they were given`() async throws {
        let directory = FileManager.default.temporaryDirectory.path + "/knutpunkt-api-\(UUID().uuidString)"
        defer { try? FileManager.default.removeItem(atPath: directory) }
        let clients = ["all": House.everything, "other": House.everything]
        let (first, token) = try await House.with(clients, in: directory) { house in
            try await Town(pupils: 20).move(into: house)
            let page = try await house.get("persons", [("sortkey", "GivenNameAsc"), ("limit", "15")])
            return (page.ids, try #require(page.pageToken))
        }
        // Where a page ended is a name: it can't be read out of a token.
        let padded = token.replacing("-", with: "+").replacing("_", with: "/")
        let bytes = try #require(Data(base64Encoded: padded + String(repeating: "=", count: (4 - padded.count % 4) % 4)))
        #expect(!String(decoding: bytes, as: UTF8.self).contains("GivenName"))
        try await House.with(clients, in: directory) { house in
            let all = try await house.walk("persons", [("sortkey", "GivenNameAsc")], limit: 1000).compactMap {
                $0["id"]?.stringValue
            }
            let next = try await house.get("persons", [("pageToken", token)])
            #expect(first + next.ids == Array(all.prefix(30)))
            let wider = try await house.get("persons", [("pageToken", token), ("limit", "1000")])
            #expect(first + wider.ids == all && wider.pageToken == nil)
            try await #expect(house.get("persons", [("pageToken", token), ("civicNo", "x")]).code == "page-token-alone")
            try await #expect(house.get("persons", [("pageToken", token)], as: "other").code == "bad-page-token")
            try await #expect(house.get("duties", [("pageToken", token)]).code == "bad-page-token")
            let changed = token.dropLast() + (token.hasSuffix("A") ? "B" : "A")
            try await #expect(house.get("persons", [("pageToken", String(changed.dropFirst()))]).code == "bad-page-token")
        }
    }

    @Test func `what is gone is listed since a time, by kind, page by page`() async throws {
        try await House.with { house in
            let town = Town(pupils: 20)
            try await town.move(into: house)
            let start = house.time.clock.timestamp
            for number in 0..<9 {
                house.time.pass(1)
                try await house.delete(.person, [Town.id(.person, number)])
                if number % 3 == 0 { try await house.delete(.placement, [Town.id(.placement, number)]) }
            }
            for limit in [1, 2, 5, 1000] {
                var found: [String: [String]] = [:]
                var query = [("after", start), ("limit", String(limit))]
                while true {
                    let answer = try await house.get("deletedEntities", query)
                    var count = 0
                    for (name, ids) in answer.json?["data"]?.objectValue ?? [:] {
                        let ids = (ids.arrayValue ?? []).compactMap(\.stringValue)
                        found[name, default: []] += ids
                        count += ids.count
                    }
                    #expect(count <= limit)
                    guard let token = answer.pageToken else { break }
                    query = [("pageToken", token)]
                }
                #expect(found["persons"] == (0..<9).map { Town.id(.person, $0) }, "limit \(limit)")
                #expect(found["placements"] == [0, 3, 6].map { Town.id(.placement, $0) }, "limit \(limit)")
                #expect(found.count == 2)
            }
            let placements = try await house.get("deletedEntities", [("entities", "Placement")])
            #expect(placements.json?["data"]?.objectValue?.keys == ["placements"])
            let late = try await house.get("deletedEntities", [("after", house.time.clock.timestamp)])
            #expect(late.json?["data"] == [:])
        }
    }
}
