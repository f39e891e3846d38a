import Hub
import Mapping
public import SchoolRecords

extension HubContext {
    /// Puts records in a receiving system's queue again, in load order. What maps to the rows that the system has already
    /// isn't written.
    ///
    /// - Parameters:
    ///   - entities: only these; `nil` = all that the system takes.
    ///   - everything: every record, not only those whose present state it hasn't been given.
    ///   - isDryRun: counts only.
    /// - Returns: how many records of each entity.
    /// - Throws: ``AppError`` when there is no such system, or it doesn't take an entity.
    public func resend(
        to system: String, entities: [Entity]? = nil, everything: Bool, isDryRun: Bool,
        progress: @escaping @Sendable (Entity, Int) -> Void = { _, _ in }
    ) async throws -> [Entity: Int] {
        let set = self.mappings.set
        let description = try set.system(system)
        let taken = set.deliveredEntities(system: system)
        guard description.target != nil else {
            throw AppError(.notFound, "\(system) is a source: records are read from it, not sent to it.")
        }
        if let stranger = entities?.first(where: { !taken.contains($0) }) {
            throw AppError(
                .notFound,
                "\(system) takes no \(stranger.rawValue). It takes: \(taken.map(\.rawValue).joined(separator: ", ")).")
        }
        var counts: [Entity: Int] = [:]
        for entity in taken where entities?.contains(entity) ?? true {
            var after: String?
            while true {
                try Task.checkCancellation()
                let keys = try await self.store.resendable(entity, to: system, everything: everything, after: after, limit: 500)
                guard let last = keys.last else { break }
                if !isDryRun { try await self.store.redeliver(keys, to: system, reason: "replay") }
                after = last.id
                counts[entity, default: 0] += keys.count
                progress(entity, counts[entity] ?? 0)
            }
        }
        let forms = try await self.store.livingForms(for: system).filter { entities?.contains($0.key.entity) ?? true }
        for (entity, forms) in Dictionary(grouping: forms, by: \.key.entity) {
            if !isDryRun { try await self.store.redeliver(forms.map(\.key), to: system, reason: "replay") }
            counts[entity, default: 0] += forms.count
        }
        return counts
    }
}
