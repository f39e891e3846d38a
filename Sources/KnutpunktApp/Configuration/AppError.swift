/// What keeps the program from doing its job, said to the person who started it.
public struct AppError: Error, Sendable, CustomStringConvertible {
    public enum Code: String, Sendable {
        case configuration, mappings, store, broker, systems, alreadyRunning, notFound, demo, interrupted
    }

    public let code: Code
    /// What is wrong, where, and what to do; may have several lines.
    public let message: String
    public let cause: (any Error)?

    public init(_ code: Code, _ message: String, cause: (any Error)? = nil) {
        self.code = code
        self.message = message
        self.cause = cause
    }

    public var description: String { self.message }

    /// The exit status (sysexits): 78 configuration, 69 something outside isn't there, 75 try again, 70 otherwise.
    public var exitCode: Int32 {
        switch self.code {
        case .configuration, .mappings: 78
        case .store: 74
        case .broker, .systems: 69
        case .alreadyRunning: 75
        case .notFound: 66
        case .demo: 1
        case .interrupted: 130
        }
    }
}
