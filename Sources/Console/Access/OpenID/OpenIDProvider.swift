import Foundation
import Hub
import JWTKit
import SchoolRecords

/// What the provider says of itself (OpenID Connect Discovery 1.0) and the keys that it signs with (RFC 7517), fetched when they are
/// needed and kept for an hour.
actor OpenIDProvider {
    /// Where the provider does what.
    struct Endpoints: Sendable, Hashable {
        let authorization: String
        let token: String
        let keys: String
        /// Whether the client shows itself by a header (RFC 6749, 2.3.1) or in the form.
        let takesBasic: Bool
    }

    /// A key that signs.
    struct Key: Sendable {
        let id: String?
        let jwk: JWK
    }

    private static let keptFor: Double = 3600

    private let issuer: String
    private let transport: OpenIDTransport
    private let clock: HubClock
    private var endpoints: (value: Endpoints, at: Date)?
    private var keys: (value: [Key], at: Date)?

    init(issuer: String, transport: @escaping OpenIDTransport, clock: HubClock) {
        self.issuer = issuer
        self.transport = transport
        self.clock = clock
    }

    /// - Throws: ``AccessRefusal`` (`provider-down`).
    func discovered() async throws -> Endpoints {
        if let endpoints, self.isFresh(endpoints.at) { return endpoints.value }
        let slash = self.issuer.hasSuffix("/") ? "" : "/"
        let document = try await self.fetch(self.issuer + slash + ".well-known/openid-configuration", "discovery")
        guard document["issuer"]?.stringValue == self.issuer else {
            throw AccessRefusal.providerDown("the discovery document is of another issuer")
        }
        guard let authorization = document["authorization_endpoint"]?.stringValue.flatMap(self.address),
            let token = document["token_endpoint"]?.stringValue.flatMap(self.address),
            let keys = document["jwks_uri"]?.stringValue.flatMap(self.address)
        else { throw AccessRefusal.providerDown("the discovery document lacks an endpoint that is safe to call") }
        let methods = document["token_endpoint_auth_methods_supported"]?.arrayValue?.compactMap(\.stringValue)
        let endpoints = Endpoints(
            authorization: authorization, token: token, keys: keys,
            // The standard's default, when the document says nothing.
            takesBasic: methods?.contains("client_secret_basic") ?? true)
        self.endpoints = (endpoints, self.clock.now())
        return endpoints
    }

    /// The key that a token names. One that isn't among those that are kept is looked for once more at the provider, who may have
    /// changed them.
    ///
    /// - Parameter id: as the token's header names it; `nil` when it names none, which is enough where there is one key.
    /// - Throws: ``AccessRefusal`` (`provider-down`, `untrusted`).
    func key(_ id: String?) async throws -> Key {
        if let keys, self.isFresh(keys.at), let key = Self.find(id, in: keys.value) { return key }
        guard let key = Self.find(id, in: try await self.fetchKeys()) else {
            throw AccessRefusal.untrusted("no key of the provider has the token's kid")
        }
        return key
    }

    func send(_ call: OpenIDCall, _ what: String) async throws -> OpenIDReply {
        do {
            return try await self.transport(call)
        } catch is CancellationError {
            throw CancellationError()
        } catch {
            throw AccessRefusal.providerDown("\(what): no reply")
        }
    }

    private func isFresh(_ date: Date) -> Bool { self.clock.now().timeIntervalSince(date) < Self.keptFor }

    private static func find(_ id: String?, in keys: [Key]) -> Key? {
        let found = id.map { id in keys.filter { $0.id == id } } ?? keys
        return found.count == 1 ? found.first : nil
    }

    private func fetchKeys() async throws -> [Key] {
        let document = try await self.fetch(try await self.discovered().keys, "keys")
        guard let members = document["keys"]?.arrayValue else {
            throw AccessRefusal.providerDown("the provider's keys can't be read")
        }
        // Keys of kinds that nobody here knows, or that encrypt, stand beside those that sign.
        let keys = members.compactMap { member -> Key? in
            guard member["use"]?.stringValue.map({ $0 == "sig" }) ?? true,
                let jwk = try? JSONDecoder().decode(JWK.self, from: member.canonicalData)
            else { return nil }
            return Key(id: member["kid"]?.stringValue, jwk: jwk)
        }
        self.keys = (keys, self.clock.now())
        return keys
    }

    private func fetch(_ url: String, _ what: String) async throws -> JSONValue {
        let reply = try await self.send(OpenIDCall(url: url, headers: ["Accept": "application/json"]), what)
        guard reply.status == 200, let value = try? JSONValue(parsing: reply.body), value.objectValue != nil else {
            throw AccessRefusal.providerDown("\(what): status \(reply.status)")
        }
        return value
    }

    /// An address that secrets may be sent to: https, or the very scheme of a provider on this machine.
    private func address(_ text: String) -> String? {
        guard let parts = URLComponents(string: text), let scheme = parts.scheme, let host = parts.host, !host.isEmpty,
            parts.user == nil, parts.fragment == nil
        else { return nil }
        return scheme == "https" || (scheme == "http" && LocalHost.isLoopback(host)) ? text : nil
    }
}
