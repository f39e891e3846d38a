/// What went wrong with the store.
public struct StoreError: Error, Sendable, CustomStringConvertible {
    public enum Code: String, Sendable {
        case cannotOpen = "cannot-open"
        case diskFull = "disk-full"
        case locked
        case corrupt
        case readOnly = "read-only"
        case newerSchema = "newer-schema"
        case wrongKey = "wrong-key"
        case failed
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

    public var description: String { self.message }
}
