import ConnectorKit
import SchoolRecords
import Testing

/// What a connector makes of a receiving system that is there and hard to deal with.
extension TargetConnectorRequirement {
    static let hardships: [TargetConnectorRequirement] = [
        Self.outage("a system that fails all the time is unavailable; afterwards the same batch goes through", .failing),
        Self.outage(
            "a system that doesn't answer in time is tried again later; afterwards the same batch goes through", .slow,
            [.systemUnavailable, .transient]),
        Self.outage(
            "credentials that are no longer good need a person; afterwards the same batch goes through", .expiredCredentials,
            [.misconfigured]),
        Self.through("calls that are refused as too many are made again", despite: .tooManyRequests),
        Self.through("what lets calls in may end in the middle of a batch", despite: .tokenDiesMidRun),
        Self.through("a reply that was lost after the write leads to no double", despite: .lostReplies),
        Self.through("a clock that is hours off disturbs nothing", despite: .clockSkew),
        TargetConnectorRequirement(
            "a batch that broke off in the middle is completed when it is written again", fault: .breaksOff
        ) {
            harness, location in
            let connector = try await harness.connector()
            let rows = (1...10).flatMap { [harness.object($0, version: 1), harness.relation($0)] }
            let batch = TargetBatch(id: "000001-a", writes: [Self.write(1, set: rows)])
            try await harness.misbehave(.breaksOff)
            let failure = await #expect(throws: ConnectorFailure.self, sourceLocation: location) {
                try await connector.write(batch)
            }
            #expect(failure?.kind == .systemUnavailable, sourceLocation: location)
            try await harness.misbehave(nil)
            try await #expect(connector.write(batch).isEmpty, sourceLocation: location)
            #expect(try await harness.held() == Set(rows), sourceLocation: location)
        },
        TargetConnectorRequirement("a row that two records give is there once, for as long as one of them gives it") {
            harness, location in
            let connector = try await harness.connector()
            let rows = [harness.object(1, version: 1), harness.relation(1)]
            let writes = [Self.write(1, set: rows), Self.write(2, set: rows)]
            try await #expect(connector.write(TargetBatch(id: "000001-a", writes: writes)).isEmpty, sourceLocation: location)
            #expect(try await harness.held() == Set(rows), sourceLocation: location)
        },
    ]

    /// In spite of the fault a batch goes through, its changes and removals too, and nothing is there twice.
    private static func through(_ description: String, despite fault: TargetFault) -> TargetConnectorRequirement {
        TargetConnectorRequirement(description, fault: fault) { harness, location in
            let connector = try await harness.connector()
            let first = (1...12).flatMap { [harness.object($0, version: 1), harness.relation($0)] }
            try await harness.misbehave(fault)
            let set = TargetBatch(id: "000001-a", writes: [Self.write(1, set: first)])
            try await #expect(connector.write(set).isEmpty, sourceLocation: location)
            #expect(try await harness.held() == Set(first), sourceLocation: location)
            let changed = (1...12).map { harness.object($0, version: 2) }
            let removed = (1...6).map { harness.relation($0) }
            let change = TargetBatch(id: "000002-b", writes: [Self.write(1, sequence: 2, set: changed, removed: removed)])
            try await #expect(connector.write(change).isEmpty, sourceLocation: location)
            let held = Set(changed + (7...12).map { harness.relation($0) })
            #expect(try await harness.held() == held, sourceLocation: location)
        }
    }
}
