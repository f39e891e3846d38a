import NIOSSL

/// What the settings of every server that is called over HTTP have.
protocol HTTPServerSettings {
    /// Until a reply begins, and the longest silence within it; a connection stands by then too, and within ten seconds.
    var requestTimeout: Duration { get }
    /// The most bytes of a reply.
    var maximumReplyBytes: Int { get }
    /// Certificates of our own and of the server; `nil` takes the system's authorities.
    var tls: TLSConfiguration? { get }
}
