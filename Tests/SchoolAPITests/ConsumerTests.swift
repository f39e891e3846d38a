import ConnectorKit
import Connectors
import Foundation
import Hub
import Logging
import SchoolRecords
import StandIns
import Synchronization
import Testing

@Suite("The hub's own SS 12000 consumer reads what the provider gives")
struct ConsumerTests {
    private static func consumer(_ house: House) throws -> any SourceConnector {
        let file = house.directory + "/secret"
        try Data((House.secret + "\n").utf8).write(to: URL(fileURLWithPath: file))
        var endpoints: [String: JSONValue] = [:]
        for entity in Entity.allCases {
            // Those that the standard gives only for a time are no lists to follow.
            guard let path = entity.standardPath, ![.calendarEvent, .aggregatedAttendance].contains(entity) else { continue }
            endpoints[entity.rawValue] = .string(path)
        }
        return try ConnectorFactory.source(
            system: "hub",
            settings: [
                "connector": "ss12000", "page_limit": 50, "endpoints": .object(endpoints),
                "connection": [
                    "base_url": .string(house.url), "token_url": .string(house.url + "/token"), "api_path": "/v2.0",
                    "client_id": "all", "client_secret": ["file": .string(file)],
                    "deleted_entities_path": "deletedEntities",
                ],
            ], logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
    }

    private final class Read: Sendable {
        private let held = Mutex<[String: JSONValue]>([:])
        var documents: [String: JSONValue] { self.held.withLock { $0 } }
        func take(_ page: SourcePage) {
            self.held.withLock { held in for record in page.records { held[record.key.id] = record.document } }
        }
    }

    private static func read(_ consumer: any SourceConnector, _ entity: Entity, _ scope: ReadScope) async throws -> [String:
        JSONValue]
    {
        let read = Read()
        try await consumer.read(entity, scope: scope) { page in
            #expect(page.broken.isEmpty)
            read.take(page)
        }
        return read.documents.mapValues { document in
            var document = document
            document["meta"] = nil
            return document
        }
    }

    @Test func `a whole municipality, its changes and its deletions`() async throws {
        try await House.with { house in
            let municipality = try SyntheticMunicipality(scale: .small, seed: 4, today: "2026-09-10")
            let protected = Set(municipality.protectedPersons.map(\.id))
            #expect(!protected.isEmpty)
            var given: [Entity: [String: JSONValue]] = [:]
            for entity in Entity.roster {
                var documents: [JSONValue] = []
                for document in try municipality.documents(of: entity) {
                    var normal = try SchoolRecord.validate(entity, document)
                    normal["meta"] = nil
                    if let person = SchoolRecord.subject(entity, normal), protected.contains(person.id) { continue }
                    documents.append(normal)
                }
                try await house.take(entity, documents)
                given[entity] = Dictionary(
                    documents.map { ($0["id"]?.stringValue ?? "", $0) }, uniquingKeysWith: { first, _ in first })
            }
            for id in protected { try await house.withhold(id) }
            let consumer = try Self.consumer(house)
            try await consumer.probe()
            for entity in Entity.roster {
                let read = try await Self.read(consumer, entity, .full)
                let expected = try #require(given[entity])
                #expect(Set(read.keys) == Set(expected.keys), "\(entity)")
                for (id, document) in read {
                    let text = String(decoding: document.canonicalData, as: UTF8.self)
                    #expect(protected.allSatisfy { !text.contains($0) })
                    let names = RecordReferences.of(entity, expected[id] ?? .null).map(\.key.id)
                    guard !names.contains(where: protected.contains) else { continue }
                    #expect(document == Self.plain(expected[id] ?? .null, entity), "\(entity)")
                }
            }
            let group = try #require(given[.group]?.keys.sorted().first)
            house.time.pass(100)
            let before = house.time.clock.now()
            house.time.pass(100)
            var changed = try #require(given[.group]?[group])
            changed["displayName"] = "Nytt namn"
            try await house.take(.group, [changed])
            let duty = try #require(given[.duty]?.keys.sorted().first)
            try await house.delete(.duty, [duty])
            let changes = try await Self.read(consumer, .group, .modifiedAfter(before))
            #expect(changes.keys.sorted() == [group] && changes[group]?["displayName"] == "Nytt namn")
            try await #expect(consumer.deletions(after: before) == [RecordKey(.duty, duty)])
            let one = try await consumer.read(RecordKey(.group, group))
            #expect(one?.document["displayName"] == "Nytt namn")
            try await #expect(consumer.read(RecordKey(.duty, duty)) == nil)
            await consumer.shutdown()
        }
    }

    /// References as they are given without names: the id alone.
    private static func plain(_ document: JSONValue, _ entity: Entity) -> JSONValue {
        RecordReferences.replacing(document, entity: entity) { $0.id }
    }

    @Test func `teaching and attendance`() async throws {
        try await House.with { house in
            let town = Town(pupils: 24)
            try await town.move(into: house)
            let consumer = try Self.consumer(house)
            for entity in consumer.entities {
                let read = try await Self.read(consumer, entity, .full)
                #expect(Set(read.values) == Set(town.documents[entity] ?? []), "\(entity)")
            }
            #expect(consumer.entities.count == 17)
            await consumer.shutdown()
        }
    }
}
