import Hub
import Logging
import ServiceLifecycle

/// Keeps the index of terms up to date: by itself, and at once for whoever asks.
///
/// Whoever asks finds everything that had been committed before. Several who ask at the same time wait for the same work.
actor TermKeeper {
    private static let batch = 500
    /// So many batches are waited for by one who asks.
    private static let mostBatches = 40

    private let store: any HubStore
    private var running: Task<Bool, any Error>?

    init(store: any HubStore) { self.store = store }

    /// - Throws: ``APIError`` (503) when there is more to do than anybody should wait for; whatever the store throws.
    func catchUp() async throws {
        let earlier = self.running
        // What is under way may have passed by what was committed just now.
        if let earlier { _ = try? await earlier.value }
        let isUpToDate: Bool
        if let running = self.running, running != earlier {
            isUpToDate = try await running.value
        } else {
            let store = self.store
            let task = Task { () throws -> Bool in
                for _ in 0..<Self.mostBatches where try await store.index(limit: Self.batch) < Self.batch { return true }
                return false
            }
            self.running = task
            defer { if self.running == task { self.running = nil } }
            isUpToDate = try await task.value
        }
        guard isUpToDate else {
            throw APIError(
                503, "index-behind",
                sv: "Navet läser in så många ändringar att frågan inte kan besvaras än. Fråga igen om en stund.",
                en: "The hub is taking in so many changes that this can't be answered yet. Ask again in a while.", retryAfter: 15)
        }
    }

    /// Works off what there is; for the service that goes on by itself.
    ///
    /// - Returns: whether anything was left when it stopped.
    func work() async throws -> Bool {
        do {
            try await self.catchUp()
            return false
        } catch is APIError {
            return true
        }
    }
}
