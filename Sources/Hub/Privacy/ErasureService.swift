public import Logging
public import ServiceLifecycle

/// Ends erasures as systems confirm, and carries out again those that a restored store doesn't know of; looks every minute.
public struct ErasureService: Service {
    private let eraser: Eraser
    private let rotator: KeyRotator
    private let clock: HubClock
    private let logger: Logger

    public init(eraser: Eraser, rotator: KeyRotator, clock: HubClock = .system, logger: Logger) {
        self.eraser = eraser
        self.rotator = rotator
        self.clock = clock
        self.logger = logger
    }

    public func run() async throws {
        try await repeating("erasures", every: .seconds(60), logger: self.logger, clock: self.clock) {
            let again = try await self.eraser.reapply()
            if !again.isEmpty {
                self.logger.notice("Persons of a restored store are erased again", metadata: ["persons": "\(again.count)"])
            }
            do {
                let done = try await self.eraser.settle(with: self.rotator)
                if !done.isEmpty {
                    self.logger.notice(
                        "Erasures are done, and the hub has a new key: renew the copy of it that is kept elsewhere",
                        metadata: ["persons": "\(done.count)"])
                }
            } catch is KeysBusy {
                self.logger.info("Somebody else changes the keys; erasures are ended later")
            }
        }
    }
}
