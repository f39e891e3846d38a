import Crypto
import Foundation
import SchoolRecords

/// Which keys an issuer signs with, as far as is known, and when they are to be fetched. Pure: it is told what happened.
///
/// ```
/// nothing ──fetched──► fresh ──an hour──► due ──fetched──► fresh
///                        │                 │ not fetched: the keys hold on, for a day after they were fetched last
///                        └ another kid: due at once
/// ```
/// However many keys are asked for that there aren't, one fetch begins a minute.
struct KeyBook: Sendable {
    typealias Key = P256.Signing.PublicKey

    /// Seconds that fetched keys are taken without a look for others.
    static let fresh: Double = 3600
    /// Seconds that they hold while the issuer is away.
    static let longest: Double = 86_400
    /// Seconds from one fetch to the next.
    static let pause: Double = 60

    /// What is known of a key.
    enum Answer: Sendable {
        case key(Key)
        /// Fetch first, then ask again.
        case fetch
        /// The issuer has none of that name.
        case none
        /// The issuer's keys aren't known now.
        case away
    }

    private var keys: [String: Key] = [:]
    private var fetchedAt: Date?
    private var begunAt: Date?
    private var hasFailed = false

    /// What to do about a key that a token names.
    ///
    /// - Parameter hasFetched: whether that has just been done for it: then it isn't answered with ``Answer/fetch``.
    func look(_ id: String, at now: Date, hasFetched: Bool = false) -> Answer {
        let age = self.fetchedAt.map { now.timeIntervalSince($0) } ?? .infinity
        let key = age < Self.longest ? self.keys[id] : nil
        let mayFetch = !hasFetched && self.mayFetch(at: now)
        if let key, age < Self.fresh || !mayFetch { return .key(key) }
        if mayFetch { return .fetch }
        return self.hasFailed ? .away : .none
    }

    /// A clock that was set back holds nothing up.
    private func mayFetch(at now: Date) -> Bool {
        guard let begunAt else { return true }
        return !(0..<Self.pause).contains(now.timeIntervalSince(begunAt))
    }

    /// A fetch begins.
    mutating func begin(at now: Date) { self.begunAt = now }

    /// A fetch brought these keys; what was there before is gone.
    mutating func take(_ keys: [String: Key], at now: Date) {
        self.keys = keys
        self.fetchedAt = now
        self.hasFailed = false
    }

    /// A fetch brought nothing.
    mutating func fail() { self.hasFailed = true }

    /// Until when the keys that are known hold; `nil` when none does.
    func holds(at now: Date) -> Date? {
        guard let fetchedAt, now.timeIntervalSince(fetchedAt) < Self.longest, !self.keys.isEmpty else { return nil }
        return fetchedAt.addingTimeInterval(Self.longest)
    }

    /// The keys of a JWK set (RFC 7517) that verify ES256, by their `kid`; `nil` when it is no such set, or has none. Keys for
    /// other ends may stand beside them.
    static func keys(_ document: Data) -> [String: Key]? {
        guard let members = (try? JSONValue(parsing: document))?["keys"]?.arrayValue else { return nil }
        var keys: [String: Key] = [:]
        for member in members {
            guard let id = member["kid"]?.stringValue, !id.isEmpty, let key = Self.key(member) else { continue }
            keys[id] = keys[id] ?? key
        }
        return keys.isEmpty ? nil : keys
    }

    private static func key(_ member: JSONValue) -> Key? {
        guard member["kty"] == "EC", member["crv"] == "P-256", [nil, "sig"].contains(member["use"]?.stringValue),
            [nil, "ES256"].contains(member["alg"]?.stringValue),
            let x = member["x"]?.stringValue.flatMap({ Data(base64URL: $0) }), x.count == 32,
            let y = member["y"]?.stringValue.flatMap({ Data(base64URL: $0) }), y.count == 32
        else { return nil }
        return try? Key(rawRepresentation: x + y)
    }
}
