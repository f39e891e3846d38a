import ConnectorKit
import SchoolRecords
import Testing

/// What a connector tells of what its system holds; for those that can.
extension TargetConnectorRequirement {
    static let readingBack: [TargetConnectorRequirement] = [
        Self.readBack("what is held is read back", despite: nil),
        Self.readBack("fields that nobody asked for are passed over when reading back", despite: .unknownFields),
        Self.readBack("a page of what is held that came cut short is asked for again", despite: .truncatedPage),
        Self.readBack("a page of what is held that came in another encoding is asked for again", despite: .wrongEncoding),
        Self.readBack("what is held and comes twice is no other row", despite: .duplicateRows),
        Self.readBack("what is held is read back whatever the system's clock says", despite: .clockSkew),
        TargetConnectorRequirement(
            "what is held and comes in another shape is a failure, not an empty system", fault: .wrongSchema
        ) {
            harness, location in
            // What can only be read from exports has tests of its own.
            guard let connector = try await harness.connector() as? any ReadableTarget, connector.tellsAtOnce else { return }
            try await harness.misbehave(.wrongSchema)
            let failure = await #expect(throws: ConnectorFailure.self, sourceLocation: location) {
                _ = try await Self.held(connector)
            }
            #expect(failure?.kind == .malformedReply, sourceLocation: location)
        },
    ]

    private static func readBack(_ description: String, despite fault: TargetFault?) -> TargetConnectorRequirement {
        TargetConnectorRequirement(description, fault: fault) { harness, location in
            // What can only be read from exports has tests of its own.
            guard let connector = try await harness.connector() as? any ReadableTarget, connector.tellsAtOnce else { return }
            let rows = (1...12).flatMap { [harness.object($0, version: 1), harness.relation($0)] }
            _ = try await connector.write(TargetBatch(id: "000001-a", writes: [Self.write(1, set: rows)]))
            if let fault { try await harness.misbehave(fault) }
            #expect(try await Self.held(connector) == Set(rows), sourceLocation: location)
        }
    }

    private static func held(_ connector: any ReadableTarget) async throws -> Set<TargetRow> {
        let collector = HeldRows()
        try await connector.readHeld { await collector.take($0) }
        return await collector.rows
    }
}

private actor HeldRows {
    private(set) var rows: Set<TargetRow> = []

    func take(_ rows: [TargetRow]) { self.rows.formUnion(rows) }
}
