import ConnectorKit
import Foundation
import SchoolRecords
public import Testing

/// One behaviour that every source connector must show.
public struct SourceConnectorRequirement: Sendable, CustomTestStringConvertible {
    public let testDescription: String
    /// The fault that the source must be able to show for it.
    let fault: SourceFault?
    let check: @Sendable (any SourceHarness, SourceLocation) async throws -> Void

    init(
        _ testDescription: String, fault: SourceFault? = nil,
        check: @escaping @Sendable (any SourceHarness, SourceLocation) async throws -> Void
    ) {
        self.testDescription = testDescription
        self.fault = fault
        self.check = check
    }

    /// Whether a source can show what this needs.
    public func applies(to harness: any SourceHarness) -> Bool {
        self.fault.map(harness.faults.contains) ?? true
    }

    /// Checks the behaviour on a fresh source; records an issue where it isn't shown.
    public func verify(_ harness: any SourceHarness, sourceLocation: SourceLocation = #_sourceLocation) async throws {
        try await self.check(harness, sourceLocation)
    }

    /// Every requirement.
    public static let all: [SourceConnectorRequirement] = Self.reading + Self.outages + Self.oddReplies
}

// MARK: Reading

extension SourceConnectorRequirement {
    private static let reading: [SourceConnectorRequirement] = [
        SourceConnectorRequirement("it names its entities in load order") { harness, location in
            try await harness.withConnector { connector in
                #expect(!connector.system.isEmpty, sourceLocation: location)
                #expect(!connector.entities.isEmpty, sourceLocation: location)
                #expect(connector.entities == connector.entities.sorted(), sourceLocation: location)
            }
        },
        SourceConnectorRequirement("a full read gives every record once, as it is held") { harness, location in
            try await harness.withConnector { connector in
                for entity in connector.entities {
                    let reading = try await Reading.of(entity, connector)
                    #expect(reading.documents == (try await harness.held(entity)), sourceLocation: location)
                    #expect(reading.records.count == reading.documents.count, sourceLocation: location)
                    #expect(reading.broken.isEmpty, sourceLocation: location)
                    #expect(reading.pages > 1, "read in several pages", sourceLocation: location)
                }
            }
        },
        SourceConnectorRequirement("a read of changes gives what changed after the instant and no older") { harness, location in
            try await harness.withConnector { connector in
                let entity = try #require(connector.entities.last, sourceLocation: location)
                let before = try await harness.held(entity)
                let instant = try #require(before.values.compactMap(Reading.modified).max(), sourceLocation: location)
                #expect(
                    try await Reading.of(entity, connector, .modifiedAfter(instant)).records.isEmpty, sourceLocation: location)
                let id = try #require(before.keys.min(), sourceLocation: location)
                try await harness.change(RecordKey(entity, id))
                let changed = try await Reading.of(entity, connector, .modifiedAfter(instant))
                #expect(changed.documents == [id: try await harness.held(entity)[id]], sourceLocation: location)
            }
        },
        SourceConnectorRequirement("one record is read again, and one that isn't there is nil") { harness, location in
            try await harness.withConnector { connector in
                for entity in connector.entities {
                    let held = try await harness.held(entity)
                    let id = try #require(held.keys.min(), sourceLocation: location)
                    let record = try await connector.read(RecordKey(entity, id))
                    #expect(record?.key == RecordKey(entity, id), sourceLocation: location)
                    #expect(record?.document == held[id], sourceLocation: location)
                    let nobody = RecordKey(entity, "00000000-0000-4000-8000-000000000000")
                    #expect(try await connector.read(nobody) == nil, sourceLocation: location)
                }
            }
        },
        SourceConnectorRequirement("deletions are told, and deleted records are no longer read") { harness, location in
            try await harness.withConnector { connector in
                let start = harness.longAgo
                #expect(try await connector.deletions(after: start).isEmpty, sourceLocation: location)
                var deleted: Set<RecordKey> = []
                // A source of notices never says that somebody is gone.
                for entity in connector.entities where connector.tellsAll(of: entity) {
                    let ids = try await harness.held(entity).keys.sorted()
                    for id in ids.prefix(3) {
                        let key = RecordKey(entity, id)
                        let gone = try await harness.gone(with: key)
                        try await harness.delete(key)
                        deleted.formUnion(gone)
                        #expect(try await connector.read(key) == nil, sourceLocation: location)
                    }
                }
                let told = try await connector.deletions(after: start)
                #expect(Set(told) == deleted, sourceLocation: location)
                #expect(told.count == deleted.count, sourceLocation: location)
            }
        },
        SourceConnectorRequirement("an error of the caller ends the read and is thrown on") { harness, location in
            struct Enough: Error {}
            try await harness.withConnector { connector in
                let entity = try #require(connector.entities.first, sourceLocation: location)
                let pages = Counter()
                await #expect(throws: Enough.self, sourceLocation: location) {
                    try await connector.read(entity, scope: .full) { _ in
                        await pages.add()
                        throw Enough()
                    }
                }
                #expect(await pages.count == 1, sourceLocation: location)
            }
        },
        SourceConnectorRequirement("a probe of a source that is well succeeds") { harness, _ in
            try await harness.withConnector { try await $0.probe() }
        },
        SourceConnectorRequirement("several reads side by side are each whole") { harness, location in
            try await harness.withConnector { connector in
                try await withThrowingTaskGroup(of: (Entity, Set<String>).self) { group in
                    for entity in connector.entities + connector.entities {
                        group.addTask { (entity, Set(try await Reading.of(entity, connector).documents.keys)) }
                    }
                    for try await (entity, ids) in group {
                        #expect(ids == Set(try await harness.held(entity).keys), sourceLocation: location)
                    }
                }
            }
        },
        SourceConnectorRequirement("a cancelled read ends") { harness, location in
            try await harness.withConnector { connector in
                let entity = try #require(connector.entities.first, sourceLocation: location)
                let reading = Task {
                    try await connector.read(entity, scope: .full) { _ in
                        withUnsafeCurrentTask { $0?.cancel() }
                    }
                }
                let result = await reading.result
                #expect(throws: (any Error).self, sourceLocation: location) { try result.get() }
            }
        },
    ]
}
