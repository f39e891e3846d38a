import Foundation
public import SchoolRecords

/// A notice for one subscriber: kinds of records have changed, or some were deleted. It says no more (SS 12000:2020).
public struct SubscriptionNotice: Sendable, Hashable {
    /// The address it is posted to.
    public let target: String
    /// The names of the kinds, as `EndPointsEnum` writes them.
    public let modified: [String]
    /// Whether any were deleted.
    public let deleted: Bool

    /// The body as the standard writes it, its slip of the pen included.
    public var body: JSONValue {
        ["modifiedEntites": .array(self.modified.map { .string($0) }), "deletedEntities": .bool(self.deleted)]
    }
}

/// Who wants to be told of what, and until when.
struct SubscriptionDesk {
    struct Entry {
        let id: String
        let name: String
        let target: String
        let entities: Set<Entity>
        var expires: Date
        var modified: Set<Entity> = []
        var deleted = false
    }

    /// Seconds that a subscription lasts unless it is renewed.
    var lifetime = 3600.0
    private(set) var entries: [Entry] = []
    private var made = 0

    mutating func add(name: String, target: String, entities: Set<Entity>, now: Date, seed: UInt64) -> Entry {
        self.made += 1
        var generator = SeededGenerator(seed: seed, stream: 0x5B, index: self.made)
        let entry = Entry(
            id: generator.uuid(), name: name, target: target, entities: entities, expires: now + self.lifetime)
        self.entries.append(entry)
        return entry
    }

    mutating func renew(_ id: String, now: Date) -> Entry? {
        guard let place = self.entries.firstIndex(where: { $0.id == id }) else { return nil }
        self.entries[place].expires = now + self.lifetime
        return self.entries[place]
    }

    mutating func remove(_ id: String) -> Bool {
        let count = self.entries.count
        self.entries.removeAll { $0.id == id }
        return self.entries.count < count
    }

    mutating func drop(expiredAt now: Date) { self.entries.removeAll { $0.expires <= now } }

    mutating func note(_ entity: Entity, deleted: Bool) {
        for place in self.entries.indices where self.entries[place].entities.contains(entity) {
            if deleted { self.entries[place].deleted = true } else { self.entries[place].modified.insert(entity) }
        }
    }

    /// Whether there is something to tell.
    var hasNotices: Bool { self.entries.contains { !$0.modified.isEmpty || $0.deleted } }

    /// What there is to tell, one notice a subscriber; it is told once.
    mutating func takeNotices() -> [SubscriptionNotice] {
        var notices: [SubscriptionNotice] = []
        for place in self.entries.indices {
            let entry = self.entries[place]
            guard !entry.modified.isEmpty || entry.deleted else { continue }
            notices.append(
                SubscriptionNotice(
                    target: entry.target, modified: entry.modified.sorted().map(\.endPointName), deleted: entry.deleted))
            self.entries[place].modified = []
            self.entries[place].deleted = false
        }
        return notices
    }
}
