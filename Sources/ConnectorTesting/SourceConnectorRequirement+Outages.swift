import ConnectorKit
import Foundation
import SchoolRecords
import Testing

/// What a connector makes of a system that is away or doesn't let it in.
extension SourceConnectorRequirement {
    static let outages: [SourceConnectorRequirement] = [
        Self.failure("a system that is down is unavailable, not broken", of: .down, [.systemUnavailable]),
        Self.failure("a system that fails all the time is unavailable", of: .failing, [.systemUnavailable]),
        Self.failure(
            "a system that doesn't answer in time is tried again later", of: .slow, [.systemUnavailable, .transient],
            probeOnly: true),
        Self.failure("credentials that are no longer good need a person", of: .expiredCredentials, [.misconfigured]),
        SourceConnectorRequirement("after an outage the same connector reads everything", fault: .down) { harness, location in
            try await harness.withConnector { connector in
                let entity = try #require(connector.entities.first, sourceLocation: location)
                _ = try await Reading.of(entity, connector)
                try await harness.misbehave(.down)
                await #expect(throws: ConnectorFailure.self, sourceLocation: location) {
                    _ = try await Reading.of(entity, connector)
                }
                try await harness.misbehave(nil)
                try await Self.expectAll(connector, harness, location)
            }
        },
        Self.complete("calls that are refused as too many are made again, and nothing is missing", despite: .tooManyRequests),
        Self.complete("what lets calls in may end in the middle of a read, and nothing is missing", despite: .tokenDiesMidRun),
    ]

    /// Reads, single reads, deletions and probes all fail, with one of these kinds and a message without secrets.
    static func failure(
        _ description: String, of fault: SourceFault, _ kinds: Set<ConnectorFailure.Kind>, probeOnly: Bool = false
    ) -> SourceConnectorRequirement {
        SourceConnectorRequirement(description, fault: fault) { harness, location in
            let secrets = try await harness.secrets
            try await harness.withConnector { connector in
                let entity = try #require(connector.entities.first, sourceLocation: location)
                let id = try #require(try await harness.held(entity).keys.min(), sourceLocation: location)
                try await harness.misbehave(fault)
                let calls: [@Sendable () async throws -> Void] = [
                    { try await connector.probe() },
                    { _ = try await Reading.of(entity, connector) },
                    { _ = try await connector.read(RecordKey(entity, id)) },
                    { _ = try await connector.deletions(after: harness.longAgo) },
                ]
                for call in probeOnly ? Array(calls.prefix(1)) : calls {
                    let failure = await #expect(throws: ConnectorFailure.self, sourceLocation: location) { try await call() }
                    guard let failure else { continue }
                    #expect(kinds.contains(failure.kind), "\(failure)", sourceLocation: location)
                    #expect(!failure.code.isEmpty && !failure.message.isEmpty, sourceLocation: location)
                    for secret in secrets {
                        #expect(!"\(failure) \(failure.code)".contains(secret), "a secret is shown", sourceLocation: location)
                    }
                }
            }
        }
    }

    /// In spite of the fault every record of every entity is read.
    static func complete(_ description: String, despite fault: SourceFault) -> SourceConnectorRequirement {
        SourceConnectorRequirement(description, fault: fault) { harness, location in
            try await harness.withConnector { connector in
                try await harness.misbehave(fault)
                try await Self.expectAll(connector, harness, location)
            }
        }
    }

    static func expectAll(
        _ connector: any SourceConnector, _ harness: any SourceHarness, _ location: SourceLocation
    ) async throws {
        for entity in connector.entities {
            let reading = try await Reading.of(entity, connector)
            #expect(reading.documents == (try await harness.held(entity)), sourceLocation: location)
        }
    }
}
