import Foundation
import Glibc
import Hub

/// A lock that the operating system lets go when its holder dies (`flock`), so that a kill leaves none behind.
final class FileLock: Sendable {
    private let descriptor: Int32

    /// Takes the lock, or returns `nil` when another holds it.
    ///
    /// - Throws: ``AppError`` when the file can't be made.
    init?(path: String) throws {
        let descriptor = Glibc.open(path, O_CREAT | O_RDWR | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            throw AppError(.store, "\(path): the lock file can't be made (\(String(cString: strerror(errno)))).")
        }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            close(descriptor)
            return nil
        }
        self.descriptor = descriptor
    }

    deinit { close(self.descriptor) }
}

/// One reader of a source at a time, over all processes on one data directory.
struct SourceFileLock: SourceLock {
    let directory: String
    let clock: HubClock

    func withLock<Result: Sendable>(
        source: String, _ body: @Sendable () async throws -> Result
    ) async throws -> Result {
        while true {
            if let lock = try FileLock(path: "\(self.directory)/intake-\(source).lock") {
                defer { withExtendedLifetime(lock) {} }
                return try await body()
            }
            try await self.clock.sleep(.milliseconds(200))
        }
    }
}
