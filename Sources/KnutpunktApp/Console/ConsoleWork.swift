import Hub
import Logging
import ServiceLifecycle

/// What people have set going from the console and don't wait for: done behind the pages, one after the other, and ended with the hub.
struct ConsoleWork: Service {
    /// One thing to do.
    struct Job: Sendable {
        let name: String
        let work: @Sendable () async throws -> Void
    }

    /// Jobs that wait, at most: who asks for more is told to wait.
    private static let most = 16

    private let jobs: AsyncStream<Job>
    private let continuation: AsyncStream<Job>.Continuation
    private let logger: Logger

    init(logger: Logger) {
        (self.jobs, self.continuation) = AsyncStream.makeStream(of: Job.self, bufferingPolicy: .bufferingOldest(Self.most))
        self.logger = logger
    }

    /// Sets something going.
    ///
    /// - Throws: ``AppError`` when too much waits already.
    func begin(_ name: String, _ work: @escaping @Sendable () async throws -> Void) throws {
        guard case .enqueued = self.continuation.yield(Job(name: name, work: work)) else {
            throw AppError(
                .systems, sv: "Det väntar redan \(Self.most) uppdrag. Försök igen om en stund.",
                en: "\(Self.most) jobs wait already. Try again in a while.")
        }
    }

    func run() async throws {
        await cancelWhenGracefulShutdown {
            for await job in self.jobs {
                do { try await job.work() } catch is CancellationError { return } catch {
                    self.logger.error(
                        "What the console set going has failed", metadata: ["job": "\(job.name)", "error": "\(error)"])
                }
            }
        }
    }
}
