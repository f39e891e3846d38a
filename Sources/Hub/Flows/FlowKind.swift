public import Mapping
public import SchoolRecords

/// A kind of flow: what the hub needs to set one up before its settings are known.
public struct FlowKind: Sendable {
    public let name: String
    /// The entities whose changes it is told of.
    public let reads: Set<Entity>
    /// The flow with the settings in force; `nil` when `flows.yaml` doesn't have it or turns it off.
    public let make: @Sendable (MappingSet) -> (any Flow)?

    public init(name: String, reads: Set<Entity>, make: @escaping @Sendable (MappingSet) -> (any Flow)?) {
        self.name = name
        self.reads = reads
        self.make = make
    }

    /// Every kind there is; each has its settings described in `FlowCatalog`.
    public static let all: [FlowKind] = [.absenceOnce, .absenceDay, .breakOff, .transportAnswer]

    /// Those that `flows.yaml` has, also when it turns them off: what they made before is withdrawn then.
    public static func listed(in set: MappingSet) -> [FlowKind] { Self.all.filter { set.flows[$0.name] != nil } }
}
