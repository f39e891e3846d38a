/// What a stand-in of Skolverket's test service has seen.
public struct DNPStatistics: Sendable, Hashable {
    /// The most calls in any one second: of bulk calls and jobs, and of readings.
    public internal(set) var mostWritesPerSecond = 0
    public internal(set) var mostReadsPerSecond = 0
    /// Calls that were above a limit and refused so.
    public internal(set) var tooMany = 0
    public internal(set) var tooLarge = 0
    /// Bytes of the largest bulk call.
    public internal(set) var largestCall = 0
    public internal(set) var bulkCalls = 0
    public internal(set) var jobCalls = 0
    public internal(set) var readings = 0
    public internal(set) var tokens = 0
    /// Notices that the webhook took, and those that came without a token for it.
    public internal(set) var notices = 0
    public internal(set) var noticesRefused = 0
    /// Objects in jobs that ended so, by the code that was told.
    public internal(set) var errors: [String: Int] = [:]
    public internal(set) var warnings: [String: Int] = [:]
    /// Objects written and deleted by jobs.
    public internal(set) var written = 0
    public internal(set) var deleted = 0

    public init() {}
}
