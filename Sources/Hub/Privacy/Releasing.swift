import SchoolRecords

/// Takes records of persons who aren't protected any more out of the vault and into the register.
struct Releasing: Sendable {
    let store: any HubStore
    /// The systems that records come from; what comes from elsewhere (a flow) is derived anew.
    let sources: Set<String>
    let clock: HubClock

    /// - Parameter protected: what is known of who is protected once these are released.
    func run(_ records: [VaultRecord], _ protected: ProtectedPersons) async throws {
        try await self.store.release(records.map(\.opaqueKey))
        try await self.take(records, protected)
    }

    /// The second half alone.
    func take(_ records: [VaultRecord], _ protected: ProtectedPersons) async throws {
        for record in records where self.sources.contains(record.source) {
            let entity = record.key.entity
            let whole = try JSONValue(parsing: record.body)
            if entity == .person { try await protected.remember(whole, in: self.store) }
            let body = protected.masked(whole, entity)
            _ = try await self.store.take(
                [
                    RecordState(
                        key: record.key, owner: SchoolRecord.subject(entity, body)?.id, body: body.canonicalData,
                        unit: SchoolUnit.of(entity, body))
                ], withheld: [], failures: [], source: record.source, counting: .seen, time: self.clock.timestamp)
        }
    }
}
