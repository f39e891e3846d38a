import Connectors
import Hub
import SchoolAPI
import ServiceLifecycle

extension HubContext {
    /// The services by which other systems fetch over SS 12000; none unless `api.listen` is set.
    func apiServices(clock: HubClock) -> [any Service] {
        let api = self.configuration.api
        guard let address = api.listen.flatMap(HubConfiguration.ListenAddress.init) else { return [] }
        let clients = api.clients.map { client in
            APIClient(name: client.name, system: client.system, notify: client.notify, secret: { client.secret.text })
        }
        let provider = Provider(
            clients: clients, store: self.store, key: self.key, mappings: self.mappings,
            subscriptionHours: api.subscriptionHours, clock: clock, logger: self.logger)
        let sender = NoticeSender()
        return [
            ProviderListener(
                host: address.host, port: address.port, provider: provider, isBehindProxy: api.isBehindProxy,
                logger: self.logger),
            SubscriberNotices(
                service: NoticeService(provider: provider, clients: clients) { url, body in
                    try await sender.post(body, to: url)
                }, sender: sender),
        ]
    }
}

/// The notices to subscribers, with the connections that they go over.
private struct SubscriberNotices: Service {
    let service: NoticeService
    let sender: NoticeSender

    func run() async throws {
        do {
            try await self.service.run()
        } catch {
            await self.sender.shutdown()
            throw error
        }
        await self.sender.shutdown()
    }
}
