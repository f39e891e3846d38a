import Foundation
import Hub
import Mapping
import Provisioning
import SchoolRecords

/// Deciding about role plans, from a page or by the API.
struct RolePlanDeeds: Sendable {
    let desk: ConsoleDesk

    /// - Throws: ``ConsoleRefusal`` (404).
    func kept(_ id: String) async throws -> KeptRolePlan {
        guard let kept = try await self.desk.store.rolePlan(id) else { throw ConsoleRefusal.unknownPage }
        return kept
    }

    /// - Returns: `nil` when its content has been removed.
    func plan(_ kept: KeptRolePlan) async throws -> RolePlan? {
        guard let document = try await self.desk.store.rolePlanDocument(kept.id) else { return nil }
        return try RolePlan(json: JSONValue(parsing: document))
    }

    func systems(of kept: KeptRolePlan) async throws -> Set<String> {
        Set(try await self.plan(kept)?.steps.map(\.key.name.system) ?? [])
    }

    /// - Parameter unit: the unit whose part is approved, `-` for what concerns all; `nil` = all parts.
    func approve(_ kept: KeptRolePlan, unit: String?, reason: String, _ visit: Visit) async throws {
        let parts = kept.parts.filter { unit == nil || ($0.unit ?? "-") == unit }
        guard !parts.isEmpty else { throw ConsoleRefusal.unknownPage }
        // Who has to do with some units approves what is done at these alone.
        for system in try await self.systems(of: kept) {
            for part in parts { try await self.desk.require(.approveRoles, on: [system], unit: part.unit, of: visit) }
        }
        let units = unit == nil ? nil : Set(parts.compactMap(\.unit))
        try await self.desk.actions.roles(.approve(units: units, reason: reason), kept.id, visit.user.name)
    }

    /// Has it carried out, or stops it.
    func order(_ order: RoleOrder, _ kept: KeptRolePlan, _ visit: Visit) async throws {
        try await self.desk.require(.applyRoles, on: try await self.systems(of: kept), of: visit)
        try await self.desk.actions.roles(order, kept.id, visit.user.name)
    }
}
