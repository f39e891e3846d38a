/// A system that may fetch from the hub.
public struct APIClient: Sendable {
    /// Its name: the `client_id` that it signs in with.
    public let name: String
    /// The system that it is: what its `provide.yaml` says is what it sees.
    public let system: String
    /// Where its notices may be posted: scheme, host and port of the addresses that it may subscribe with; `nil` = it can't subscribe.
    public let notify: String?
    /// Its secret as it is kept now; `nil` when it can't be had. Asked at every use, so that a changed file counts at once.
    let secret: @Sendable () -> String?

    /// - Parameter notify: an address such as `https://library.example`.
    public init(name: String, system: String, notify: String?, secret: @escaping @Sendable () -> String?) {
        self.name = name
        self.system = system
        self.notify = notify
        self.secret = secret
    }
}
