import Foundation
import Testing

@testable import Console

@Suite("What isn't for the console, or isn't from it, is kept out")
struct GuardTests {
    @Test func `browsers are told to keep to the console`() {
        let plain = Dictionary(uniqueKeysWithValues: SecurityHeaders(isSecure: false).fields.map { ($0.name, $0.value) })
        #expect(
            plain["content-security-policy"]
                == "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; connect-src 'self'; "
                + "form-action 'self'; frame-ancestors 'none'; base-uri 'none'")
        #expect(plain["x-content-type-options"] == "nosniff" && plain["cache-control"] == "no-store")
        #expect(
            plain["cross-origin-opener-policy"] == "same-origin" && plain["permissions-policy"]?.contains("camera=()") == true)
        // With "no-referrer" forms of the console's own would have no origin.
        #expect(plain["referrer-policy"] == "same-origin")
        #expect(plain["strict-transport-security"] == nil)
        let secure = SecurityHeaders(isSecure: true).fields
        #expect(secure.contains { $0.name == "strict-transport-security" && $0.value == "max-age=31536000" })
    }

    private static let own = "https://hub.kommun.example"

    @Test(
        arguments: [
            ("hub.kommun.example", own, "same-origin", true), ("hub.kommun.example", own, nil, true),
            ("hub.kommun.example", nil, "same-origin", true), ("HUB.kommun.example", own, nil, true),
            ("hub.kommun.example", nil, nil, false), ("hub.kommun.example", "null", nil, false),
            ("hub.kommun.example", "http://hub.kommun.example", nil, false), ("hub.kommun.example", own + ":444", nil, false),
            ("hub.kommun.example", "https://evil.example", nil, false),
            ("hub.kommun.example", "https://hub.kommun.example.evil.example", nil, false),
            ("hub.kommun.example", own, "cross-site", false), ("hub.kommun.example", own, "same-site", false),
            ("hub.kommun.example", own, "none", false), ("evil.example", own, "same-origin", false),
            ("127.0.0.1:8086", own, "same-origin", false), (nil, own, "same-origin", false), ("", own, nil, false),
            ("hub.kommun.example@evil.example", own, nil, false),
        ] as [(String?, String?, String?, Bool)])
    func `a form comes from the console's own pages`(host: String?, origin: String?, site: String?, isAdmitted: Bool) {
        let verdict = Result {
            try OriginGuard(publicURL: Self.own)
                .admit(.init(host: host, origin: origin, fetchSite: site), needsProof: true)
        }
        #expect(((try? verdict.get()) != nil) == isAdmitted)
    }

    @Test func `a session's token stands for an old browser, which says nothing of where it comes from`() throws {
        try OriginGuard(publicURL: Self.own)
            .admit(.init(host: "hub.kommun.example", origin: nil, fetchSite: nil), needsProof: false)
    }

    @Test(
        arguments: [
            ("127.0.0.1:8086", "http://127.0.0.1:8086", true), ("localhost:8086", "http://localhost:8086", true),
            ("[::1]:8086", "http://[::1]:8086", true), ("localhost:8086", "http://localhost:8087", false),
            ("localhost:8086", "http://127.0.0.1:8086", false), ("localhost:8086", "https://localhost:8086", false),
            // A name that somebody makes lead to this machine.
            ("evil.example:8086", "http://evil.example:8086", false), ("127.evil.example", "http://127.evil.example", false),
            ("127.0.0.1.evil.example:8086", "http://127.0.0.1.evil.example:8086", false),
            ("localhost:8086@evil.example", "http://localhost:8086@evil.example", false),
        ] as [(String, String, Bool)])
    func `on loopback only this machine's own names are taken`(host: String, origin: String, isAdmitted: Bool) {
        let verdict = Result {
            try OriginGuard(publicURL: nil).admit(.init(host: host, origin: origin, fetchSite: nil), needsProof: true)
        }
        #expect(((try? verdict.get()) != nil) == isAdmitted)
    }

    @Test(
        arguments: [
            ("https://hub.example", "https://hub.example"), ("https://HUB.example:443/", "https://hub.example"),
            ("https://hub.example:8443", "https://hub.example:8443"), ("http://[::1]:80", "http://[::1]"), ("hub.example", nil),
        ] as [(String, String?)])
    func `an origin as browsers write it`(url: String, origin: String?) { #expect(OriginGuard.origin(url) == origin) }

    // MARK: Addresses

    @Test(
        arguments: [
            (["192.0.2.7"], "192.0.2.7"), (["203.0.113.1, 192.0.2.7"], "192.0.2.7"), (["203.0.113.1", "192.0.2.7"], "192.0.2.7"),
            (["192.0.2.7:4711"], "192.0.2.7"), (["2001:db8::1"], "2001:db8::1"), (["[2001:db8::1]:4711"], "2001:db8::1"),
            ([], "10.0.0.1"), ([""], "10.0.0.1"), (["unknown"], "10.0.0.1"), (["192.0.2.7, "], "10.0.0.1"),
        ] as [([String], String)])
    func `behind a proxy it says who calls, and only there`(forwarded: [String], expected: String) {
        let behind = ClientAddress(peer: "10.0.0.1", behindProxy: true, forwardedFor: forwarded, forwardedProto: ["https"])
        #expect(behind.text == expected && behind.scheme == "https")
        let open = ClientAddress(peer: "10.0.0.1", behindProxy: false, forwardedFor: forwarded, forwardedProto: ["https"])
        #expect(open.text == "10.0.0.1" && open.scheme == nil)
    }

    @Test(
        arguments: [
            ("192.0.2.7", "192.0.2.7"), ("::ffff:192.0.2.7", "192.0.2.7"), ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2/64"),
            ("2001:db8:1:2::9", "2001:db8:1:2/64"), ("2001:db8::9", "2001:db8:0:0/64"), ("::1", "0:0:0:0/64"),
            ("2001::2:3:4:5:6", "2001:0:0:2/64"), ("-", "-"),
        ])
    func `an address is counted with its network`(address: String, network: String) {
        #expect(ClientAddress.network(of: address) == network)
    }

    @Test(
        arguments: [
            ("127.0.0.1", true), ("127.1.2.3", true), ("localhost", true), ("::1", true), ("[::1]", true), ("LOCALHOST", true),
            ("0.0.0.0", false), ("::", false), ("10.0.0.1", false), ("127.0.0.1.example", false), ("127.0.0", false),
            ("localhost.example", false), ("127.0.0.256", false), ("", false),
        ])
    func `what is this machine's own`(host: String, isOwn: Bool) { #expect(LocalHost.isLoopback(host) == isOwn) }

    // MARK: Rate

    @Test func `a bucket empties and fills again, and is its key's alone`() {
        let rate = RequestRate(burst: 3, perSecond: 2)
        #expect((0..<5).map { _ in rate.admit("a", now: 100) } == [true, true, true, false, false])
        #expect(rate.admit("b", now: 100))
        #expect(rate.admit("a", now: 100.5) && !rate.admit("a", now: 100.5))
        // A clock that is put back gives nothing away, and takes nothing.
        #expect(!rate.admit("a", now: 50) && rate.admit("a", now: 101))
        #expect((0..<5).map { _ in rate.admit("a", now: 900) } == [true, true, true, false, false])
        #expect((0..<8).map { _ in rate.admit("c", now: 0, share: 2) } == [true, true, true, true, true, true, false, false])
    }

    @Test func `buckets are bounded, and those who send most are kept`() {
        let rate = RequestRate(burst: 10, perSecond: 0.001, most: 100)
        for _ in 0..<10 { #expect(rate.admit("worst", now: 0)) }
        for number in 0..<1000 { #expect(rate.admit("a\(number)", now: 1)) }
        #expect(rate.count <= 100)
        #expect(!rate.admit("worst", now: 1))
    }

    // MARK: Forms

    @Test func `a form is read as it was written, and not when a field is there twice`() {
        let fields = ["name": "Åsa & Bo=", "empty": "", "x": "a+b c\n"]
        #expect(FormText.decode(FormText.encode(fields.map { ($0.key, $0.value) })) == fields)
        #expect(FormText.decode("a=1+2&b") == ["a": "1 2", "b": ""])
        for wrong in ["a=1&a=2", "a=%zz", "a=%ff"] { #expect(FormText.decode(wrong) == nil, "\(wrong)") }
    }

    @Test func `tokens are of random bits, and compared as a whole`() {
        let tokens = (0..<100).map { _ in Secrets.token() }
        #expect(Set(tokens).count == 100 && tokens.allSatisfy { Base64URL.data($0)?.count == 32 })
        #expect(Secrets.areEqual("abc", "abc") && !Secrets.areEqual("abc", "abd") && !Secrets.areEqual("", "a"))
        for wrong in ["a+b/", "YQ==", "a b", "å"] { #expect(Base64URL.data(wrong) == nil) }
    }
}
