import Foundation
import SchoolRecords

/// What the tokens of somebody else's issuer must say, for a client to be let in by one.
///
/// The claims are those of Sunet's authorisation server, which Skolverket's guide to its authentication describes: `organization_id`,
/// and `requested_access` with the type of interface and the addresses that the token is for.
public struct ForeignTokens: Sendable {
    /// Seconds by which clocks may differ.
    static let leeway: Double = 60

    /// The issuer's keys. Clients of one issuer share them.
    public let keys: IssuerKeys
    /// Whose tokens are taken, e.g. `SE2021004185`.
    public let organisationID: String
    /// The type of interface that they are for, e.g. `ss12000-api`.
    public let access: String
    /// The address that they are for: this one, or one below it.
    public let location: TokenLocation
    /// The claims `iss`, `aud` and `entity_id`, as far as they are demanded.
    public let issuer: String?
    public let audience: String?
    public let entityID: String?

    public init(
        keys: IssuerKeys, organisationID: String, access: String, location: TokenLocation, issuer: String? = nil,
        audience: String? = nil, entityID: String? = nil
    ) {
        self.keys = keys
        self.organisationID = organisationID
        self.access = access
        self.location = location
        self.issuer = issuer
        self.audience = audience
        self.entityID = entityID
    }

    /// The first thing that is wrong with a token's claims; `nil` when the client is let in by it.
    func objection(to claims: JSONValue, at now: Date) -> TokenRefusal? {
        let now = now.timeIntervalSince1970
        guard let expires = Self.seconds(claims["exp"]), now < expires + Self.leeway else { return .over }
        if let begins = claims["nbf"] {
            guard let begins = Self.seconds(begins), begins - Self.leeway <= now else { return .notYet }
        }
        if let issuer, claims["iss"]?.stringValue != issuer { return .issuer }
        if let audience {
            let audiences = claims["aud"]?.stringValue.map { [$0] } ?? claims["aud"]?.arrayValue?.compactMap(\.stringValue) ?? []
            guard audiences.contains(audience) else { return .audience }
        }
        guard claims["organization_id"]?.stringValue == self.organisationID else { return .organisation }
        if let entityID, claims["entity_id"]?.stringValue != entityID { return .entity }
        let accesses = (claims["requested_access"]?.arrayValue ?? []).filter { $0["type"]?.stringValue == self.access }
        guard !accesses.isEmpty else { return .access }
        let locations = accesses.flatMap { $0["locations"]?.arrayValue ?? [] }.compactMap(\.stringValue)
        guard locations.contains(where: self.location.covers) else { return .location }
        return nil
    }

    /// RFC 7519, section 2: seconds since 1970, whole or not.
    private static func seconds(_ value: JSONValue?) -> Double? {
        switch value {
        case .integer(let whole)?: Double(whole)
        case .number(let number)? where number.isFinite: number
        default: nil
        }
    }
}

/// Why a token lets nobody in. What it says is the log's; the client is told no more than that it isn't good.
enum TokenRefusal: String, Sendable, Hashable, CaseIterable {
    /// No signed token, or signed in another way than ES256.
    case unsigned
    /// No key of the issuer has its `kid`.
    case unknownKey = "unknown-key"
    case signature
    case over
    case notYet = "not-yet"
    case issuer
    case audience
    case organisation
    case entity
    case access
    case location

    /// Whether it may be a try at making a token: what the issuer has signed is none, whatever it says.
    var isGuess: Bool { [.unsigned, .unknownKey, .signature].contains(self) }
}

/// An address that a token is for.
public struct TokenLocation: Sendable, Hashable, CustomStringConvertible {
    private let origin: Origin
    /// Without a slash at its end.
    private let path: String

    /// `nil` for what is no address on the web, or has more than scheme, host, port and path.
    public init?(_ text: String) {
        guard let origin = Origin(text), let parts = URLComponents(string: text), parts.query == nil else { return nil }
        self.origin = origin
        var path = parts.percentEncodedPath
        while path.hasSuffix("/") { path.removeLast() }
        self.path = path
    }

    public var description: String { "\(self.origin)\(self.path)" }

    /// Whether an address is this one, or below it.
    func covers(_ text: String) -> Bool {
        guard let other = TokenLocation(text), other.origin == self.origin, !other.path.split(separator: "/").contains("..")
        else { return false }
        return other.path == self.path || other.path.hasPrefix(self.path + "/")
    }
}
