import ConnectorKit
import Connectors
import Foundation
import Logging
import SchoolAPI
import SchoolRecords

/// How the hub provides SS 12000 to other systems: `api.*`.
public struct APIConfiguration: Sendable {
    /// A system that may fetch, `api.clients.<name>`.
    public struct Client: Sendable, Hashable {
        public let name: String
        /// The system whose `provide.yaml` holds for it.
        public let system: String
        let signIn: SignIn
        /// Where its notices may be posted.
        public let notify: String?
        /// The settings `notify_tokens.…`: how tokens for its notices are had; empty = they are posted without.
        let notifyTokens: [String: String]
        let spelling: NoticeSpelling
    }

    /// How a client shows who it is.
    enum SignIn: Sendable, Hashable {
        /// Where its secret is; never the secret itself.
        case secret(Secret)
        case tokens(Tokens)
    }

    /// What tokens of somebody else's issuer must be like: `tokens.…`.
    struct Tokens: Sendable, Hashable {
        let issuerKeys: String
        let ca: String?
        let organisationID: String
        let access: String
        let location: TokenLocation
        let issuer: String?
        let audience: String?
        let entityID: String?
    }

    /// A secret's place.
    enum Secret: Sendable, Hashable {
        case environment(String)
        case file(String)

        /// The secret as it is now; `nil` when it can't be had.
        var text: String? {
            switch self {
            case .environment(let name): return ProcessInfo.processInfo.environment[name].flatMap { $0.isEmpty ? nil : $0 }
            case .file(let path):
                let text = FileManager.default.contents(atPath: path).flatMap { String(data: $0, encoding: .utf8) }
                return text.map { $0.trimmingCharacters(in: .newlines) }.flatMap { $0.isEmpty ? nil : $0 }
            }
        }

        var place: String {
            switch self {
            case .environment(let name): "env \(name)"
            case .file(let path): "file \(path)"
            }
        }
    }

    /// `host:port`; `nil` = nothing is provided.
    public var listen: String?
    /// The address by which clients reach it.
    public var publicURL: String?
    /// Whether a reverse proxy encrypts and passes on.
    public var isBehindProxy = false
    /// Hours that a subscription lasts unless it is renewed.
    public var subscriptionHours = 168
    public var clients: [Client] = []
    var clientSettings = Self.settings

    static let keys = ["api.listen", "api.public_url", "api.behind_proxy", "api.subscription_hours"]
    static let settings = NamedSettings(
        "api.clients",
        ["system", "secret.env", "secret.file"] + Self.tokenSettings.map { "tokens.\($0)" } + ["notify", "notify_spelling"]
            + Self.notifyTokenSettings.map { "notify_tokens.\($0)" })
    static let tokenSettings = [
        "issuer_keys", "organisation_id", "access", "location", "issuer", "audience", "entity_id", "ca",
    ]
    static let notifyTokenSettings = [
        "token_url", "location", "access", "entity_id", "client_certificate", "client_key", "ca",
    ]

    /// Characters that a secret has at least: it is all that a client is known by.
    static let shortestSecret = 24
}

extension HubConfiguration.ListenAddress {
    /// Whether nobody but this machine reaches it.
    var isLoopback: Bool {
        ["localhost", "::1"].contains(self.host)
            || self.host.hasPrefix("127.") && self.host.split(separator: ".").count == 4
                && self.host.allSatisfy { $0.isNumber || $0 == "." }
    }
}

extension HubConfiguration {
    /// What `api.*` says of systems that nothing is provided to.
    func apiStrangers(_ known: Set<String>) -> [String] {
        self.api.clients.filter { !known.contains($0.system) }.map { client in
            self.api.clientSettings.problem(
                client.name, "system",
                "there is no \(client.system)/provide.yaml. There are: \(known.sorted().joined(separator: ", ")).")
        }
    }

    /// What can't be had of what clients sign in with, and of what notices are signed with. Only who serves needs it.
    func apiAccessProblems(_ logger: Logger) -> [String] {
        guard self.api.listen != nil else { return [] }
        return self.api.clients.flatMap { client in
            self.secretProblems(client) + self.authorityProblems(client) + self.noticeProblems(client, logger)
        }
    }

    private func secretProblems(_ client: APIConfiguration.Client) -> [String] {
        guard case .secret(let place) = client.signIn else { return [] }
        let name = if case .file = place { "secret.file" } else { "secret.env" }
        guard let secret = place.text else {
            return [
                self.api.clientSettings.problem(
                    client.name, name,
                    "there is no secret (\(place.place)). Put one there, e.g. made by: openssl rand -hex 32")
            ]
        }
        guard secret.count < APIConfiguration.shortestSecret else { return [] }
        return [
            self.api.clientSettings.problem(
                client.name, name,
                "the secret is shorter than \(APIConfiguration.shortestSecret) characters. Make one by: openssl rand -hex 32")
        ]
    }

    private func authorityProblems(_ client: APIConfiguration.Client) -> [String] {
        guard case .tokens(let tokens) = client.signIn, let ca = tokens.ca, (try? WebCalls(ca: ca)) == nil else { return [] }
        return [
            self.api.clientSettings.problem(client.name, "tokens.ca", "\(ca) can't be read as certificates in PEM form.")
        ]
    }

    private func noticeProblems(_ client: APIConfiguration.Client, _ logger: Logger) -> [String] {
        do throws(SettingsError) {
            _ = try client.noticeTokens(logger)
            return []
        } catch {
            return error.problems.map { self.api.clientSettings.problem(client.name, $0.path, "\($0.message).") }
        }
    }
}

extension APIConfiguration.Client {
    /// What its notices are posted with; `nil` when they are posted without tokens.
    func noticeTokens(_ logger: Logger) throws(SettingsError) -> NoticeTokens? {
        guard !self.notifyTokens.isEmpty else { return nil }
        return try NoticeTokens(
            client: self.name, settings: .object(self.notifyTokens.mapValues(JSONValue.string)), logger: logger)
    }
}
