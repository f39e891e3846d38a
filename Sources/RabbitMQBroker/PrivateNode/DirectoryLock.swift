import Foundation
import Messaging

/// Holds a directory for one process; the system lets go of it when the process ends, in whatever way.
final class DirectoryLock: Sendable {
    private let descriptor: CInt

    init(file: String, directory: String) throws(BrokerError) {
        self.descriptor = unsafe open(file, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard self.descriptor >= 0 else {
            throw BrokerError(.startFailed, "the private node's directory \(directory) can't be written: \(errorText(errno))")
        }
        guard flock(self.descriptor, LOCK_EX | LOCK_NB) == 0 else {
            close(self.descriptor)
            throw BrokerError(
                .startFailed,
                "another hub runs the private node in \(directory); stop it, or give this one another data directory")
        }
    }

    deinit { close(self.descriptor) }
}

/// The system's words for an error number.
func errorText(_ number: CInt) -> String {
    unsafe String(cString: strerror(number))
}
