import Foundation
public import Hub
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
        try await self.interop.matrix(systems: systems, entities: entities, agreement: agreement)
    }

    /// What comparing the systems with the register has found, by system and entity; empty until somebody has compared.
    public func agreement() async throws -> [InteropFacts.Place: InteropMatrix.Agreement] {
        try await self.interop.agreement()
    }

    private var interop: InteropReader { InteropReader(store: self.store, mappings: self.mappings.set) }

    /// The last probe's report; of one that was cut off, when it began.
    public func lastProbe() async throws -> (report: ProbeReport?, interrupted: String?) {
        guard let run = try await self.store.lastProbeRun() else { return (nil, nil) }
        guard let text = run.report else { return (nil, try self.isProbing ? nil : run.startedAt) }
        return (try JSONDecoder().decode(ProbeReport.self, from: Data(text.utf8)), nil)
    }
}
