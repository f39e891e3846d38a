import Foundation
import Hub
import SchoolRecords

/// What a subscriber has to be told: which kinds have changed since it was told last, and whether any are gone.
struct SubscriberNotice: Sendable, Hashable {
    let modified: [Entity]
    let deleted: Bool

    /// `nil` when there is nothing to tell.
    ///
    /// - Parameter entities: those of the subscribed kinds that the client may fetch now.
    init?(_ subscription: ProviderSubscription, _ entities: Set<Entity>, _ numbers: [Entity: ChangeNumbers]) {
        var modified: [Entity] = []
        var deleted = false
        for entity in entities.sorted() {
            let now = numbers[entity] ?? ChangeNumbers()
            let told = subscription.told[entity] ?? ChangeNumbers()
            if now.upserted > told.upserted { modified.append(entity) }
            if now.deleted > told.deleted { deleted = true }
        }
        guard deleted || !modified.isEmpty else { return nil }
        self.modified = modified
        self.deleted = deleted
    }

    /// The body, with the list of what has changed spelt as the client reads it.
    func body(_ spelling: NoticeSpelling) -> Data {
        let body: JSONValue = [
            spelling.rawValue: .array(self.modified.map { .string($0.standardName) }), "deletedEntities": .bool(self.deleted),
        ]
        return body.canonicalData
    }
}

/// How a notice's list of what has changed is spelt.
public enum NoticeSpelling: String, Sendable, Hashable, CaseIterable {
    /// As the standard writes it, its slip of the pen included.
    case standard = "modifiedEntites"
    /// As some read it in spite of that, Skolverket's reference implementation for one.
    case corrected = "modifiedEntities"
}
