public import SchoolRecords

/// Why a record could not be read, mapped or written, and so what becomes of it.
///
/// `message` is safe to log: it names systems, entities, fields, files and lines, never a value of a person.
public struct ConnectorFailure: DocumentedError, Sendable, CustomStringConvertible {
    public enum Kind: String, Sendable, Codable {
        /// The whole system is down or refuses us (refused connection, 5xx, 429, expired credentials, missing
        /// drop folder): its queue waits, a breaker probes, no message is spent.
        case systemUnavailable
        /// This call failed and may succeed later (time-out, one 5xx among successes).
        case transient
        /// The system took the call and says no to this record (4xx, validation).
        case rejected
        /// Set up wrongly; needs a person: bad URL, refused secret, unknown path.
        case misconfigured
        /// The source's reply can't be understood (cut short, no JSON, wrong shape).
        case malformedReply
    }

    public let kind: Kind
    public let word: Code
    /// One line: what failed, where, and what to do.
    public let message: String
    /// How long the other side asked us to wait (`Retry-After`), in seconds.
    public let retryAfter: Double?
    public let cause: (any Error)?

    public init(_ kind: Kind, code: Code, message: String, retryAfter: Double? = nil, cause: (any Error)? = nil) {
        self.kind = kind
        self.word = code
        self.message = message
        self.retryAfter = retryAfter
        self.cause = cause
    }

    public var description: String { self.message }

    /// The ``word`` as it stands in fingerprints, logs and metrics, e.g. `token-refused`.
    public var code: String { self.word.rawValue }

    public var section: String { self.code }
    public var page: Runbook.Page { .messages }

    /// Whether a reading of changes has to be one of everything.
    public var needsFullRead: Bool { self.word == .fullReadNeeded }
}
