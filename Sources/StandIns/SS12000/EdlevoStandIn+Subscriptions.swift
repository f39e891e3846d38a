import Foundation
import Hummingbird
import SchoolRecords

/// Subscriptions as SS 12000:2020 has them: made, listed, renewed by a PATCH without a body, ended, dropped when they expire.
extension EdlevoStandIn {
    func subscription(_ request: Request, _ id: String?, _ body: [UInt8]) throws(BadQuery) -> Answer {
        let now = self.now()
        self.subscriptions.drop(expiredAt: now)
        switch (request.method, id) {
        case (.get, nil):
            return .json(["data": .array(self.subscriptions.entries.map(Self.document)), "pageToken": nil])
        case (.post, nil):
            let entry = try self.subscribe(body, now: now)
            return .json(Self.document(entry), status: .created)
        case (.get, let id?):
            guard let entry = self.subscriptions.entries.first(where: { $0.id == id }) else { return Answer(status: .notFound) }
            return .json(Self.document(entry))
        case (.patch, let id?):
            guard let entry = self.subscriptions.renew(id, now: now) else { return Answer(status: .notFound) }
            return .json(Self.document(entry))
        case (.delete, let id?): return Answer(status: self.subscriptions.remove(id) ? .noContent : .notFound)
        default: return Answer(status: .methodNotAllowed)
        }
    }

    private func subscribe(_ body: [UInt8], now: Date) throws(BadQuery) -> SubscriptionDesk.Entry {
        let asked = (try? JSONValue(parsing: Data(body))) ?? .null
        guard let name = asked["name"]?.stringValue, let target = asked["target"]?.stringValue,
            let types = asked["resourceTypes"]?.arrayValue, !types.isEmpty
        else { throw BadQuery(code: "bad-subscription", message: "name, target and resourceTypes are required") }
        var entities: Set<Entity> = []
        for type in types {
            // The standard's example has plain texts, its schema objects.
            let word = type["resource"]?.stringValue ?? type.stringValue ?? ""
            guard let entity = self.entities.first(where: { $0.endPointName.lowercased() == word.lowercased() }) else {
                throw BadQuery(code: "unknown-resource", message: "resourceTypes names what is not served here")
            }
            entities.insert(entity)
        }
        return self.subscriptions.add(name: name, target: target, entities: entities, now: now, seed: self.seed)
    }

    private static func document(_ entry: SubscriptionDesk.Entry) -> JSONValue {
        [
            "id": .string(entry.id), "name": .string(entry.name), "target": .string(entry.target),
            "resourceTypes": .array(entry.entities.sorted().map { ["resource": .string($0.endPointName)] }),
            "expires": .string(Timestamp(microseconds: Int64(entry.expires.timeIntervalSince1970 * 1e6)).text),
        ]
    }

    /// What subscribers are to be told since it was last asked for; ``NoticePoster`` posts it.
    public func takeNotices() -> [SubscriptionNotice] {
        self.subscriptions.drop(expiredAt: self.now())
        return self.subscriptions.takeNotices()
    }

    /// How many subscriptions there are now.
    public var subscriptionCount: Int {
        self.subscriptions.drop(expiredAt: self.now())
        return self.subscriptions.entries.count
    }

    /// Sets how many seconds new and renewed subscriptions last.
    public func setSubscriptionLifetime(_ seconds: Double) { self.subscriptions.lifetime = seconds }
}
