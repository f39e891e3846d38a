/// How the stand-in of an Open ePlatform misbehaves. Documents are lists and cases' XML; the first after each setting is 1.
public struct OpenEPlatformFaults: Sendable, Hashable {
    public var outage: EdlevoFaults.Outage?
    /// How long each request waits before it is answered.
    public var delay: Duration?
    public var throttle: EdlevoFaults.Throttle?
    /// Nobody's password is right.
    public var refusesUsers = false
    /// This document is cut in the middle.
    public var truncatedDocument: Int?
    /// This document's connection is closed in the middle of the body.
    public var disconnectedDocument: Int?
    /// This document comes as a page for people with status 200.
    public var htmlDocument: Int?
    /// This document is answered with status 500.
    public var failedDocument: Int?
    /// This document says that it is UTF-8 and isn't.
    public var saysUTF8Document: Int?
    /// Elements without a number stand in each list.
    public var numberless = 0
    /// Each case is listed twice.
    public var duplicates = false
    /// Elements that nobody knows stand in each case.
    public var addsUnknown = false
    /// Lists have another root, and cases no header.
    public var isOfAnotherShape = false
    /// Lists have nothing in them.
    public var isEmpty = false
    /// Cases that are listed and whose XML is answered with 404.
    public var withoutXML: Set<Int> = []
    /// Cases whose XML is no XML, however often it is asked for.
    public var unreadable: Set<Int> = []
    /// Cases that are answered with another's XML.
    public var answeredWith: [Int: Int] = [:]
    /// A list without a case is answered with 404.
    public var emptyIsNotFound = false
    /// Seconds that the server's clock is ahead of ours.
    public var clockSkew = 0.0

    /// A stand-in that behaves.
    public init() {}

    /// The faults that are set: `OpenEPlatformFaults { $0.truncatedDocument = 2 }`.
    public init(_ set: (inout OpenEPlatformFaults) -> Void) {
        self.init()
        set(&self)
    }
}
