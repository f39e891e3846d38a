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

    public let client: String
    public let system: String
    /// `file <path>` or `env <name>`.
    public let secret: String
    /// Whether there is a secret at that place now, as far as this process can see.
    public let hasSecret: Bool
    public let notify: String?
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
                    client: client.name, system: client.system, secret: client.secret.place,
                    hasSecret: client.secret.text != nil, notify: client.notify, file: provision?.file,
                    schoolUnits: provision?.schoolUnits ?? [], schoolTypes: provision?.schoolTypes ?? [],
                    parts: (provision?.entities ?? []).compactMap { entity in
                        guard let path = entity.standardPath, let fields = provision?.fields(of: entity) else { return nil }
                        return APIClientView.Part(entity: entity.rawValue, path: path, fields: fields.paths)
                    }, subscriptions: subscriptions.count { $0.expires > now }))
        }
        return views
    }
}
