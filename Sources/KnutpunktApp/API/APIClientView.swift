import Hub
import Mapping
import SchoolRecords

/// A client of the SS 12000 provider, and what it sees. Holds no secret.
public struct APIClientView: Sendable, Codable, Hashable {
    /// What of an entity.
    public struct Part: Sendable, Codable, Hashable {
        public let entity: String
        /// Below `/v2.0`.
        public let path: String
        public let fields: [String]
    }

    /// What tokens of somebody else's issuer must be like; what isn't demanded is `nil`.
    public struct Tokens: Sendable, Codable, Hashable {
        /// Where the issuer's keys are.
        public let issuerKeys: String
        public let organisationID: String
        /// The type of interface that they are for.
        public let access: String
        /// The address that they are for, or above it.
        public let location: String
        public let issuer: String?
        public let audience: String?
        public let entityID: String?
    }

    public let client: String
    public let system: String
    /// `file <path>` or `env <name>`; `nil` when it signs in by tokens of somebody else's.
    public let secret: String?
    /// Whether there is a secret at that place now, as far as this process can see; `nil` when there is to be none.
    public let hasSecret: Bool?
    /// What its tokens must be like; `nil` when it signs in by a secret.
    public let tokens: Tokens?
    public let notify: String?
    /// Where the tokens are had that its notices are posted with; `nil` when they are posted without.
    public let notifyTokens: String?
    /// The mapping file that says what it sees; `nil` when there is none.
    public let file: String?
    public let schoolUnits: [String]
    public let schoolTypes: [String]
    public let parts: [Part]
    /// Its subscriptions that haven't ended.
    public let subscriptions: Int
}

extension HubContext {
    /// The clients that `api.clients` names, in the order of their names.
    public func apiClients() async throws -> [APIClientView] {
        var views: [APIClientView] = []
        let now = HubClock.system.timestamp
        for client in self.configuration.api.clients {
            let provision = self.mappings.set.provisions[client.system]
            let subscriptions = try await self.store.subscriptions(of: client.name, after: nil, limit: 1000)
            views.append(
                APIClientView(
                    client: client.name, system: client.system, secret: client.secret?.place,
                    hasSecret: client.secret.map { $0.text != nil }, tokens: client.tokens.map(APIClientView.Tokens.init),
                    notify: client.notify, notifyTokens: client.notifyTokens["token_url"], file: provision?.file,
                    schoolUnits: provision?.schoolUnits ?? [], schoolTypes: provision?.schoolTypes ?? [],
                    parts: (provision?.entities ?? []).compactMap { entity in
                        guard let path = entity.standardPath, let fields = provision?.fields(of: entity) else { return nil }
                        return APIClientView.Part(entity: entity.rawValue, path: path, fields: fields.paths)
                    }, subscriptions: subscriptions.count { $0.expires > now }))
        }
        return views
    }
}

extension APIConfiguration.Client {
    fileprivate var secret: APIConfiguration.Secret? {
        guard case .secret(let secret) = self.signIn else { return nil }
        return secret
    }

    fileprivate var tokens: APIConfiguration.Tokens? {
        guard case .tokens(let tokens) = self.signIn else { return nil }
        return tokens
    }
}

extension APIClientView.Tokens {
    fileprivate init(_ tokens: APIConfiguration.Tokens) {
        self.init(
            issuerKeys: tokens.issuerKeys, organisationID: tokens.organisationID, access: tokens.access,
            location: "\(tokens.location)", issuer: tokens.issuer, audience: tokens.audience, entityID: tokens.entityID)
    }
}
