import ConnectorKit
import Console
import Foundation
import Hub
import Messaging

/// The web console over this hub.
extension HubContext {
    /// The console's pages, with who gets in and what they set going.
    ///
    /// - Parameters:
    ///   - reading: how the hub is now.
    ///   - work: what does behind the pages what people don't wait for.
    /// - Throws: ``AppError`` when the set-up can't be used.
    func consoleSite(
        reading: @escaping @Sendable () async -> HealthReading, work: ConsoleWork, clock: HubClock
    ) throws -> ConsoleSite {
        let console = self.configuration.console
        let access = try self.consoleAccess(clock: clock)
        let desk = ConsoleDesk(
            store: self.store, mappings: self.mappings, key: self.key, clock: clock,
            actions: ConsoleActions(
                compare: { scope, person in
                    do {
                        // What is wrong with the question is told at once, not in a log.
                        await (try self.reconcileTargets(scope.systems)).shutdown()
                        try work.begin("reconcile") { _ = try await self.reconcile(scope, by: person, clock: clock) }
                    } catch let error as AppError {
                        throw error.consoleRefusal
                    }
                },
                repairer: self.repairer,
                roles: { order, plan, person in
                    try await Self.tellingVisitors { try await self.carryOut(order, on: plan, by: person, clock: clock) }
                },
                planRoles: { request, person in
                    try await Self.tellingVisitors { try await self.keepPlan(request, by: person, clock: clock) }
                },
                explainRoles: { request, language, person in
                    try await Self.tellingVisitors {
                        try await self.explainRoles(request, in: language, by: person, clock: clock)
                    }
                },
                held: { id, approves, reason, person in
                    try await Self.tellingVisitors {
                        try await self.decide(
                            id, approves ? .approved : .rejected, as: person, reason: reason, clock: clock)
                    }
                },
                handIn: { what in
                    try await Self.tellingVisitors { try await self.handIn(what, clock: clock) }
                }, tools: self.consoleTools(clock: clock)),
            editsNeedApproval: self.configuration.editsNeedApproval, reading: reading,
            alarms: { AlarmFile(dataDirectory: self.configuration.dataDirectory).load().book.open },
            require: { action, systems, person in
                try await Self.tellingVisitors { try await self.require(action, on: systems, by: person, clock: clock) }
            })
        do {
            return try ConsoleSite(
                desk: desk, gate: AccessGate(access, openIDName: console.openIDName), access: access, publicURL: console.publicURL
            )
        } catch { throw AppError(.configuration, "The console's pages can't be read.", cause: error) }
    }

    /// Does something for a visitor, who is told what keeps it from being done.
    private static func tellingVisitors<Result>(_ work: () async throws -> Result) async throws -> Result {
        do { return try await work() } catch let error as AppError { throw error.consoleRefusal }
    }
}

extension AppError {
    /// The same for somebody who sees it in the console.
    var consoleRefusal: ConsoleRefusal {
        let text = Bilingual(sv: self.message(in: .sv), en: self.message(in: .en))
        return switch self.code {
        case .notAllowed:
            ConsoleRefusal(403, title: Bilingual(sv: "Du får inte göra det här", en: "You may not do this"), text: text)
        case .notFound: ConsoleRefusal(404, title: Bilingual(sv: "Det finns inte", en: "There is no such thing"), text: text)
        default: ConsoleRefusal(422, title: Bilingual(sv: "Det går inte att göra", en: "That can't be done"), text: text)
        }
    }
}
