import Foundation

/// Sees to it that nobody but the owner can read a database's files.
enum FileModes {
    private static let ownerOnly = 0o600

    /// Makes the file when it isn't there, and closes it and its companions to others. What can't be made is told when
    /// it is opened.
    static func own(_ path: String) {
        // Made here rather than by SQLite, so that nobody else can ever read it; its companions inherit the mode.
        // Exclusively: a file that another process has just made is left as it is.
        let file = Foundation.open(path, O_CREAT | O_EXCL | O_RDWR | O_CLOEXEC, mode_t(Self.ownerOnly))
        if file >= 0 { close(file) }
        for suffix in ["", "-wal", "-shm"] {
            let attributes = try? FileManager.default.attributesOfItem(atPath: path + suffix)
            guard let mode = attributes?[.posixPermissions] as? Int, mode & 0o077 != 0 else { continue }
            try? FileManager.default.setAttributes([.posixPermissions: Self.ownerOnly], ofItemAtPath: path + suffix)
        }
    }
}
