public import HummingbirdCore
import NIOCore

extension HTTPServerBuilder {
    /// An HTTP/1.1 server that may be stopped at any moment, also while connections come in.
    ///
    /// A server that is cancelled drops the connections that it has accepted and not begun to serve, and swift-nio ends the process
    /// when such a connection goes away while it is open. Here each of them is closed first: ``AcceptedConnection``.
    ///
    /// Whoever sends or reads too slowly is cut off: ``Patience``.
    ///
    /// - Parameter configuration: its `idleTimeout` isn't looked at, see ``Patience/head``.
    public static func wholeHTTP1(
        configuration: HTTP1Channel.Configuration = .init(), patience: Patience = Patience()
    ) -> HTTPServerBuilder {
        var configuration = configuration
        configuration.idleTimeout = .init(patience.head)
        let next = NextRequests(within: patience.head)
        return HTTPServerBuilder { [configuration] responder in
            let base = HTTP1Channel(
                responder: { request, writer, channel in
                    var request = request
                    request.body = RequestBody(asyncSequence: WatchedBody(request.body, channel: channel, patience))
                    next.began(on: channel)
                    try await responder(request, writer, channel)
                    next.answered(on: channel)
                }, configuration: configuration)
            return ClosingUnserved(base: base, patience: patience)
        }
    }
}
