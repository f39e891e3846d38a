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

    /// The body as the standard writes it, its slip of the pen included.
    var body: Data {
        let body: JSONValue = [
            "modifiedEntites": .array(self.modified.map { .string($0.standardName) }), "deletedEntities": .bool(self.deleted),
        ]
        return body.canonicalData
    }
}
