import Foundation
import Hub
import SchoolRecords
import Testing

extension StoreRequirement {
    private static func time(_ second: Int) -> String { "2026-08-17T06:00:\(second < 10 ? "0" : "")\(second).000Z" }

    private static func group(_ id: String, members: [String], organisation: String = "o") -> RecordState {
        let memberships = members.map { JSONValue.object(["person": ["id": .string($0)]]) }
        let body: JSONValue = [
            "id": .string(id), "organisation": ["id": .string(organisation)], "groupMemberships": .array(memberships),
        ]
        return RecordState(key: RecordKey(.group, id), owner: nil, body: body.canonicalData)
    }

    private static func indexed(_ subject: StoreUnderTest) async throws { while try await subject.store.index(limit: 2) == 2 {} }

    private static func found(
        _ subject: StoreUnderTest, _ terms: Set<String>, _ entity: Entity = .group
    ) async throws -> [String: [String]] {
        try await Self.indexed(subject)
        return try await subject.another().identities(of: entity, terms: terms, limit: 100)
    }

    /// All of a choice, two at a time.
    private static func walk(
        _ subject: StoreUnderTest, _ choice: ProvidedChoice, _ order: ProvidedOrder = .identity
    ) async throws -> [String] {
        var ids: [String] = []
        var position: ProvidedPosition?
        repeat {
            let page = try await subject.store.provided(choice, order: order, after: position, limit: 2)
            ids += page.records.map(\.key.id)
            position = page.next
        } while position != nil
        return ids
    }

    static let providing: [StoreRequirement] = [
        .init("live records are walked through by id or the latest first, within times, each once") { subject in
            for (second, id) in ["d", "b", "e", "a", "c"].enumerated() {
                try await subject.take([subject.state(id, "first")], time: Self.time(second))
            }
            try await subject.take([subject.state("b", "second"), subject.state("e", nil)], time: Self.time(9))
            try await subject.take([subject.state("x", "first", .duty)])
            #expect(try await Self.walk(subject, ProvidedChoice(.person)) == ["a", "b", "c", "d"])
            #expect(try await Self.walk(subject, ProvidedChoice(.person), .latestFirst) == ["b", "c", "a", "d"])
            var choice = ProvidedChoice(.person)
            choice.modifiedAfter = Self.time(3)
            #expect(try await Self.walk(subject, choice) == ["b", "c"])
            choice.modifiedAfter = nil
            choice.modifiedBefore = Self.time(4)
            #expect(try await Self.walk(subject, choice, .latestFirst) == ["c", "a", "d"])
            choice.modifiedBefore = nil
            choice.createdAfter = Self.time(0)
            choice.createdBefore = Self.time(3)
            #expect(try await Self.walk(subject, choice) == ["a", "b"])
        },
        .init("records changed at the same time have an order too") { subject in
            try await subject.take(["c", "a", "d", "b"].map { subject.state($0, "first") })
            #expect(try await Self.walk(subject, ProvidedChoice(.person), .latestFirst) == ["d", "c", "b", "a"])
        },
        .init("records are found by what they refer to, as they are now") { subject in
            let member = { RecordTerms.reference("groupMemberships.person", $0) }
            try await subject.take([Self.group("g", members: ["a", "b"]), Self.group("h", members: ["b"])])
            #expect(
                try await Self.found(subject, [member("a"), member("b"), member("z")]) == [
                    member("a"): ["g"], member("b"): ["g", "h"],
                ])
            try await subject.take([
                Self.group("g", members: ["c"]), RecordState(key: RecordKey(.group, "h"), owner: nil, body: nil),
            ])
            #expect(try await Self.found(subject, [member("a"), member("b"), member("c")]) == [member("c"): ["g"]])
            #expect(try await Self.found(subject, [member("c")], .person).isEmpty)
            var choice = ProvidedChoice(.group)
            choice.terms = [[member("c"), member("d")], [RecordTerms.reference("organisation", "o")]]
            #expect(try await Self.walk(subject, choice) == ["g"])
            choice.terms.append([RecordTerms.reference("organisation", "p")])
            #expect(try await Self.walk(subject, choice).isEmpty)
        },
        .init("records are found by numbers without these standing anywhere") { subject in
            let body: JSONValue = ["id": "a", "civicNo": ["value": "a-number"], "eduPersonPrincipalNames": ["a@b"]]
            try await subject.take([RecordState(key: subject.person("a"), owner: "a", body: body.canonicalData)])
            let terms = [("civicNo.value", "a-number"), ("eduPersonPrincipalNames", "a@b")].map {
                RecordTerms.value($0.0, $0.1, key: subject.key)
            }
            #expect(try await Self.found(subject, Set(terms), .person).values.map { $0 } == [["a"], ["a"]])
            #expect(terms.allSatisfy { !$0.contains("a-number") && !$0.contains("a@b") })
            // At once, also when nobody brings the index up to date.
            try await subject.take([subject.state("a", nil)], withheld: [subject.withheld("a")])
            #expect(try await subject.store.identities(of: .person, terms: Set(terms), limit: 9).isEmpty)
            #expect(try await Self.found(subject, Set(terms), .person).isEmpty)
        },
        .init("a record that changes while it is indexed is indexed again, and no change is counted that wasn't") { subject in
            try await subject.take([Self.group("g", members: ["a"])])
            // Two processes at the same time.
            async let first = subject.another().index(limit: 10)
            async let second = subject.another().index(limit: 10)
            _ = try await (first, second)
            try await Self.indexed(subject)
            #expect(try await subject.store.changeNumbers() == [.group: ChangeNumbers(upserted: 1, deleted: 0)])
            try await subject.take([Self.group("g", members: ["a"])])
            try await Self.indexed(subject)
            #expect(try await subject.store.changeNumbers()[.group]?.upserted == 1)
            try await subject.take([RecordState(key: RecordKey(.group, "g"), owner: nil, body: nil)])
            try await Self.indexed(subject)
            #expect(try await subject.another().changeNumbers() == [.group: ChangeNumbers(upserted: 1, deleted: 1)])
        },
        .init("what is gone is listed by the time at which it went") { subject in
            try await subject.take(["a", "b", "c", "d"].map { subject.state($0, "first") })
            try await subject.take([subject.state("c", nil), subject.state("a", nil)], time: Self.time(5))
            try await subject.take([subject.state("b", nil)], time: Self.time(7))
            func gone(_ moment: String?, _ position: ProvidedPosition? = nil, _ limit: Int = 9) async throws -> [String] {
                try await subject.store.deletedRecords(of: .person, after: moment, position: position, limit: limit).map(\.key.id)
            }
            #expect(try await gone(nil) == ["a", "c", "b"])
            #expect(try await gone(Self.time(5)) == ["b"])
            #expect(try await gone(nil, ProvidedPosition(id: "a", time: Self.time(5)), 1) == ["c"])
            #expect(try await subject.store.deletedRecords(of: .duty, after: nil, position: nil, limit: 9).isEmpty)
        },
        .init("subscriptions are kept whole, each client's its own, until they end") { subject in
            func subscription(_ id: String, _ client: String, until second: Int) -> ProviderSubscription {
                ProviderSubscription(
                    id: id, client: client, name: "name", target: "https://x.example/\(id)", entities: [.person, .calendarEvent],
                    expires: Self.time(second), told: [.person: ChangeNumbers(upserted: 3, deleted: 1)])
            }
            let all = [
                subscription("a", "one", until: 3), subscription("b", "two", until: 9), subscription("c", "one", until: 9),
            ]
            for one in all { #expect(try await subject.store.add(one, atMost: 2)) }
            #expect(try await subject.store.add(subscription("d", "one", until: 9), atMost: 2) == false)
            let other = try await subject.another()
            #expect(try await other.subscriptions(of: nil, after: nil, limit: 9) == all)
            #expect(try await other.subscriptions(of: "one", after: "a", limit: 9) == [all[2]])
            #expect(try await other.subscription("b") == all[1])
            try await other.noteNotice(
                "b", told: [.person: ChangeNumbers(upserted: 4, deleted: 1)], attempts: 2, due: Self.time(8))
            #expect(try await subject.store.renew("b", expires: Self.time(20)))
            let told = try #require(try await subject.store.subscription("b"))
            #expect(
                told.told == [.person: ChangeNumbers(upserted: 4, deleted: 1)] && told.attempts == 2 && told.due == Self.time(8))
            #expect(told.expires == Self.time(20))
            #expect(try await subject.store.dropSubscriptions(expiredAt: Self.time(3)) == 1)
            #expect(try await subject.store.remove(subscription: "c"))
            #expect(try await subject.store.remove(subscription: "c") == false)
            #expect(try await subject.store.renew("a", expires: Self.time(9)) == false)
            #expect(try await other.subscriptions(of: nil, after: nil, limit: 9).map(\.id) == ["b"])
        },
    ]
}
