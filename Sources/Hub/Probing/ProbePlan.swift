public import ConnectorKit
public import Mapping
import Reconciliation
public import SchoolRecords

/// Where the probe's records go: which entities each system is given, and why others aren't.
public struct ProbePlan: Sendable {
    public let parts: [ProbeReport.Part]
    /// The kinds of row that each record gives, by system and record's name.
    let kinds: [String: [String: Set<String>]]
    /// The kinds that each system keeps for good.
    let lasting: [String: Set<String>]

    /// System → the entities that it is given.
    public var scope: [String: Set<Entity>] {
        Dictionary(grouping: self.parts.filter { $0.reach == .system }, by: \.system).mapValues { Set($0.map(\.entity)) }
    }

    /// - Parameters:
    ///   - targets: the connectors of the systems in use.
    ///   - numbers: identity numbers of pupil, guardian and staff.
    ///   - systems: only these; `nil` = all.
    ///   - entities: only these; `nil` = all.
    ///   - writesLasting: whether also rows are written that a system keeps for good.
    public init(
        mappings: MappingSet, targets: [any TargetConnector], numbers: [String], systems: Set<String>? = nil,
        entities: Set<Entity>? = nil, writesLasting: Bool = false, today: CalendarDate
    ) {
        let targets = Dictionary(targets.map { ($0.system, $0) }, uniquingKeysWith: { first, _ in first })
        func rows(_ numbers: [String]) -> [String: [Entity: [DryProbe.Given]]] {
            Dictionary(grouping: DryProbe(mappings: mappings, numbers: numbers, today: today).rows(), by: \.system)
                .mapValues { Dictionary(grouping: $0, by: \.record.entity) }
        }
        let (real, full) = (rows(numbers), rows(ProbeRecords.temporaryNumbers))
        var parts: [ProbeReport.Part] = []
        var kinds: [String: [String: Set<String>]] = [:]
        var lasting: [String: Set<String>] = [:]
        for system in mappings.systems.keys.sorted() {
            for given in (real[system] ?? [:]).values.joined() {
                kinds[system, default: [:]][given.record.name, default: []].formUnion(given.rows.map { $0.kind })
            }
            for entity in mappings.outboundEntities(system: system) {
                let own = real[system]?[entity] ?? []
                let made = Set(own.flatMap(\.rows).map(\.kind))
                let possible = Set((full[system]?[entity] ?? []).flatMap(\.rows).map(\.kind))
                let kept = made.subtracting(targets[system]?.removableKinds ?? [])
                var omission: ProbeReport.Omission?
                if systems?.contains(system) == false || entities?.contains(entity) == false {
                    omission = .notChosen
                } else if entity == .roleGrant, !mappings.probeRoles.contains(where: { $0.system == system }) {
                    omission = .noRole
                } else if possible.isEmpty || entity == .organisation {
                    omission = .noRecords
                } else if !Self.canBeRead(targets[system]) {
                    omission = .unreadable
                } else if made.isEmpty || own.contains(where: { $0.failure != nil }) {
                    omission = .needsNumber
                } else if !kept.isEmpty, !writesLasting {
                    omission = .lasting
                }
                if omission == nil { lasting[system, default: []].formUnion(kept) }
                parts.append(
                    ProbeReport.Part(
                        system: system, entity: entity, reach: omission == nil ? .system : .mapping, omission: omission,
                        kinds: (omission == nil ? made : possible).sorted()))
            }
        }
        self.parts = parts
        self.kinds = kinds
        self.lasting = lasting
    }
}

extension ProbePlan {
    /// Whether what a probe writes can be read back while it runs.
    private static func canBeRead(_ target: (any TargetConnector)?) -> Bool {
        guard let target = target as? any ReadableTarget else { return false }
        return target.canReadHeld && target.tellsAtOnce
    }
}
