import HTTPTypes
import Foundation
import Hub
import SchoolRecords

extension Provider {
    static let mostSubscriptions = 50
    private static let longestText = 2000

    func subscriptions(_ request: APIRequest, _ id: String?, _ view: ClientView) async throws -> APIReply {
        guard let id else {
            switch request.method {
            case .get: return try await self.subscriptionList(request, view)
            case .post: return try await self.subscribe(request, view)
            default: throw APIError.notAllowed(["GET", "POST"])
            }
        }
        guard [.get, .patch, .delete].contains(request.method) else { throw APIError.notAllowed(["GET", "PATCH", "DELETE"]) }
        guard let id = ListQuery.id(id) else { throw APIError.noID("id") }
        try request.demandNoParameters()
        // One of another client isn't there.
        let now = self.clock.timestamp
        guard var subscription = try await self.store.subscription(id), subscription.client == view.client.name,
            subscription.expires > now
        else { throw APIError.notFound }
        switch request.method {
        case .delete:
            guard try await self.store.remove(subscription: id) else { throw APIError.notFound }
            return APIReply(status: 204)
        case .patch:
            subscription.expires = self.expiry
            guard try await self.store.renew(id, expires: subscription.expires) else { throw APIError.notFound }
        default: break
        }
        return .json(Self.json(subscription))
    }

    private var expiry: String { RFC3339.text(self.clock.now().addingTimeInterval(Double(self.subscriptionHours) * 3600)) }

    private func subscriptionList(_ request: APIRequest, _ view: ClientView) async throws -> APIReply {
        let path = "subscriptions"
        let paging = try self.paging(request, view, path)
        if let pair = paging.query.pairs.first(where: { !ListQuery.paging.contains($0.name) }) {
            throw APIError.unknownParameter(pair.name, ["limit", "pageToken"])
        }
        let now = self.clock.timestamp
        let found = try await self.store.subscriptions(of: view.client.name, after: paging.place?.id, limit: paging.limit)
        let next = found.count < paging.limit ? nil : found.last.map { PageToken.Place(id: $0.id, time: "") }
        return try .json([
            "data": .array(found.filter { $0.expires > now }.map(Self.json)),
            "pageToken": self.token(next, path, QueryPairs([]), paging.limit, view),
        ])
    }

    private func subscribe(_ request: APIRequest, _ view: ClientView) async throws -> APIReply {
        try request.demandNoParameters()
        let body = try request.json()
        func text(_ name: String) throws(APIError) -> String {
            guard let value = body[name] else { throw .missing(name) }
            guard let text = value.stringValue, text.utf8.count <= Self.longestText else {
                throw .badField(
                    name, sv: "en text av högst \(Self.longestText) byte", en: "a text of at most \(Self.longestText) bytes")
            }
            return text
        }
        let name = try text("name")
        let target = try text("target")
        let entities = try Self.entities(body["resourceTypes"])
        for entity in entities.sorted() { try view.demand(entity) }
        try self.check(target, of: view.client)
        try await self.terms.catchUp()
        let numbers = try await self.store.changeNumbers()
        let subscription = ProviderSubscription(
            id: UUID().uuidString.lowercased(), client: view.client.name, name: name, target: target, entities: entities,
            expires: self.expiry,
            told: Dictionary(uniqueKeysWithValues: entities.map { ($0, numbers[$0] ?? ChangeNumbers()) }))
        guard try await self.store.add(subscription, atMost: Self.mostSubscriptions) else {
            throw APIError(
                403, "too-many-subscriptions",
                sv: "Klienten har redan \(Self.mostSubscriptions) prenumerationer. Ta bort någon med DELETE.",
                en: "This client has \(Self.mostSubscriptions) subscriptions already. Remove one by DELETE.")
        }
        return .json(Self.json(subscription), status: 201)
    }

    /// What is subscribed to: objects as the standard's schema says, or plain names as in its example.
    private static func entities(_ value: JSONValue?) throws(APIError) -> Set<Entity> {
        guard let value else { throw .missing("resourceTypes") }
        let names = (value.arrayValue ?? []).map { $0.stringValue ?? $0["resource"]?.stringValue }
        let entities = names.map { $0.flatMap(Self.resource) }
        guard !entities.isEmpty, !entities.contains(nil) else {
            let known = Self.deletedNames.map(\.entity.standardName).joined(separator: ", ")
            throw .badField(
                "resourceTypes", sv: "en lista av {\"resource\": …} med något av \(known)",
                en: "a list of {\"resource\": …} with one of \(known)")
        }
        return Set(entities.compactMap(\.self))
    }

    /// Notices are posted only where it has been agreed: the hub posts to no address because somebody outside says so.
    func check(_ target: String, of client: APIClient) throws(APIError) {
        guard let notify = client.notify.flatMap(Origin.init) else {
            throw APIError(
                403, "no-notices",
                sv: "Klienten får inte prenumerera: api.clients.\(client.name).notify är inte satt. Be den som sköter navet.",
                en: "This client may not subscribe: api.clients.\(client.name).notify isn't set. Ask whoever runs the hub.")
        }
        guard Origin(target) == notify else {
            throw APIError(
                403, "target-not-agreed",
                sv: "target ska ligga under \(notify), som är avtalat för klienten. Be den som sköter navet om en annan adress.",
                en: "target must be below \(notify), as agreed for this client. Ask whoever runs the hub for another address.")
        }
    }

    static func json(_ subscription: ProviderSubscription) -> JSONValue {
        [
            "id": .string(subscription.id), "name": .string(subscription.name), "target": .string(subscription.target),
            "expires": .string(subscription.expires),
            "resourceTypes": .array(
                subscription.entities.sorted().map { ["resource": .string($0.standardName)] }),
        ]
    }
}
