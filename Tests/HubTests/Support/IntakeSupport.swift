import Hub

/// Lets everybody read a source: there is one reader in a test.
struct NoLock: SourceLock {
    func withLock<Result: Sendable>(source: String, _ body: @Sendable () async throws -> Result) async throws -> Result {
        try await body()
    }
}

extension HubClock {
    /// The machine's time, with pauses that end by being cancelled alone: what happens has been rung for.
    static let withoutPauseEnds = HubClock(
        now: HubClock.system.now,
        sleep: { _ in
            let (endless, continuation) = AsyncStream.makeStream(of: Never.self)
            for await _ in endless {}
            withExtendedLifetime(continuation) {}
            try Task.checkCancellation()
        })
}
