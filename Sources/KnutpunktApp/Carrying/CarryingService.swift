import ConnectorKit
import Connectors
import Hub
import Logging
import ServiceLifecycle

/// Has what was written to systems that take files carried to them, by the programs that their settings name.
struct CarryingService: Service {
    let targets: [any CarriedTarget]
    let clock: HubClock
    let logger: Logger

    /// How often it asks what is due; how often something is, the settings say.
    private static let pause = Duration.seconds(300)

    func run() async throws {
        do {
            try await cancelWhenGracefulShutdown {
                while true {
                    for target in self.targets { await self.carry(target) }
                    try await self.clock.sleep(Self.pause)
                }
            }
        } catch is CancellationError {}
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
