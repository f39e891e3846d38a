import ConnectorKit
import Connectors
import Foundation
import Hub
import SchoolAPI
import ServiceLifecycle

extension HubContext {
    /// The services by which other systems fetch over SS 12000; none unless `api.listen` is set.
    ///
    /// - Parameter onListening: told the port once it listens.
    /// - Throws: ``SettingsError`` when a file that notices are signed by can't be read any more.
    func apiServices(
        clock: HubClock, onListening: @escaping @Sendable (Int) -> Void = { _ in }
    ) throws -> [any Service] {
        let api = self.configuration.api
        guard let address = api.listen.flatMap(HubConfiguration.ListenAddress.init) else { return [] }
        let keys = try self.issuerKeys(clock: clock)
        let clients = api.clients.compactMap { client -> APIClient? in
            guard let signIn = client.signIn(keys) else { return nil }
            return APIClient(
                name: client.name, system: client.system, notify: client.notify, spelling: client.spelling, signIn: signIn)
        }
        let provider = Provider(
            clients: clients, store: self.store, key: self.key, mappings: self.mappings,
            subscriptionHours: api.subscriptionHours, clock: clock, logger: self.logger)
        var tokens: [String: NoticeTokens] = [:]
        for client in api.clients { tokens[client.name] = try client.noticeTokens(self.logger) }
        let posting = NoticePosting(sender: NoticeSender(), tokens: tokens)
        return [
            ProviderListener(
                host: address.host, port: address.port, provider: provider, isBehindProxy: api.isBehindProxy,
                onListening: onListening, logger: self.logger),
            SubscriberNotices(
                service: NoticeService(provider: provider, clients: clients) { client, url, body in
                    try await posting.post(body, to: url, of: client)
                }, posting: posting),
        ]
    }

    /// The keys of the issuers that clients' tokens come from, by the address of the keys.
    func issuerKeys(clock: HubClock) throws -> [String: IssuerKeys] {
        var keys: [String: IssuerKeys] = [:]
        for case .tokens(let tokens) in self.configuration.api.clients.map(\.signIn) where keys[tokens.issuerKeys] == nil {
            let calls = try tokens.ca.map { try WebCalls(ca: $0) } ?? WebCalls()
            keys[tokens.issuerKeys] = IssuerKeys(url: tokens.issuerKeys, clock: clock, logger: self.logger) { url in
                let reply = try await calls.send(to: url, headers: ["Accept": "application/json"], body: nil)
                guard reply.status == 200 else { throw IssuerAnswered(status: reply.status) }
                return reply.body
            }
        }
        return keys
    }
}

/// The address of an issuer's keys answered something else.
private struct IssuerAnswered: Error, CustomStringConvertible {
    let status: Int
    var description: String { "it answered \(self.status)" }
}

extension APIConfiguration.Client {
    fileprivate func signIn(_ keys: [String: IssuerKeys]) -> APIClient.SignIn? {
        switch self.signIn {
        case .secret(let place): .secret { place.text }
        case .tokens(let tokens):
            keys[tokens.issuerKeys].map { keys in
                .tokens(
                    ForeignTokens(
                        keys: keys, organisationID: tokens.organisationID, access: tokens.access, location: tokens.location,
                        issuer: tokens.issuer, audience: tokens.audience, entityID: tokens.entityID))
            }
        }
    }
}

/// How notices are posted: with a token where the subscriber's server wants one.
private struct NoticePosting: Sendable {
    let sender: NoticeSender
    let tokens: [String: NoticeTokens]

    func post(_ body: Data, to url: String, of client: String) async throws -> Int {
        guard let tokens = self.tokens[client] else { return try await self.sender.post(body, to: url) }
        do {
            return try await tokens.post(body, to: url, by: self.sender)
        } catch let failure as ConnectorFailure {
            throw NoticeProblem("\(failure.code): \(failure.message)")
        }
    }

    func shutdown() async {
        await self.sender.shutdown()
        for tokens in self.tokens.values { await tokens.shutdown() }
    }
}

/// The notices to subscribers, with the connections that they go over.
private struct SubscriberNotices: Service {
    let service: NoticeService
    let posting: NoticePosting

    func run() async throws {
        do {
            try await self.service.run()
        } catch {
            await self.posting.shutdown()
            throw error
        }
        await self.posting.shutdown()
    }
}
