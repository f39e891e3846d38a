/// How long a server waits for whoever is at the other end of a connection.
public struct Patience: Sendable, Hashable {
    /// For a request's head to be there as a whole, and for the next request.
    public var head: Duration
    /// For a body, beside the time that its bytes take at ``pace``.
    public var body: Duration
    /// Bytes a second that whoever sends a body sends at least, in the long run.
    public var pace: Int
    /// For some of an answer to be read, when what the connection holds of it is full.
    public var unread: Duration

    public init(head: Duration = .seconds(60), body: Duration = .seconds(30), pace: Int = 4096, unread: Duration = .seconds(60)) {
        self.head = head
        self.body = body
        self.pace = pace
        self.unread = unread
    }
}
