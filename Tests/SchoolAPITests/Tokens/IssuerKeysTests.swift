import Foundation
import Hub
import SchoolRecords
import Testing

@testable import SchoolAPI

@Suite("Keys of an issuer, while it changes them and is away", .timeLimit(.minutes(1)))
struct IssuerKeysTests {
    private static func answer(_ keys: IssuerKeys, _ id: String) async -> String {
        switch await keys.key(id) {
        case .key: "key"
        case .none: "none"
        case .away: "away"
        case .fetch: "fetch"
        }
    }

    @Test func `however many ask at once for however many keys, one fetch is made`() async throws {
        let (issuer, time) = (TestIssuer(), TestTime())
        let keys = issuer.keys(time.clock)
        await withTaskGroup(of: Void.self) { group in
            for number in 0..<50 {
                group.addTask {
                    let id = number % 2 == 0 ? "k1" : "junk\(number)"
                    let answer = await Self.answer(keys, id)
                    #expect(answer == (number % 2 == 0 ? "key" : "none"))
                }
            }
        }
        #expect(issuer.fetches == 1)
        time.pass(59)
        _ = await keys.key("junk")
        #expect(issuer.fetches == 1)
        time.pass(1)
        _ = await keys.key("junk")
        #expect(issuer.fetches == 2)
    }

    @Test func `a new key is found at once, and the old one is gone with it`() async throws {
        let (issuer, time) = (TestIssuer(), TestTime())
        let keys = issuer.keys(time.clock)
        await #expect(Self.answer(keys, "k1") == "key")
        issuer.rotate(to: "k2")
        time.pass(60)
        await #expect(Self.answer(keys, "k2") == "key")
        await #expect(Self.answer(keys, "k1") == "none")
        #expect(issuer.fetches == 2)
    }

    @Test func `through an outage known keys hold for a day, and a set without keys is an outage`() async throws {
        let (issuer, time) = (TestIssuer(), TestTime())
        let keys = issuer.keys(time.clock)
        await #expect(Self.answer(keys, "k1") == "key")
        for document in [nil, ["keys": []], ["error": "x"]] as [JSONValue?] {
            issuer.setAway(document == nil)
            issuer.setDocument(document)
            time.pass(20_000)
            await #expect(Self.answer(keys, "k1") == "key")
            await #expect(Self.answer(keys, "k2") == "away")
        }
        time.pass(30_000)
        await #expect(Self.answer(keys, "k1") == "away")
        issuer.setDocument(nil)
        time.pass(60)
        await #expect(Self.answer(keys, "k1") == "key")
        try await #expect(keys.probe() == 1)
    }
}
