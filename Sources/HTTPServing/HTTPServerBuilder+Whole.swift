public import HummingbirdCore

extension HTTPServerBuilder {
    /// An HTTP/1.1 server that may be stopped at any moment, also while connections come in.
    ///
    /// A server that is cancelled drops the connections that it has accepted and not begun to serve, and swift-nio ends the process
    /// when such a connection goes away while it is open. Here each of them is closed first: ``AcceptedConnection``.
    public static func wholeHTTP1(configuration: HTTP1Channel.Configuration = .init()) -> HTTPServerBuilder {
        HTTPServerBuilder { responder in
            ClosingUnserved(base: HTTP1Channel(responder: responder, configuration: configuration))
        }
    }
}
