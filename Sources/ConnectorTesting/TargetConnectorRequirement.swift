import ConnectorKit
import SchoolRecords
public import Testing

/// One behaviour that every target connector must show.
public struct TargetConnectorRequirement: Sendable, CustomTestStringConvertible {
    public let testDescription: String
    let fault: TargetFault?
    let check: @Sendable (any TargetHarness, SourceLocation) async throws -> Void

    init(
        _ testDescription: String, fault: TargetFault? = nil,
        check: @escaping @Sendable (any TargetHarness, SourceLocation) async throws -> Void
    ) {
        self.testDescription = testDescription
        self.fault = fault
        self.check = check
    }

    /// Whether a system can show what this needs.
    public func applies(to harness: any TargetHarness) -> Bool {
        self.fault.map(harness.faults.contains) ?? true
    }

    /// Checks the behaviour on a fresh system; records an issue where it isn't shown.
    public func verify(_ harness: any TargetHarness, sourceLocation: SourceLocation = #_sourceLocation) async throws {
        try await self.check(harness, sourceLocation)
    }

    /// Every requirement.
    public static let all: [TargetConnectorRequirement] = Self.writing + Self.outages + Self.hardships + Self.readingBack

    static func write(_ number: Int, sequence: Int64 = 1, set: [TargetRow] = [], removed: [TargetRow] = []) -> TargetWrite {
        TargetWrite(record: RecordKey(.person, "record-\(number)"), sequence: sequence, set: set, removed: removed)
    }
}

extension TargetConnectorRequirement {
    private static let writing: [TargetConnectorRequirement] = [
        TargetConnectorRequirement("it names itself and takes batches") { harness, location in
            let connector = try await harness.connector()
            #expect(!connector.system.isEmpty && connector.batchSize > 0, sourceLocation: location)
            try await connector.probe()
        },
        TargetConnectorRequirement("what is set is held") { harness, location in
            let connector = try await harness.connector()
            let rows = (1...20).map { harness.object($0, version: 1) }
            let refused = try await connector.write(
                TargetBatch(id: "000001-a", writes: rows.enumerated().map { Self.write($0.offset, set: [$0.element]) }))
            #expect(refused.isEmpty, sourceLocation: location)
            #expect(try await harness.held() == Set(rows), sourceLocation: location)
        },
        TargetConnectorRequirement("relations come after the objects they refer to, wherever they stand in the batch") {
            harness, location in
            let connector = try await harness.connector()
            let writes =
                (1...10).map { Self.write($0, set: [harness.relation($0)]) }
                + (1...10).map { Self.write(100 + $0, set: [harness.object($0, version: 1)]) }
            _ = try await connector.write(TargetBatch(id: "000001-a", writes: writes))
            let all = Set((1...10).flatMap { [harness.object($0, version: 1), harness.relation($0)] })
            #expect(try await harness.held() == all, sourceLocation: location)
        },
        TargetConnectorRequirement("the last of several states in a batch counts") { harness, location in
            let connector = try await harness.connector()
            let writes = (1...3).map { Self.write(1, sequence: Int64($0), set: [harness.object(1, version: $0)]) }
            _ = try await connector.write(TargetBatch(id: "000001-a", writes: writes))
            #expect(try await harness.held() == [harness.object(1, version: 3)], sourceLocation: location)
        },
        TargetConnectorRequirement("a batch written again under its id leaves the same") { harness, location in
            let connector = try await harness.connector()
            let rows = [harness.object(1, version: 1), harness.relation(1)]
            let batch = TargetBatch(id: "000001-a", writes: [Self.write(1, set: rows)])
            _ = try await connector.write(batch)
            _ = try await harness.held()
            _ = try await connector.write(batch)
            #expect(try await harness.held() == Set(rows), sourceLocation: location)
            #expect(try await harness.needlessWrites() ?? 0 == 0, sourceLocation: location)
        },
        TargetConnectorRequirement("what is removed is gone, and nothing else") { harness, location in
            let connector = try await harness.connector()
            #expect(connector.removableKinds.contains(harness.relation(1).kind), sourceLocation: location)
            let rows = (1...2).flatMap { [harness.object($0, version: 1), harness.relation($0)] }
            _ = try await connector.write(TargetBatch(id: "000001-a", writes: [Self.write(1, set: rows)]))
            _ = try await connector.write(
                TargetBatch(id: "000002-b", writes: [Self.write(1, sequence: 2, removed: [harness.relation(1)])]))
            #expect(try await harness.held() == Set(rows).subtracting([harness.relation(1)]), sourceLocation: location)
        },
        TargetConnectorRequirement("what one record sets and another removes in one batch is there at the end") {
            harness, location in
            let connector = try await harness.connector()
            let rows = [harness.object(1, version: 1), harness.relation(1)]
            _ = try await connector.write(TargetBatch(id: "000001-a", writes: [Self.write(1, set: rows)]))
            for (id, writes) in [
                (
                    "000002-b",
                    [Self.write(2, set: [harness.relation(1)]), Self.write(1, sequence: 2, removed: [harness.relation(1)])]
                ),
                (
                    "000003-c",
                    [
                        Self.write(1, sequence: 3, removed: [harness.relation(1)]),
                        Self.write(2, sequence: 2, set: [harness.relation(1)]),
                    ]
                ),
            ] {
                _ = try await connector.write(TargetBatch(id: id, writes: writes))
                #expect(try await harness.held() == Set(rows), sourceLocation: location)
            }
        },
        TargetConnectorRequirement("a removed object is passed over where objects can't be removed") { harness, location in
            let connector = try await harness.connector()
            let object = harness.object(1, version: 1)
            guard !connector.removableKinds.contains(object.kind) else { return }
            _ = try await connector.write(TargetBatch(id: "000001-a", writes: [Self.write(1, set: [object])]))
            let refused = try await connector.write(
                TargetBatch(id: "000002-b", writes: [Self.write(1, sequence: 2, removed: [object])]))
            #expect(refused.isEmpty, sourceLocation: location)
            #expect(try await harness.held() == [object], sourceLocation: location)
        },
        TargetConnectorRequirement("a record that can't be expressed is refused, and the others are written") {
            harness, location in
            guard let unwritable = harness.unwritable else { return }
            let connector = try await harness.connector()
            let writes = [
                Self.write(1, set: [harness.object(1, version: 1)]),
                Self.write(2, set: [harness.object(2, version: 1), unwritable]),
                Self.write(3, set: [harness.object(3, version: 1)]),
            ]
            let refused = try await connector.write(TargetBatch(id: "000001-a", writes: writes))
            #expect(Set(refused.keys) == [writes[1].record], sourceLocation: location)
            for failure in refused.values {
                #expect(failure.kind == .rejected, sourceLocation: location)
                for value in unwritable.fields.values where value.count > 3 {
                    #expect(!failure.message.contains(value), "a value is shown", sourceLocation: location)
                }
            }
            let held: Set = [harness.object(1, version: 1), harness.object(3, version: 1)]
            #expect(try await harness.held() == held, sourceLocation: location)
        },
        TargetConnectorRequirement("an empty batch is written without effect") { harness, location in
            let connector = try await harness.connector()
            #expect(try await connector.write(TargetBatch(id: "000001-a", writes: [])).isEmpty, sourceLocation: location)
            #expect(try await harness.held().isEmpty, sourceLocation: location)
        },
    ]

    private static let outages: [TargetConnectorRequirement] = [
        Self.outage("a system that is away is unavailable; afterwards the same batch goes through", .away),
        Self.outage("a system without room is unavailable; afterwards the same batch goes through", .full),
        TargetConnectorRequirement("a system that works nothing off is unavailable after a while", fault: .notWorkingOff) {
            harness, location in
            let connector = try await harness.connector()
            try await harness.misbehave(.notWorkingOff)
            var failure: ConnectorFailure?
            var written: Set<TargetRow> = []
            for number in 1...1000 where failure == nil {
                let row = harness.object(number, version: 1)
                do {
                    _ = try await connector.write(
                        TargetBatch(id: "\(100_000 + number)-a", writes: [Self.write(number, set: [row])]))
                    written.insert(row)
                } catch let error as ConnectorFailure {
                    failure = error
                }
            }
            #expect(failure?.kind == .systemUnavailable, sourceLocation: location)
            try await harness.misbehave(nil)
            #expect(try await harness.held() == written, sourceLocation: location)
            try await connector.probe()
        },
    ]

    static func outage(
        _ description: String, _ fault: TargetFault, _ kinds: Set<ConnectorFailure.Kind> = [.systemUnavailable]
    ) -> TargetConnectorRequirement {
        TargetConnectorRequirement(description, fault: fault) { harness, location in
            let connector = try await harness.connector()
            let rows = (1...5).flatMap { [harness.object($0, version: 1), harness.relation($0)] }
            let batch = TargetBatch(id: "000001-a", writes: [Self.write(1, set: rows)])
            try await harness.misbehave(fault)
            for call in [{ _ = try await connector.write(batch) }, { try await connector.probe() }] as [() async throws -> Void] {
                let failure = await #expect(throws: ConnectorFailure.self, sourceLocation: location) { try await call() }
                #expect(
                    failure.map { kinds.contains($0.kind) } ?? false, "\(String(describing: failure))", sourceLocation: location)
                for value in rows.flatMap(\.fields.values) where value.count > 3 {
                    #expect(failure?.message.contains(value) != true, "a value is shown", sourceLocation: location)
                }
            }
            try await harness.misbehave(nil)
            #expect(try await harness.held().isEmpty, "nothing of the failed batch counts", sourceLocation: location)
            try await connector.probe()
            #expect(try await connector.write(batch).isEmpty, sourceLocation: location)
            #expect(try await harness.held() == Set(rows), sourceLocation: location)
        }
    }
}
