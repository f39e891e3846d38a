public import SchoolRecords

/// What went wrong between the hub and its broker.
public struct BrokerError: DocumentedError, Sendable, CustomStringConvertible {
    public struct Code: Sendable, Hashable, CustomStringConvertible {
        private enum Base: String, Sendable, CaseIterable {
            case unreachable, accessRefused, tlsFailed, connectionLost, channelClosed, unroutable, refused, timedOut
            case topologyConflict, queueMissing, messageTooLarge, misconfigured, notInstalled, startFailed, closed
        }
        private let base: Base
        public var description: String { self.base.rawValue }

        public static var all: [Code] { Base.allCases.map(Code.init) }

        /// Its section in `docs/operations/errors-program.md`, e.g. `broker-access-refused`.
        public var section: String {
            "broker-" + self.base.rawValue.map { $0.isUppercase ? "-\($0.lowercased())" : String($0) }.joined()
        }

        /// Nobody answers at the broker's address.
        public static let unreachable = Code(base: .unreachable)
        /// Wrong user, password or permissions.
        public static let accessRefused = Code(base: .accessRefused)
        /// The certificate or the protocol version was not accepted.
        public static let tlsFailed = Code(base: .tlsFailed)
        /// The connection was there and is gone.
        public static let connectionLost = Code(base: .connectionLost)
        /// The broker closed the channel.
        public static let channelClosed = Code(base: .channelClosed)
        /// No queue takes this routing key (`basic.return`).
        public static let unroutable = Code(base: .unroutable)
        /// The broker said no to a message (`basic.nack`).
        public static let refused = Code(base: .refused)
        public static let timedOut = Code(base: .timedOut)
        /// An exchange or queue of that name exists with other arguments.
        public static let topologyConflict = Code(base: .topologyConflict)
        public static let queueMissing = Code(base: .queueMissing)
        /// Headers or body over what the broker takes.
        public static let messageTooLarge = Code(base: .messageTooLarge)
        /// A setting can't be used, e.g. an `amqp.url` that is no AMQP URL.
        public static let misconfigured = Code(base: .misconfigured)
        /// rabbitmq-server is not on this machine.
        public static let notInstalled = Code(base: .notInstalled)
        /// The private node didn't come up.
        public static let startFailed = Code(base: .startFailed)
        public static let closed = Code(base: .closed)
    }

    public enum Retry: Sendable { case never, reconnect, later }

    public let code: Code
    /// One line: what failed, the name of the thing, what to do. Never a password or a body.
    public let message: String
    public let retry: Retry
    public let cause: (any Error)?

    public init(_ code: Code, _ message: String, retry: Retry = .never, cause: (any Error)? = nil) {
        self.code = code
        self.message = message
        self.retry = retry
        self.cause = cause
    }

    public var section: String { self.code.section }
    public var page: Runbook.Page { .program }

    public var description: String { self.message }
}
