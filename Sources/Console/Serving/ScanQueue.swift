import ConnectorKit

/// Lets one walk over the whole register go on at a time: several at once would take the machine from the deliveries.
actor ScanQueue {
    /// Who waits, at most: who comes then is told to come back.
    private static let most = 4

    private var isBusy = false
    private var waiting: [CheckedContinuation<Void, Never>] = []

    private static let full = ConsoleRefusal(
        503, title: Bilingual(sv: "Många tittar samtidigt", en: "Many look at the same time"),
        text: Bilingual(
            sv: "Sidan läser hela registret, och flera väntar redan. Försök igen om en stund.",
            en: "The page reads the whole register, and several wait already. Try again in a while."))

    /// Runs `body` when it is its turn.
    ///
    /// - Throws: ``ConsoleRefusal`` when too many wait, and what `body` throws.
    nonisolated func run<Result>(_ body: () async throws -> Result) async throws -> Result {
        try await self.enter()
        do {
            let result = try await body()
            await self.leave()
            return result
        } catch {
            await self.leave()
            throw error
        }
    }

    private func enter() async throws {
        guard self.isBusy else {
            self.isBusy = true
            return
        }
        guard self.waiting.count < Self.most else { throw Self.full }
        await withCheckedContinuation { self.waiting.append($0) }
    }

    private func leave() {
        // Whoever is next takes the turn over: it is never free between the two.
        if self.waiting.isEmpty { self.isBusy = false } else { self.waiting.removeFirst().resume() }
    }
}
