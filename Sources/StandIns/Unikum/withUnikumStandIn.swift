/// Runs a stand-in for as long as `body` runs; it collects when `body` begins.
public func withUnikumStandIn<Result: Sendable>(
    _ standIn: UnikumStandIn, _ body: (UnikumStandIn) async throws -> Result
) async throws -> Result {
    try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask { try await standIn.run() }
        defer { group.cancelAll() }
        try await standIn.waitUntilStarted()
        return try await body(standIn)
    }
}
