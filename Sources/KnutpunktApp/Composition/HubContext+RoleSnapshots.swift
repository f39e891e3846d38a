import ConnectorKit
public import Foundation
public import Hub
import Mapping
import SchoolRecords

/// Roles: giving them, taking them away, and what the systems say that they hold.
extension HubContext {
    /// Gives role changes to the receiving systems.
    public func rolePublisher(clock: HubClock = .system) -> RolePublisher {
        RolePublisher(store: self.store, mappings: self.mappings, clock: clock)
    }

    /// Asks a system now which roles it holds, and which accounts there are, where it can be asked; what it says is in the register
    /// afterwards (``RoleBook/roles(in:side:after:limit:)``).
    ///
    /// A system that leaves files says what is in the newest one: have it leave one first.
    ///
    /// - Throws: ``AppError`` when there is no such system, its roles aren't read, or it can't be reached.
    public func snapshotRoles(
        of system: String, by person: String = HubContext.userName, clock: HubClock = .system
    ) async throws -> RoleSnapshot {
        _ = try self.mappings.set.system(system)
        let entities = Set(self.mappings.set.inboundEntities(system: system)).intersection([.roleGrant, .accountStatus])
        guard entities.contains(.roleGrant) else {
            throw AppError(
                .notFound,
                sv: "\(system): dess roller läses inte. Slå på källan (systems.\(system).source.enabled: true) och ge den en "
                    + "mappning av rolegrant i Mappings/\(system)/in.",
                en: "\(system): its roles aren't read. Switch its source on (systems.\(system).source.enabled: true) and give it "
                    + "a mapping of rolegrant in Mappings/\(system)/in.")
        }
        let startedAt = clock.now()
        let report = try await self.sync(system, mode: .full, by: person, only: entities, clock: clock)
        guard report.waiting.isEmpty else {
            throw AppError(
                .systems,
                sv:
                    "\(system): rollerna läses inte förrän personerna har lästs från sin källa, så att det är känt vilka som är skyddade. Läs "
                    + "dem först: knutpunkt sync",
                en:
                    "\(system): roles aren't read before persons have been read from their source, so that it is known who is protected. Read "
                    + "them first: knutpunkt sync")
        }
        return RoleSnapshot(
            system: system, asOf: try await self.rolesTold(by: system) ?? startedAt,
            roles: try await self.store.roles(in: system, side: .held).count,
            knowsAccounts: entities.contains(.accountStatus), report: report)
    }

    /// As of when a system that leaves files said which roles it holds.
    private func rolesTold(by system: String) async throws -> Date? {
        guard let source = try self.connectors(only: [system]).sources.first?.source else { return nil }
        do {
            let told = try await source.told(of: .roleGrant)
            await source.shutdown()
            return told
        } catch {
            await source.shutdown()
            throw error
        }
    }

    /// Systems in use whose roles are read.
    public var systemsWithRoles: Set<String> {
        Set(self.mappings.set.systems.keys.filter { self.mappings.set.inboundEntities(system: $0).contains(.roleGrant) })
    }
}

/// What a system said of its roles.
public struct RoleSnapshot: Sendable {
    public let system: String
    /// When what it says was true: of a file, when it was taken in. What was given later isn't in it.
    public let asOf: Date
    /// How many roles it holds.
    public let roles: Int
    /// Whether it says which accounts there are.
    public let knowsAccounts: Bool
    /// How the reading went. Where something waits for approval, or couldn't be used, the register isn't all of what it said.
    public let report: IntakeReport

    /// Whether the register is all of what the system said.
    public var isWhole: Bool { self.report.held.isEmpty && self.report.failed == 0 }
}
