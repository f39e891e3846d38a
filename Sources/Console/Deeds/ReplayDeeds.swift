import Hub

/// Sending failed messages again, from a page or by the API.
struct ReplayDeeds: Sendable {
    let desk: ConsoleDesk

    /// Freezes a choice of failed messages; nothing is sent yet.
    ///
    /// - Throws: ``ConsoleRefusal`` when nothing is chosen, nothing matches, or it isn't allowed on one of the systems.
    func select(_ filter: FailureFilter, plan: ReplayPlan, _ visit: Visit) async throws -> ReplayBatch {
        guard !filter.ids.isEmpty || filter.fingerprint != nil else {
            throw ConsoleRefusal.wrongInput(sv: "Välj vilka som ska sändas.", en: "Choose which are to be sent.")
        }
        let systems = Set(try await self.desk.store.groups(filter).map(\.system))
        guard !systems.isEmpty else {
            throw ConsoleRefusal.wrongInput(
                sv: "Inget öppet misslyckat meddelande stämmer längre.", en: "No open failed message matches any more.")
        }
        try await self.desk.require(.replay, on: systems, of: visit)
        return try await self.desk.store.select(
            filter, plan: plan, by: visit.user.name, time: self.desk.clock.timestamp)
    }

    @discardableResult
    func change(_ id: String, _ command: ReplayBatch.Command, _ visit: Visit) async throws -> ReplayBatch {
        do {
            try await self.desk.require(.replay, on: try await self.desk.store.systems(of: id), of: visit)
            return try await self.desk.store.change(id, command, by: visit.user.name, time: self.desk.clock.timestamp)
        } catch let refusal as ReplayRefusal {
            throw ConsoleRefusal.wrongInput(sv: FailureWords(.sv).replay(refusal), en: FailureWords(.en).replay(refusal))
        }
    }

    /// - Throws: ``ConsoleRefusal`` (404).
    func batch(_ id: String) async throws -> ReplayBatch {
        guard let batch = try await self.desk.store.batch(id) else { throw ConsoleRefusal.unknownPage }
        return batch
    }

    /// What would become of the first messages of a choice.
    func forecast(
        of batch: ReplayBatch, after failure: Int64 = 0, limit: Int
    ) async throws -> [(failure: FailedMessage, outcome: ReplayForecast.Outcome)] {
        let items = try await self.desk.store.items(of: batch.id, after: failure, limit: limit)
        guard !items.isEmpty else { return [] }
        var filter = FailureFilter()
        filter.ids = items.map(\.failure)
        let failures = try await self.desk.store.list(filter)
        let outcomes = try await ReplayForecast(store: self.desk.store, mappings: self.desk.mappings, clock: self.desk.clock)
            .outcomes(of: failures, asWas: batch.plan.asWas)
        return try await self.desk.shown(failures).compactMap { failure in outcomes[failure.id].map { (failure, $0) } }
    }
}
