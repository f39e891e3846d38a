public import SchoolRecords

/// How the stand-in misbehaves. Set it at run time; counts begin anew with each setting.
///
/// Pages are counted over all lists (`organisations`, `persons` and so on), the first being 1.
public struct EdlevoFaults: Sendable, Hashable {
    /// How the whole system is away.
    public enum Outage: Sendable, Hashable {
        /// Nobody listens at the port: connections are refused, open ones are cut.
        case refusing
        /// Every request, tokens too, is answered with 503.
        case unavailable
    }

    /// A throttle: every so many API requests one is answered with 429 and `Retry-After`.
    public struct Throttle: Sendable, Hashable {
        public var every: Int
        /// Seconds.
        public var retryAfter: Int

        /// One in `every` requests is refused with `Retry-After: retryAfter` (seconds).
        public init(every: Int, retryAfter: Int) {
            self.every = max(1, every)
            self.retryAfter = retryAfter
        }
    }

    /// An element of a list that no reader can use.
    public enum BrokenRecord: String, Sendable, Hashable, CaseIterable {
        case withoutID
        case wrongTypes
        case noObject
    }

    public var outage: Outage?
    /// How long each request waits before it is answered.
    public var delay: Duration?
    public var throttle: Throttle?
    /// Seconds that new tokens last, instead of the dialect's.
    public var tokenLifetime: Int?
    /// Requests that new tokens are good for, instead of the dialect's.
    public var tokenUses: Int?
    /// The token endpoint refuses everybody (`invalid_client`), as after a change of the secret.
    public var refusesClients = false
    /// This page (1 first) is cut in the middle; its length is given as if it were whole.
    public var truncatedPage: Int?
    /// This page and all after it are cut in the middle, however often they are asked for.
    public var truncatedFromPage: Int?
    /// This page's connection is closed in the middle of the body.
    public var disconnectedPage: Int?
    /// This page comes as an HTML page with status 200, as a portal's log-in page does.
    public var htmlPage: Int?
    /// This page (1 first) is answered with status 500.
    public var failedPage: Int?
    /// From the second page of a list on, the page token is the one that was asked with: a reader that trusts it
    /// never ends.
    public var repeatsPageToken = false
    /// These come as extra elements at the start of each list of ``brokenEntity``.
    public var brokenRecords: Set<BrokenRecord> = []
    public var brokenEntity = Entity.person
    /// Every element carries members that no standard knows.
    public var addsUnknownFields = false
    /// The last element of each page comes once more at its end.
    public var duplicatesRows = false
    /// Every list is empty, with status 200; nothing is deleted either.
    public var isEmpty = false

    /// Lists of this entity lack every second record, and look whole: with status 200 and no page missing.
    public var leavesOutHalf: Entity?

    /// Every so many writes the connection is closed after the write, before a word of the answer; never twice in a row for
    /// one record.
    public var losesReplyEvery: Int?
    /// Writes beyond so many (counted from the setting on) find the connection closed, and are not done.
    public var breaksAfterWrites: Int?
    /// This page (1 first) comes in ISO 8859-1 although it says UTF-8.
    public var latin1Page: Int?
    /// Every list's `data` is an object instead of a list.
    public var sendsWrongShape = false
    /// How what is written is kept or shown otherwise than it was given.
    public var keeping: Set<KeepingFault> = []
    /// Seconds that the server's clock is ahead of ours; negative when it is behind.
    public var clockSkew = 0.0

    /// A stand-in that behaves.
    public init() {}

    /// The faults that are set: `EdlevoFaults { $0.truncatedPage = 2 }`.
    public init(_ set: (inout EdlevoFaults) -> Void) {
        self.init()
        set(&self)
    }

    func cuts(page: Int) -> Bool { page == self.truncatedPage || page >= self.truncatedFromPage ?? .max }

    /// No faults.
    public static let none = EdlevoFaults()
}
