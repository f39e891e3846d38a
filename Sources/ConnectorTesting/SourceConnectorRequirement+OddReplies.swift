import ConnectorKit
import SchoolRecords
import Testing

/// What a connector makes of replies that are not as they should be.
extension SourceConnectorRequirement {
    static let oddReplies: [SourceConnectorRequirement] = [
        Self.complete("a page that came cut short is asked for again", despite: .truncatedPage),
        Self.complete("a page whose connection broke is asked for again", despite: .disconnectedPage),
        Self.complete("a page that came as something else is asked for again", despite: .foreignPage),
        Self.complete("a page that the server failed to make is asked for again", despite: .failedPage),
        Self.complete("records that come twice leave nothing out", despite: .duplicateRows),
        Self.complete("a page that came in another encoding is asked for again", despite: .wrongEncoding),
        Self.complete("a clock that is hours off leaves nothing out", despite: .clockSkew),
        SourceConnectorRequirement("replies of another shape are a failure, not an empty source", fault: .wrongSchema) {
            harness, location in
            try await harness.withConnector { connector in
                try await harness.misbehave(.wrongSchema)
                for entity in connector.entities {
                    let failure = await #expect(throws: ConnectorFailure.self, sourceLocation: location) {
                        _ = try await Reading.of(entity, connector)
                    }
                    #expect(failure?.kind == .malformedReply, sourceLocation: location)
                }
            }
        },
        SourceConnectorRequirement("pages that never end are a failure, not a read for ever", fault: .endlessPages) {
            harness, location in
            try await harness.withConnector { connector in
                let entity = try #require(connector.entities.first, sourceLocation: location)
                try await harness.misbehave(.endlessPages)
                let failure = await #expect(throws: ConnectorFailure.self, sourceLocation: location) {
                    _ = try await Reading.of(entity, connector)
                }
                #expect(failure?.kind == .malformedReply, sourceLocation: location)
            }
        },
        SourceConnectorRequirement("a broken record is told and the rest goes on", fault: .brokenRecord) { harness, location in
            try await harness.withConnector { connector in
                try await harness.misbehave(.brokenRecord)
                let reading = try await Reading.of(harness.brokenEntity, connector)
                #expect(reading.broken.count == harness.brokenElementsWithoutKey, sourceLocation: location)
                let held = try await harness.held(harness.brokenEntity)
                #expect(Set(held.keys).isSubset(of: reading.documents.keys), sourceLocation: location)
                let secrets = try await harness.secrets
                for broken in reading.broken {
                    #expect(broken.failure.kind == .malformedReply, sourceLocation: location)
                    for secret in secrets {
                        #expect(!broken.failure.message.contains(secret), "a secret is shown", sourceLocation: location)
                    }
                }
            }
        },
        SourceConnectorRequirement("unknown fields are handed on and disturb nothing", fault: .unknownFields) {
            harness, location in
            try await harness.withConnector { connector in
                try await harness.misbehave(.unknownFields)
                for entity in connector.entities {
                    let reading = try await Reading.of(entity, connector)
                    let held = try await harness.held(entity)
                    #expect(Set(reading.documents.keys) == Set(held.keys), sourceLocation: location)
                    #expect(reading.broken.isEmpty, sourceLocation: location)
                    for (id, document) in reading.documents {
                        let names = Set(document.objectValue?.keys.map { $0 } ?? [])
                        let known = Set(held[id]?.objectValue?.keys.map { $0 } ?? [])
                        #expect(known.isStrictSubset(of: names), sourceLocation: location)
                    }
                }
            }
        },
        SourceConnectorRequirement("a source with nothing in it is read to its end", fault: .empty) { harness, location in
            try await harness.withConnector { connector in
                try await harness.misbehave(.empty)
                for entity in connector.entities {
                    let reading = try await Reading.of(entity, connector)
                    #expect(reading.records.isEmpty && reading.broken.isEmpty, sourceLocation: location)
                }
            }
        },
    ]
}
