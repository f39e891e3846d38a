import Foundation
package import Logging
import SchoolRecords
import ServiceLifecycle

/// Runs a service's work until the hub stops, again after an error: a full disk or a broker away stops the work, not
/// the hub, and it goes on when the trouble is over.
package func restarting(
    _ name: String, logger: Logger, clock: HubClock, _ work: @escaping @Sendable () async throws -> Void
) async throws {
    do {
        try await cancelWhenGracefulShutdown {
            var backoff = Backoff()
            while !Task.isCancelled {
                let started = clock.now()
                do {
                    try await work()
                    return
                } catch is CancellationError {
                    return
                } catch {
                    if Task.isCancelled { return }
                    if clock.now().timeIntervalSince(started) > 60 { backoff.reset() }
                    let wait = backoff.next()
                    var metadata: Logger.Metadata = ["service": "\(name)", "error": "\(error)", "wait": "\(wait)"]
                    if let error = error as? any DocumentedError { metadata["remedy"] = "\(error.runbook)" }
                    logger.error("Service stopped on an error and starts again", metadata: metadata)
                    try await clock.sleep(wait)
                }
            }
        }
    } catch is CancellationError {}
}

/// The same for work that is done round by round, with a pause between.
package func repeating(
    _ name: String, every pause: Duration, logger: Logger, clock: HubClock, _ round: @escaping @Sendable () async throws -> Void
) async throws {
    try await restarting(name, logger: logger, clock: clock) {
        while !Task.isCancelled {
            try await round()
            try await clock.sleep(pause)
        }
    }
}

/// Runs work to its end even when the caller is cancelled: what has been begun is finished or left as it was.
func finishing<Result: Sendable>(_ work: @escaping @Sendable () async throws -> Result) async throws -> Result {
    try await Task { try await work() }.value
}
