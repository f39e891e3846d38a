import GRDB
import SQLStores

extension StoreError {
    /// Says what SQLite said in the words of people who must do something about it.
    init(_ error: any Error, path: String, isOpening: Bool) {
        guard let error = error as? DatabaseError else {
            self.init(.failed, "\(path): the store failed.", cause: error)
            return
        }
        // The error's own text can quote SQL; its arguments are never in it.
        switch error.resultCode {
        case .SQLITE_FULL:
            self.init(
                .diskFull, "\(path): the disk is full. Make room; nothing was lost, and the hub goes on by itself.", cause: error)
        case .SQLITE_IOERR:
            self.init(
                .diskFull,
                "\(path): the disk is full or failing (code \(error.extendedResultCode.rawValue)). Check the space on it, and the disk.",
                cause: error)
        case .SQLITE_BUSY, .SQLITE_LOCKED:
            self.init(
                .locked, "\(path): another process holds the store for too long. Look for a stuck knutpunkt process.",
                cause: error)
        case .SQLITE_CORRUPT, .SQLITE_NOTADB:
            self.init(
                .corrupt,
                "\(path): the file is damaged or no store. Stop the hub and put back the latest copy of the data directory.",
                cause: error)
        case .SQLITE_READONLY, .SQLITE_PERM:
            self.init(
                .readOnly, "\(path): can't be written. Give the hub's user the right to write the data directory.", cause: error)
        case .SQLITE_CANTOPEN:
            self.init(
                .cannotOpen, "\(path): can't be opened. Check that the data directory exists and may be written.", cause: error)
        default:
            self.init(
                isOpening ? .cannotOpen : .failed, "\(path): the store failed (code \(error.extendedResultCode.rawValue)).",
                cause: error)
        }
    }
}
