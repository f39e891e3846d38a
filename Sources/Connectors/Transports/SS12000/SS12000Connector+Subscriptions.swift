public import ConnectorKit
import Foundation
import SchoolRecords

/// Subscriptions as SS 12000:2020 has them. Lists in the standard's form and bare ones are taken, and `resourceTypes` as objects
/// and as texts, since its schema and its example differ.
extension SS12000Connector: SubscribableSource {
    public var wantedSubscription: WantedSubscription? { self.settings.subscription }

    public func subscriptions() async throws -> [SourceSubscription] {
        var found: [SourceSubscription] = []
        let list = ListReader(
            client: self.client, path: self.settings.subscriptionsPath, setting: "subscriptions.path", query: [], limit: nil)
        try await list.forEachPage { page in
            found += (page.data.arrayValue ?? []).compactMap(Self.subscription)
        }
        return found
    }

    public func subscribe(_ wanted: WantedSubscription) async throws -> SourceSubscription {
        let body: JSONValue = [
            "name": .string(wanted.name), "target": .string(wanted.target),
            "resourceTypes": .array(wanted.entities.sorted().map { ["resource": .string($0.standardName)] }),
        ]
        let reply = try await self.subscriptionCall(.post, "", body: Array(body.canonicalData))
        return try self.read(reply, for: [200, 201])
    }

    public func renew(_ id: String) async throws -> SourceSubscription? {
        let reply = try await self.subscriptionCall(.patch, "/\(Percent.encode(id))")
        if reply.status == 404 { return nil }
        return try self.read(reply, for: [200])
    }

    public func unsubscribe(_ id: String) async throws {
        let reply = try await self.subscriptionCall(.delete, "/\(Percent.encode(id))")
        guard [200, 204, 404].contains(reply.status) else { throw self.refusal(reply) }
    }

    // MARK: Calls

    private func subscriptionCall(_ method: HTTPCall.Method, _ suffix: String, body: [UInt8] = []) async throws -> HTTPReply {
        let path = self.settings.subscriptionsPath
        do {
            return try await self.client.send(method, path + suffix, body: body, name: path, isRepeatable: method != .post)
        } catch is CutShort {
            throw ConnectorFailure(.transient, code: .replyCutShort, message: "\(path): the reply came cut short")
        }
    }

    private func read(_ reply: HTTPReply, for statuses: Set<Int>) throws(ConnectorFailure) -> SourceSubscription {
        guard statuses.contains(reply.status) else { throw self.refusal(reply) }
        guard let subscription = (try? JSONValue(parsing: reply.body)).flatMap(Self.subscription) else {
            throw ConnectorFailure(
                .malformedReply, code: .subscriptionUnreadable,
                message: "\(self.settings.subscriptionsPath): the reply holds no subscription with an id and an end")
        }
        return subscription
    }

    private func refusal(_ reply: HTTPReply) -> ConnectorFailure {
        let code = ServerErrorCode(reply.body).map { " \($0.text)" } ?? ""
        return ConnectorFailure(
            .misconfigured, code: .subscriptionRefused,
            message:
                "\(self.settings.subscriptionsPath) was refused (\(reply.status)\(code)): ask the vendor whether subscriptions "
                + "are switched on for this client and for these entities, and check subscriptions in the settings")
    }

    private static func subscription(_ value: JSONValue) -> SourceSubscription? {
        guard let id = ElementReading.id(value), let moment = value["expires"]?.stringValue.flatMap({ Moment($0) }) else {
            return nil
        }
        let names = (value["resourceTypes"]?.arrayValue ?? []).compactMap { $0["resource"]?.stringValue ?? $0.stringValue }
        let entities = names.compactMap { name in Entity.allCases.first { $0.rawValue == name.lowercased() } }
        return SourceSubscription(
            id: id,
            wanted: WantedSubscription(
                name: value["name"]?.stringValue ?? "", target: value["target"]?.stringValue ?? "", entities: Set(entities)),
            expires: Date(timeIntervalSince1970: Double(moment.secondsSinceEpoch)))
    }
}
