/// How the stand-in of Edlevo's classic services misbehaves. Set it at run time; counts begin anew with each setting.
///
/// Documents are counted over all services that answer with one, the first being 1.
public struct EdlevoClassicFaults: Sendable, Hashable {
    public var outage: EdlevoFaults.Outage?
    /// How long each request waits before it is answered; a write isn't done then, since nobody waits so long.
    public var delay: Duration?
    public var throttle: EdlevoFaults.Throttle?
    /// Every key is a wrong one.
    public var refusesKeys = false
    /// This document is cut in the middle; its length is given as if it were whole.
    public var truncatedDocument: Int?
    /// This document's connection is closed in the middle of the body.
    public var disconnectedDocument: Int?
    /// This document comes as a page for people with status 200.
    public var htmlDocument: Int?
    /// This document is answered with status 500.
    public var failedDocument: Int?
    /// This document comes in ISO 8859-1 although it says UTF-8.
    public var latin1Document: Int?
    /// Documents say that they are UTF-16 and are UTF-8, as has been seen.
    public var saysUTF16 = false
    /// Every person, group and membership comes twice.
    public var duplicates = false
    /// Elements that no schema knows stand everywhere.
    public var addsUnknown = false
    /// Memberships come before groups and groups before persons.
    public var isOutOfOrder = false
    /// Documents have nothing in them.
    public var isEmpty = false
    /// Persons without an id come along, so many.
    public var personsWithoutID = 0
    /// Every so many writes the connection is closed after the write, before a word of the answer; never twice in a row for one.
    public var losesReplyEvery: Int?
    /// Writes beyond so many find the connection closed, and are not done.
    public var breaksAfterWrites: Int?
    /// Seconds that the server's clock is ahead of ours; negative when it is behind.
    public var clockSkew = 0.0

    /// A stand-in that behaves.
    public init() {}

    /// The faults that are set: `EdlevoClassicFaults { $0.truncatedDocument = 2 }`.
    public init(_ set: (inout EdlevoClassicFaults) -> Void) {
        self.init()
        set(&self)
    }

    /// No faults.
    public static let none = EdlevoClassicFaults()
}
