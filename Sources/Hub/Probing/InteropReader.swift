public import Mapping
public import Reconciliation
public import SchoolRecords

/// How the systems play together, as the store knows it.
public struct InteropReader: Sendable {
    private let store: any HubStore
    private let mappings: MappingSet

    public init(store: any HubStore, mappings: MappingSet) {
        self.store = store
        self.mappings = mappings
    }

    /// Systems × entities × directions, with what the store says of each.
    ///
    /// - Parameters:
    ///   - systems: only these; `nil` = all.
    ///   - entities: only these; `nil` = all.
    ///   - agreement: what comparing has found; empty where nobody has compared.
    public func matrix(
        systems: Set<String>? = nil, entities: Set<Entity>? = nil,
        agreement: [InteropFacts.Place: InteropMatrix.Agreement]
    ) async throws -> InteropMatrix {
        let facts = try await self.store.interopFacts()
        let set = self.mappings
        var cells: [InteropMatrix.Cell] = []
        for (name, isOn) in set.systems.keys.map({ ($0, true) }) + set.inactive.keys.map({ ($0, false) }) {
            guard systems?.contains(name) ?? true else { continue }
            for (direction, mapped) in [
                (SystemDescription.Direction.source, set.allInbound(name)), (.target, set.allOutbound(name)),
            ] {
                let isConfigured = isOn && set.systems[name]?.side(direction) != nil
                for entity in mapped where entities?.contains(entity) ?? true {
                    var cell = InteropMatrix.Cell(
                        system: name, entity: entity, direction: direction == .source ? .source : .target,
                        isConfigured: isConfigured)
                    let place = InteropFacts.Place(name, entity)
                    let count = direction == .source ? facts.taken[place] : facts.given[place]
                    (cell.records, cell.exercised) = (count?.records ?? 0, count?.last)
                    cell.failed = (direction == .source ? facts.failedIn : facts.failedOut)[place] ?? 0
                    if direction == .target {
                        if isConfigured { cell.underWay = try await self.store.lag(of: name, entities: [entity]) }
                        cell.agreement = agreement[place]
                    }
                    cells.append(cell)
                }
            }
        }
        return InteropMatrix(cells: cells)
    }

    /// What comparing the systems with the register has found, by system and entity; empty until somebody has compared.
    public func agreement() async throws -> [InteropFacts.Place: InteropMatrix.Agreement] {
        var found: [InteropFacts.Place: InteropMatrix.Agreement] = [:]
        // The newest word on each system: a run may have been about some of them alone.
        for run in try await self.store.reconcileRuns(states: [.done], limit: 20).reversed() where run.scope.entities.isEmpty {
            for system in run.systems where system.state == .done {
                for (place, agreement) in try await self.agreement(of: system, in: run) { found[place] = agreement }
            }
        }
        return found
    }

    /// What a run found in a system, by the entity whose mapping makes the rows.
    private func agreement(
        of system: SystemAgreement, in run: ReconcileRun
    ) async throws -> [InteropFacts.Place: InteropMatrix.Agreement] {
        let lines = self.mappings.fieldCarriages.filter { $0.system == system.system && $0.direction == .target }
        let entities = Dictionary(lines.map { ($0.kind, $0.entity) }, uniquingKeysWith: { first, _ in first })
        var equal: [Entity: Int] = [:]
        for (kind, rows) in system.rows {
            guard let entity = entities[kind] ?? nil else { continue }
            equal[entity, default: 0] += rows.equal
        }
        var differing: [Entity: (count: Int, oldest: String)] = [:]
        var filter = FindingFilter()
        (filter.systems, filter.isReal, filter.limit) = ([system.system], true, 1000)
        while true {
            let page = try await self.store.findings(of: run.id, filter)
            for kept in page {
                guard let entity = entities[kept.finding.kind] ?? nil else { continue }
                let known = differing[entity]
                differing[entity] = ((known?.count ?? 0) + 1, min(known?.oldest ?? kept.firstAt, kept.firstAt))
            }
            guard let last = page.last, page.count == 1000 else { break }
            filter.after = last.number
        }
        let told = Set(equal.keys).union(differing.keys)
        return Dictionary(
            uniqueKeysWithValues: told.map { entity in
                (
                    InteropFacts.Place(system.system, entity),
                    InteropMatrix.Agreement(
                        equal: equal[entity] ?? 0, differing: differing[entity]?.count ?? 0, at: system.readAt ?? run.beganAt,
                        oldestDifference: differing[entity]?.oldest)
                )
            })
    }
}
