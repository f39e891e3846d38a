import ConnectorKit
import Foundation
public import Hub
import Mapping
public import Reconciliation
public import SchoolRecords

/// How the systems play together.
extension HubContext {
    /// Systems × entities × directions, with what the store says of each.
    ///
    /// - Parameters:
    ///   - systems: only these; `nil` = all.
    ///   - entities: only these; `nil` = all.
    ///   - agreement: what comparing has found; empty where nobody has compared.
    public func interopMatrix(
        systems: Set<String>? = nil, entities: Set<Entity>? = nil,
        agreement: [InteropFacts.Place: InteropMatrix.Agreement]
    ) async throws -> InteropMatrix {
        let facts = try await self.store.interopFacts()
        let set = self.mappings.set
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
    public func agreement() async throws -> [InteropFacts.Place: InteropMatrix.Agreement] { [:] }

    /// The last probe's report; of one that was cut off, when it began.
    public func lastProbe() async throws -> (report: ProbeReport?, interrupted: String?) {
        guard let run = try await self.store.lastProbeRun() else { return (nil, nil) }
        guard let text = run.report else { return (nil, try self.isProbing ? nil : run.startedAt) }
        return (try JSONDecoder().decode(ProbeReport.self, from: Data(text.utf8)), nil)
    }
}
