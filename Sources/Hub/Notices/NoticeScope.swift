public import Foundation
public import SchoolRecords

/// What a notice says has changed, as far as it says so in the standard's words: kinds of records, and whether any were deleted
/// (SS 12000:2020, the body posted to a subscriber).
///
/// It narrows what is read at once, nothing else. What can't be read as the standard has it names everything, and what a notice
/// left out is found by the readings that go by schedule.
public struct NoticeScope: Sendable, Hashable {
    /// The kinds that have changed; `nil` for any.
    public let entities: Set<Entity>?
    /// Whether records were deleted, of whichever kind.
    public let deletions: Bool

    public init(entities: Set<Entity>?, deletions: Bool) {
        self.entities = entities
        self.deletions = deletions
    }

    /// Anything may have changed.
    public static let everything = NoticeScope(entities: nil, deletions: true)

    /// What a notice's body says.
    ///
    /// - Parameter body: `{"modifiedEntites": ["Person", …], "deletedEntities": true}`; the standard's slip of the pen and the word
    ///   as it should be are both taken, the kinds in any case.
    public init(body: Data) {
        self = Self.read(body) ?? .everything
    }

    private static func read(_ body: Data) -> NoticeScope? {
        guard let json = try? JSONValue(parsing: body), let members = json.objectValue else { return nil }
        var entities: Set<Entity> = []
        for name in ["modifiedEntites", "modifiedEntities"] {
            guard let value = members[name], !value.isNull else { continue }
            guard let kinds = value.arrayValue else { return nil }
            for kind in kinds {
                // A kind that isn't known may stand for one that is.
                guard let word = kind.stringValue?.lowercased(), let entity = Self.kinds[word] else { return nil }
                entities.insert(entity)
            }
        }
        let deletions: Bool
        switch members["deletedEntities"] {
        case .bool(let value)?: deletions = value
        case nil, .null?: deletions = false
        default: return nil
        }
        // One that says nothing means something by it.
        guard deletions || !entities.isEmpty else { return nil }
        return NoticeScope(entities: entities, deletions: deletions)
    }

    private static let kinds = Dictionary(
        Entity.allCases.flatMap { [($0.rawValue.lowercased(), $0), ($0.standardName.lowercased(), $0)] },
        uniquingKeysWith: { first, _ in first })

    /// What two notices say together.
    public func union(_ other: NoticeScope) -> NoticeScope {
        let entities = self.entities.flatMap { mine in other.entities.map { mine.union($0) } }
        return NoticeScope(entities: entities, deletions: self.deletions || other.deletions)
    }

    /// Whether an entity has to be read. Persons always have: whoever has become protected must be known as such before anything
    /// about that person is taken.
    func concerns(_ entity: Entity) -> Bool {
        guard let entities = self.entities else { return true }
        return entity == .person || entities.contains(entity)
    }
}
