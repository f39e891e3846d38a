public import SchoolRecords

/// What went wrong with the store.
public struct StoreError: DocumentedError, Sendable, CustomStringConvertible {
    public enum Code: String, Sendable, CaseIterable {
        /// The file isn't there and can't be made, or can't be opened.
        case cannotOpen = "cannot-open"
        /// No room, or a disk that fails; the transaction left nothing, and the store goes on when there is room.
        case diskFull = "disk-full"
        /// Another process held the store for too long.
        case locked
        /// The file is damaged, or no store.
        case corrupt
        case readOnly = "read-only"
        /// Made by a newer version of Knutpunkt.
        case newerSchema = "newer-schema"
        /// Made with another hub key.
        case wrongKey = "wrong-key"
        /// A batch is under way that must be settled before another one is prepared.
        case batchUnderWay = "batch-under-way"
        case failed

        /// Its section in `docs/operations/errors-program.md`.
        public var section: String { "store-\(self.rawValue)" }
    }

    public let code: Code
    /// One line: the file, what is wrong, what to do.
    public let message: String
    public let cause: (any Error)?

    public init(_ code: Code, _ message: String, cause: (any Error)? = nil) {
        self.code = code
        self.message = message
        self.cause = cause
    }

    public var section: String { self.code.section }
    public var page: Runbook.Page { .program }

    public var description: String { self.message }
}
