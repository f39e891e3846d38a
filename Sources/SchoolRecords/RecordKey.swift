/// The kinds of record that the hub carries, named as in SS 12000:2020 (lower case, singular).
public enum Entity: String, Sendable, Hashable, Codable, CaseIterable, Comparable {
    case organisation
    case person
    case group
    case duty
    case placement

    /// The order in which a full load reads them: what is referred to comes before what refers.
    public static func < (left: Entity, right: Entity) -> Bool { left.loadOrder < right.loadOrder }

    private var loadOrder: Int { Self.allCases.firstIndex(of: self) ?? 0 }
}

/// Which record: its kind and its id, the same in every system (SS 12000 shares one id space).
public struct RecordKey: Sendable, Hashable, Codable, Comparable, CustomStringConvertible {
    public let entity: Entity
    /// A UUID in lower case as the standard says; any other text the source uses is taken as it is.
    public let id: String

    public init(_ entity: Entity, _ id: String) {
        self.entity = entity
        self.id = id
    }

    public var description: String { "\(self.entity.rawValue)/\(self.id)" }

    public static func < (left: RecordKey, right: RecordKey) -> Bool {
        left.entity == right.entity ? left.id < right.id : left.entity < right.entity
    }
}
