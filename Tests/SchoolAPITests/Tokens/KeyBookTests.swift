import Crypto
import Foundation
import SchoolRecords
import TestChance
import Testing

@testable import SchoolAPI

@Suite("An issuer's keys are fetched when they must be, and no more often")
struct KeyBookTests {
    private static let start = Date(timeIntervalSince1970: 1_790_000_000)
    private static let key = P256.Signing.PrivateKey().publicKey

    private static func word(_ answer: KeyBook.Answer) -> String {
        switch answer {
        case .key: "key"
        case .fetch: "fetch"
        case .none: "none"
        case .away: "away"
        }
    }

    /// A book whose keys were fetched at the start, and whose later fetches fail at these seconds.
    private static func book(failing: [Double] = []) -> KeyBook {
        var book = KeyBook()
        book.begin(at: Self.start)
        book.take(["k1": Self.key], at: Self.start)
        for seconds in failing {
            book.begin(at: Self.start + seconds)
            book.fail()
        }
        return book
    }

    @Test func `what is answered, by how old the keys are and when a fetch was tried last`() {
        for (failing, id, seconds, answer) in [
            ([], "k1", 0, "key"), ([], "k1", 3599, "key"), ([], "k1", 3600, "fetch"), ([], "k9", 59, "none"),
            ([], "k9", 60, "fetch"),
            // The issuer is away: known keys go on for a day, and are looked for once a minute.
            ([3600], "k1", 3601, "key"), ([3600], "k1", 3660, "fetch"), ([3600], "k9", 3601, "away"),
            ([86_399], "k1", 86_399, "key"), ([86_399], "k1", 86_400, "away"), ([86_399], "k9", 86_459, "fetch"),
            // The clock was set back.
            ([], "k9", -10, "fetch"), ([], "k1", -10, "key"),
        ] as [([Double], String, Double, String)] {
            let found = Self.word(Self.book(failing: failing).look(id, at: Self.start + seconds))
            #expect(found == answer, "\(failing) \(id) \(seconds)")
        }
        #expect(Self.word(KeyBook().look("k1", at: Self.start)) == "fetch")
        #expect(Self.word(Self.book().look("k9", at: Self.start + 5000, hasFetched: true)) == "none")
        #expect(Self.word(Self.book().look("k1", at: Self.start + 5000, hasFetched: true)) == "key")
    }

    @Test func `a key that the issuer no longer has isn't taken any more`() {
        var book = Self.book()
        book.begin(at: Self.start + 100)
        book.take(["k2": Self.key], at: Self.start + 100)
        #expect(Self.word(book.look("k1", at: Self.start + 101)) == "none")
        #expect(Self.word(book.look("k2", at: Self.start + 101)) == "key")
    }

    /// Whatever is asked and whatever becomes of it, fetches are a minute apart, and no key is older than a day.
    @Test(arguments: 1...20) func `a day of junk`(seed: Int) {
        var chance = SeededRandom(seed: UInt64(seed))
        var book = KeyBook()
        var (now, begun, fetched) = (Self.start, Date.distantPast, Date.distantPast)
        for _ in 0..<3000 {
            now += Double(chance.next() % 120)
            let id = chance.next() % 3 == 0 ? "k1" : "junk\(chance.next() % 1000)"
            switch book.look(id, at: now) {
            case .fetch:
                #expect(now.timeIntervalSince(begun) >= 60)
                begun = now
                book.begin(at: now)
                if chance.next() % 500 == 0 {
                    book.take(["k1": Self.key], at: now)
                    fetched = now
                } else {
                    book.fail()
                }
            case .key:
                #expect(id == "k1" && now.timeIntervalSince(fetched) < 86_400)
            case .none, .away: #expect(id != "k1" || now.timeIntervalSince(fetched) >= 86_400)
            }
        }
    }

    private static func keys(_ document: JSONValue) -> [String: KeyBook.Key]? { KeyBook.keys(document.canonicalData) }

    @Test func `only keys that verify ES256 are taken from a set`() throws {
        let good = TestIssuer.member("k1", Self.key)
        func changed(_ name: String, _ value: JSONValue?) -> JSONValue {
            var member = good
            member["kid"] = "k2"
            member[name] = value
            return member
        }
        let others: [JSONValue] = [
            changed("kty", "RSA"), changed("kty", "oct"), changed("crv", "P-384"), changed("use", "enc"),
            changed("alg", "ES384"), changed("alg", "HS256"), changed("x", "AA"), changed("y", nil), changed("kid", nil),
            changed("kid", ""), changed("x", .string(TestIssuer.text(Data(repeating: 0xFF, count: 32)))), "text", .null,
        ]
        #expect(Self.keys(["keys": .array(others + [good])])?.keys.sorted() == ["k1"])
        let described = changed("use", "sig")
        #expect(Self.keys(["keys": [described]])?.count == 1)
        for document in [#"{"keys":[]}"#, #"{"keys":{}}"#, "[]", "<html>", ""] {
            #expect(KeyBook.keys(Data(document.utf8)) == nil)
        }
        #expect(Self.keys(["keys": .array(others)]) == nil)
    }
}
