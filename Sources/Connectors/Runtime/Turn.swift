/// Lets one task at a time through, in the order in which they come, also across its waits.
actor Turn {
    private var isTaken = false
    private var waiting: [CheckedContinuation<Void, Never>] = []

    private func take() async {
        guard self.isTaken else {
            self.isTaken = true
            return
        }
        await withCheckedContinuation { self.waiting.append($0) }
    }

    private func pass() {
        if self.waiting.isEmpty { self.isTaken = false } else { self.waiting.removeFirst().resume() }
    }

    /// Runs `body` when nobody else does.
    nonisolated func run<Result: Sendable>(_ body: @Sendable () async throws -> Result) async throws -> Result {
        await self.take()
        do {
            try Task.checkCancellation()
            let result = try await body()
            await self.pass()
            return result
        } catch {
            await self.pass()
            throw error
        }
    }
}
