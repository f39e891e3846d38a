/// How the stand-in misbehaves. Set it at run time; counts begin anew with each setting.
public struct SCIMFaults: Sendable, Hashable {
    /// Nobody listens at the port.
    public var isAway = false
    /// Every request is answered with 503.
    public var isDown = false
    /// How long each request waits before it is answered.
    public var delay: Duration?
    /// Every so many requests one is answered with 429 and `Retry-After`.
    public var throttlesEvery: Int?
    /// Nobody is let in.
    public var refusesAll = false
    /// Every so many writes the connection is closed after the write, before a word of the answer; never twice in a row for one object.
    public var losesReplyEvery: Int?
    /// Writes beyond so many find the connection closed, and are not done.
    public var breaksAfterWrites: Int?
    /// This page (1 first) is cut in the middle.
    public var truncatedPage: Int?
    /// This page comes in ISO 8859-1 although it says UTF-8.
    public var latin1Page: Int?
    /// Lists are of another shape than SCIM's.
    public var sendsWrongShape = false
    /// The last object of each page comes once more at its end.
    public var duplicatesRows = false
    /// Every object carries attributes that no schema knows.
    public var addsUnknownFields = false
    /// Somebody else changes an object right before each of the next so many writes to it.
    public var editsBefore = 0
    /// Seconds that the server's clock is ahead of ours.
    public var clockSkew = 0.0

    public init() {}

    /// The faults that are set: `SCIMFaults { $0.truncatedPage = 2 }`.
    public init(_ set: (inout SCIMFaults) -> Void) {
        self.init()
        set(&self)
    }
}
