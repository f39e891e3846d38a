import Crypto
import Foundation
import Hub
import Logging
import SchoolAPI
import SchoolRecords
import Synchronization

/// An issuer of tokens with keys of its own, which says what a test has it say.
final class TestIssuer: Sendable {
    struct Away: Error {}

    private struct State {
        var keys: [String: P256.Signing.PrivateKey] = ["k1": P256.Signing.PrivateKey()]
        var isAway = false
        var fetches = 0
        /// What its JWK set says; `nil` = its keys.
        var document: JSONValue?
    }

    private let state = Mutex(State())

    static let organisation = "SE2021004185"
    static let address = "https://issuer.example"

    /// How often its keys have been asked for.
    var fetches: Int { self.state.withLock { $0.fetches } }

    func setAway(_ isAway: Bool) { self.state.withLock { $0.isAway = isAway } }
    func setDocument(_ document: JSONValue?) { self.state.withLock { $0.document = document } }

    /// Only this key from now on.
    func rotate(to id: String) { self.state.withLock { $0.keys = [id: P256.Signing.PrivateKey()] } }

    func publicKey(_ id: String) -> P256.Signing.PublicKey? { self.state.withLock { $0.keys[id]?.publicKey } }

    func keys(_ clock: HubClock) -> IssuerKeys {
        IssuerKeys(
            url: "https://issuer.example/.well-known/jwks.json", clock: clock,
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        ) { _ in try self.state.withLock { try Self.document(&$0) } }
    }

    private static func document(_ state: inout State) throws -> Data {
        state.fetches += 1
        if state.isAway { throw Away() }
        let keys: JSONValue = .array(state.keys.sorted { $0.key < $1.key }.map { Self.member($0.key, $0.value.publicKey) })
        return (state.document ?? ["keys": keys]).canonicalData
    }

    static func member(_ id: String, _ key: P256.Signing.PublicKey) -> JSONValue {
        let raw = key.rawRepresentation
        return [
            "kty": "EC", "crv": "P-256", "kid": .string(id), "x": .string(Self.text(raw.prefix(32))),
            "y": .string(Self.text(raw.suffix(32))),
        ]
    }

    // MARK: Tokens

    /// The claims of a token of Skolverket's client that is good now.
    static func claims(_ now: Date, location: String = "https://api.kommun.example/v2.0") -> JSONValue {
        let seconds = Int64(now.timeIntervalSince1970)
        return [
            "iss": .string(Self.address), "aud": "nutid", "auth_source": "tlsfed",
            "entity_id": "https://client.example/v1", "organization_id": .string(Self.organisation),
            "requested_access": [["type": "ss12000-api", "locations": [.string(location)]]], "iat": .integer(seconds),
            "nbf": .integer(seconds), "exp": .integer(seconds + 36_000), "version": 1,
        ]
    }

    /// A token signed with a key of the issuer's, or with another under its name.
    func token(
        _ claims: JSONValue, header: JSONValue = ["alg": "ES256", "kid": "k1"], by key: P256.Signing.PrivateKey? = nil
    ) -> String {
        let signed = Self.signed(header, claims)
        let id = header["kid"]?.stringValue ?? "k1"
        let key = key ?? self.state.withLock { $0.keys[id] }
        let signature = (try? key?.signature(for: Data(signed.utf8)).rawRepresentation) ?? Data(repeating: 1, count: 64)
        return signed + "." + Self.text(signature)
    }

    static func signed(_ header: JSONValue, _ claims: JSONValue) -> String {
        Self.text(header.canonicalData) + "." + Self.text(claims.canonicalData)
    }

    static func text(_ data: some DataProtocol) -> String {
        Data(data).base64EncodedString().replacing("+", with: "-").replacing("/", with: "_").replacing("=", with: "")
    }
}
