import ConnectorKit
import Foundation
import SchoolRecords

/// How ServiceDesk Plus lets a program in, which differs between the two it comes as.
public enum ServiceDeskAccess: Sendable, Hashable {
    /// On a server of the municipality's own: the technician's key, in a file.
    case technicianKey(file: String)
    /// In the vendor's cloud: a refresh token, for which its account server gives tokens of an hour.
    case cloud(Cloud)

    /// What the account server is asked with.
    public struct Cloud: Sendable, Hashable {
        /// E.g. `https://accounts.zoho.eu/oauth/v2/token`; the same data centre as the service desk.
        public var tokenURL: String
        public var clientID: String
        public var clientSecretFile: String
        public var refreshTokenFile: String

        public init(tokenURL: String, clientID: String, clientSecretFile: String, refreshTokenFile: String) {
            self.tokenURL = tokenURL
            self.clientID = clientID
            self.clientSecretFile = clientSecretFile
            self.refreshTokenFile = refreshTokenFile
        }
    }
}

/// Keeps what lets calls in to ServiceDesk Plus.
actor ServiceDeskDoor {
    private let access: ServiceDeskAccess
    private let caller: AlarmCaller
    private let clock: ConnectorClock
    private var token: (text: String, until: Date)?

    /// - Parameter caller: makes the calls to the account server.
    init(_ access: ServiceDeskAccess, caller: AlarmCaller, clock: ConnectorClock = .system) {
        self.access = access
        self.caller = caller
        self.clock = clock
    }

    /// The headers of a call. Each of the two refuses the other's `Accept` (415).
    ///
    /// - Throws: ``ConnectorFailure`` when a file can't be read, or the account server refuses.
    func headers() async throws -> [(name: String, value: String)] {
        switch self.access {
        case .technicianKey(let file):
            let key = try SecretReference(setting: "alarms.service_desk.key_file", place: .file(file)).resolve()
            return [("accept", "application/vnd.manageengine.v3+json"), ("authtoken", key)]
        case .cloud(let cloud):
            let token = try await self.token(of: cloud)
            return [
                ("accept", "application/vnd.manageengine.sdp.v3+json"), ("authorization", "Zoho-oauthtoken \(token)"),
            ]
        }
    }

    /// The token was refused: the next call asks for another.
    ///
    /// - Returns: whether another can be had.
    func forgetToken() -> Bool {
        defer { self.token = nil }
        return self.token != nil
    }

    private func token(of cloud: ServiceDeskAccess.Cloud) async throws -> String {
        let now = self.clock.now()
        if let token, token.until > now { return token.text }
        func secret(_ name: String, _ file: String) throws -> String {
            try SecretReference(setting: "alarms.service_desk.\(name)", place: .file(file)).resolve()
        }
        let form = [
            ("grant_type", "refresh_token"), ("client_id", cloud.clientID),
            ("client_secret", try secret("client_secret_file", cloud.clientSecretFile)),
            ("refresh_token", try secret("refresh_token_file", cloud.refreshTokenFile)),
        ].map { "\($0.0)=\(Percent.encode($0.1))" }.joined(separator: "&")
        let reply = try await self.caller.send(
            HTTPCall(
                method: .post, url: cloud.tokenURL,
                headers: [("content-type", "application/x-www-form-urlencoded"), ("accept", "application/json")],
                body: Array(form.utf8)))
        // What it refuses it answers with 200 too.
        guard let value = try? JSONValue(parsing: reply.body), let text = value["access_token"]?.stringValue else {
            throw ConnectorFailure(
                .misconfigured, code: .secretRefused,
                message:
                    "the account server of ServiceDesk Plus gives no token: check alarms.service_desk.client_id, the two secrets, and "
                    + "that token_url is of the same data centre as base_url")
        }
        // A minute early: a token that ends under way is a call for nothing.
        let seconds = max(60, value["expires_in"]?.integerValue ?? 3600) - 60
        self.token = (text, now.addingTimeInterval(Double(seconds)))
        return text
    }
}
