/// How the stand-in of Skolverket's test service misbehaves. Set it at run time; counts begin anew with each setting.
public struct DNPFaults: Sendable, Hashable {
    /// How the whole service is away.
    public enum Outage: Sendable, Hashable {
        /// Nobody listens at the port.
        case refusing
        /// Everything, tokens too, is answered with 503 (5022).
        case unavailable
    }

    public var outage: Outage?
    /// How long each call waits before it is answered.
    public var delay: Duration?
    /// Every so many calls one is refused as one too many, though it isn't.
    public var refusesEvery: Int?
    /// Every so many calls one is answered with 503 (6001).
    public var overloadedEvery: Int?
    /// The token desk lets nobody in.
    public var refusesClients = false
    /// So many calls a new token is good for.
    public var tokenUses: Int?
    /// Every so many calls the connection is closed after the deed, before a word of the answer.
    public var losesReplyEvery: Int?
    /// Calls beyond so many find the connection closed, and nothing is done.
    public var breaksAfterCalls: Int?
    /// Jobs are taken and never done; when it behaves again they are forgotten.
    public var isStuck = false
    /// Every so many objects of jobs end in a temporary error.
    public var temporaryErrorEvery: Int?
    /// This reading (1 first; lists and look-ups count) is cut in the middle.
    public var truncatedPage: Int?
    /// This reading comes in ISO 8859-1 although it says UTF-8.
    public var latin1Page: Int?
    /// Readings come in another shape.
    public var sendsWrongShape = false
    /// Objects carry members that nobody described.
    public var addsUnknownFields = false
    /// The last object of each list comes twice.
    public var duplicatesRows = false
    /// Seconds that its clock is off.
    public var clockSkew = 0.0

    /// A stand-in that behaves.
    public init() {}

    /// The faults that are set: `DNPFaults { $0.truncatedPage = 2 }`.
    public init(_ set: (inout DNPFaults) -> Void) {
        self.init()
        set(&self)
    }
}
