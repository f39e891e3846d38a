/// Runs a stand-in for as long as `body` runs; it listens when `body` begins.
public func withEdlevoStandIn<Result: Sendable>(
    _ standIn: EdlevoStandIn, _ body: (EdlevoStandIn) async throws -> Result
) async throws -> Result {
    try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask { try await standIn.run() }
        defer { group.cancelAll() }
        try await standIn.waitUntilStarted()
        return try await body(standIn)
    }
}
