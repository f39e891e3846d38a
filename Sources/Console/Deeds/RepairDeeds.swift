import ConnectorKit
import Hub

/// Having the hub mend what a comparison found, from a page or by the API.
struct RepairDeeds: Sendable {
    let desk: ConsoleDesk

    /// - Throws: ``ConsoleRefusal`` (404).
    func run(_ id: String) async throws -> ReconcileRun {
        guard let run = try await self.desk.store.reconcileRun(id) else { throw ConsoleRefusal.unknownPage }
        return run
    }

    func compare(_ scope: ReconcileScope, _ visit: Visit) async throws {
        try await self.desk.require(.reconcile, on: Set(scope.systems), of: visit)
        try await self.desk.actions.compare(scope, visit.user.name)
    }

    /// What differs one by one is personal data.
    func maySee(_ run: ReconcileRun, _ visit: Visit) async throws {
        try await self.desk.require(.see, on: Set(run.systems.map(\.system)), of: visit)
    }

    /// Mends what can be, or says what would be done.
    ///
    /// - Parameter isTrial: nothing is done.
    func repair(_ run: ReconcileRun, _ filter: FindingFilter, isTrial: Bool, _ visit: Visit) async throws -> RepairOrder {
        let systems = filter.systems.isEmpty ? Set(run.systems.map(\.system)) : filter.systems
        try await self.desk.require(isTrial ? .reconcile : .repair, on: systems, of: visit)
        return try await Self.telling {
            let order = try await self.desk.actions.repairer.order(run.id, filter, by: visit.user.name)
            guard !order.findings.isEmpty else {
                throw ConsoleRefusal.wrongInput(
                    sv: "Av det valda finns inget som hubben kan rätta.",
                    en: "Of what is chosen there is nothing that the hub can mend.")
            }
            return isTrial ? order : try await self.desk.actions.repairer.place(order)
        }
    }

    /// - Throws: ``ConsoleRefusal`` (404).
    func order(_ id: String) async throws -> RepairOrder {
        guard let order = try await self.desk.store.repair(id) else { throw ConsoleRefusal.unknownPage }
        return order
    }

    @discardableResult
    func decide(_ id: String, approves: Bool, reason: String, _ visit: Visit) async throws -> RepairOrder {
        let order = try await self.order(id)
        try await self.desk.require(.approveRepairs, on: Set(order.parts.map(\.system)), of: visit)
        return try await Self.telling {
            let repairer = self.desk.actions.repairer
            return approves
                ? try await repairer.approve(id, reason: reason, by: visit.user.name)
                : try await repairer.reject(id, reason: reason, by: visit.user.name)
        }
    }

    private static func telling<Result>(_ work: () async throws -> Result) async throws -> Result {
        do { return try await work() } catch let refusal as RepairRefusal {
            throw ConsoleRefusal.wrongInput(sv: refusal.text.sv, en: refusal.text.en)
        }
    }
}
