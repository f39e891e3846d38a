import Foundation
public import SchoolRecords

/// The other way, in which Skolverket fetches: the keys of its token desk, its webhook, and the tokens of its own client.
extension DNPStandIn {
    /// A notice that the webhook has taken.
    public struct Notice: Sendable, Hashable {
        /// What the address ends with, which Skolverket makes for each subscription.
        public let urlID: String
        public let body: JSONValue
    }

    /// Skolverket's own organisation number, which its client's tokens have.
    public static let ownOrganizationID = "SE2021004185"
    static let fetchingPath = "/ss12000/klient/v1"
    static let keysPath = "/.well-known/jwks.json"

    /// The address of Skolverket's client, which tokens for its webhook name.
    public var fetchingURL: String {
        get throws(StandInError) { try self.server.url + Self.fetchingPath }
    }

    /// Where the keys are that tokens are signed with.
    public var keysURL: String {
        get throws(StandInError) { try self.server.url + Self.keysPath }
    }

    /// Where notices are posted for a subscription.
    func webhook(_ urlID: String) throws(StandInError) -> String { try self.fetchingURL + "/webhooks/\(urlID)" }

    /// A token that Skolverket's client brings to an SS 12000 API.
    ///
    /// - Parameter location: the address of the API, as it was registered.
    public func ownToken(for location: String) throws(StandInError) -> String {
        self.tokens.token(
            for: ["type": "ss12000-api", "locations": [.string(location)]], of: Self.ownOrganizationID,
            entityID: try self.fetchingURL, issuer: try self.server.url, now: self.now())
    }

    /// Takes the notices that nobody has taken yet.
    func takeNotices() -> [Notice] {
        defer { self.notices = [] }
        return self.notices
    }

    /// The status of a call to the webhook.
    func notify(_ urlID: String, token: String?, _ body: [UInt8]) -> Int {
        guard let token, let location = try? self.fetchingURL,
            self.tokens.admits(token, to: "ss12000-client", at: location, now: self.now())
        else {
            self.seen.noticesRefused += 1
            return 401
        }
        // As Skolverket's reference implementation spells it.
        guard let notice = try? JSONValue(parsing: Data(body)),
            notice["modifiedEntities"]?.arrayValue != nil || notice["deletedEntities"]?.boolValue == true
        else { return 400 }
        self.seen.notices += 1
        self.notices.append(Notice(urlID: urlID, body: notice))
        return 200
    }
}
