import ConnectorKit
import Connectors
import Hub
import Logging
import Mapping
import ServiceLifecycle

/// Has what was written to systems that take files as a whole made into such, when nothing is on its way to them, and carried to them by the
/// programs that their settings name.
struct CarryingService: Service {
    let targets: [any CarriedTarget]
    let store: any HubStore
    let mappings: MappingBook
    let clock: HubClock
    let logger: Logger

    /// How often it asks whether there is something new; how often something is carried, the settings say.
    private static let pause = Duration.seconds(5)
    /// Pauses between two questions what is due.
    private static let carrying = 60

    func run() async throws {
        do {
            try await cancelWhenGracefulShutdown {
                var round = 0
                var failing: Set<String> = []
                while true {
                    for target in self.targets {
                        await self.prepare(target, &failing)
                        if round % Self.carrying == 0 { await self.carry(target) }
                    }
                    round += 1
                    try await self.clock.sleep(Self.pause)
                }
            }
        } catch is CancellationError {}
    }

    /// Whether the system has all that there is for it, as far as it can have it.
    private func isWhole(_ system: String) async throws -> Bool {
        let entities = Set(self.mappings.set.outboundEntities(system: system))
        guard try await FirstReadings(store: self.store, mappings: self.mappings).missing(entities).isEmpty else { return false }
        let lag = try await self.store.lag(of: system, entities: entities)
        guard lag > 0 else { return true }
        // What waits for a record that may never come isn't on its way.
        return try await lag <= self.store.waitingCounts()[system] ?? 0
    }

    private func prepare(_ target: any CarriedTarget, _ failing: inout Set<String>) async {
        do {
            guard try await self.isWhole(target.system) else { return }
            try await target.prepare()
            failing.remove(target.system)
        } catch is CancellationError {
        } catch {
            guard failing.insert(target.system).inserted else { return }
            self.logger.error(
                "A system's files can't be made; they are tried again",
                metadata: ["system": "\(target.system)", "error": "\(error)"])
        }
    }

    private func carry(_ target: any CarriedTarget) async {
        do {
            guard try await target.carry() else { return }
            self.logger.notice("Files were carried to a system", metadata: ["system": "\(target.system)"])
        } catch is CancellationError {
        } catch {
            self.logger.error(
                "Files couldn't be carried to a system; they are tried again",
                metadata: ["system": "\(target.system)", "error": "\(error)"])
        }
    }
}
