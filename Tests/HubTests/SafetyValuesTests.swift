import ConnectorKit
import Crypto
import Foundation
import Hub
import SchoolRecords
import Testing

@Suite("Limits, breakers and opaque ids")
struct SafetyValuesTests {
    @Test func `the first load is never held`() {
        #expect(!ChangeLimits().holds(living: 0, updates: 10_000, deletes: 10_000))
    }

    @Test func `few deletions pass whatever their share`() {
        #expect(!ChangeLimits().holds(living: 30, updates: 0, deletes: 20))
        #expect(ChangeLimits().holds(living: 30, updates: 0, deletes: 21))
    }

    @Test func `deletions and updates are counted apart and by share`() {
        #expect(!ChangeLimits().holds(living: 1000, updates: 200, deletes: 50))
        #expect(ChangeLimits().holds(living: 1000, updates: 0, deletes: 51))
        #expect(ChangeLimits().holds(living: 1000, updates: 201, deletes: 0))
    }

    @Test func `an empty source is held for any municipality worth the name`() {
        for living in [21, 100, 1000, 50_000] { #expect(ChangeLimits().holds(living: living, updates: 0, deletes: living)) }
    }

    @Test func `a breaker opens on the first failure, waits longer each time and closes on success`() {
        var breaker = Breaker(first: .seconds(1), most: .seconds(30))
        let failure = ConnectorFailure(.systemUnavailable, code: .connectionRefused, message: "down")
        let first = breaker.failed(failure)
        #expect(breaker.state == .open)
        #expect(first >= .milliseconds(500) && first <= .seconds(1))
        for _ in 0..<20 {
            let wait = breaker.failed(failure)
            #expect(wait <= .seconds(30))
        }
        let wasOpen = breaker.succeeded()
        #expect(wasOpen)
        #expect(breaker.state == .closed)
        let wasOpenAgain = breaker.succeeded()
        #expect(!wasOpenAgain)
        let again = breaker.failed(failure)
        #expect(again <= .seconds(1))
    }

    @Test func `a breaker waits as long as the system asks`() {
        var breaker = Breaker()
        let failure = ConnectorFailure(.systemUnavailable, code: .tooManyRequests, message: "wait", retryAfter: 120)
        let wait = breaker.failed(failure)
        #expect(wait == .seconds(120))
    }

    @Test func `an opaque id is stable, a UUID, and different under another key`() {
        let record = RecordKey(.person, "0b9c1f5e-7a4d-4d2e-9f1e-111111111111")
        let key = HubKey(material: Data(repeating: 7, count: 32))
        let opaque = key.opaqueKey(for: record)
        #expect(opaque == HubKey(material: Data(repeating: 7, count: 32)).opaqueKey(for: record))
        #expect(UUID(uuidString: opaque.id) != nil)
        #expect(opaque.id != record.id)
        #expect(opaque != HubKey(material: Data(repeating: 8, count: 32)).opaqueKey(for: record))
        // What systems hold by now must stay what it is: reckoned by other means than the program's.
        #expect(opaque.id == "0e9ff3ed-ec32-8402-9036-6e16360fbc9f")
        #expect(key.contentHash(Data("content".utf8)) == "a6642576688a5d783d44f9cd169bdd6f")
    }

    @Test func `sealed data opens only with its key, its context and unchanged`() throws {
        let key = HubKey(material: Data(repeating: 7, count: 32))
        let sealed = try key.seal(Data("body".utf8), context: "register/person/1")
        #expect(try key.open(sealed, context: "register/person/1") == Data("body".utf8))
        #expect(throws: SealBroken.self) { try key.open(sealed, context: "register/person/2") }
        #expect(throws: SealBroken.self) {
            try HubKey(material: Data(repeating: 8, count: 32)).open(sealed, context: "register/person/1")
        }
        var changed = sealed
        changed[changed.count - 1] ^= 1
        #expect(throws: SealBroken.self) { try key.open(changed, context: "register/person/1") }
    }

    @Test func `instants are read with and without fractions and written to sort`() {
        let first = RFC3339.date("2026-08-17T06:00:00Z")
        let second = RFC3339.date("2026-08-17T08:00:00.5+02:00")
        #expect(first != nil && second != nil)
        if let first, let second {
            #expect(second.timeIntervalSince(first) == 0.5)
            #expect(RFC3339.text(first) < RFC3339.text(second))
        }
        #expect(RFC3339.date("yesterday") == nil)
    }
}
