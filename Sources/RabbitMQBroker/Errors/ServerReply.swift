import Messaging

/// The code and text with which the broker closed a channel or a connection.
struct ServerReply: Sendable, Hashable, CustomStringConvertible {
    let code: UInt16
    /// The broker's words; they name exchanges, queues and users, never a body.
    let text: String

    static let accessRefused: UInt16 = 403
    static let notFound: UInt16 = 404
    static let preconditionFailed: UInt16 = 406
    static let notAllowed: UInt16 = 530

    var description: String { self.text.isEmpty ? "code \(self.code)" : self.text }

    /// A queue that exists but whose replica isn't up yet also answers 404; that passes.
    var saysQueueIsDownForNow: Bool {
        self.code == Self.notFound && self.text.contains("down or inaccessible")
    }
}

/// Why a request to the broker had no success.
enum RequestFailure: Error {
    /// The broker closed the channel; the connection lives.
    case channelClosed(ServerReply)
    /// The connection can't be used any more.
    case connection(BrokerError)
}
