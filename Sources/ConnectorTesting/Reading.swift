import ConnectorKit
import Foundation
import SchoolRecords

/// Everything that one read gave.
struct Reading: Sendable {
    var records: [SourceRecord] = []
    var broken: [BrokenRecord] = []
    var pages = 0

    /// By id; the last one counts.
    var documents: [String: JSONValue] {
        Dictionary(self.records.map { ($0.key.id, $0.document) }, uniquingKeysWith: { _, last in last })
    }

    static func of(
        _ entity: Entity, _ connector: any SourceConnector, _ scope: ReadScope = .full
    ) async throws -> Reading {
        let collector = Collector()
        try await connector.read(entity, scope: scope) { await collector.take($0) }
        return await collector.reading
    }

    /// `meta.modified` of a document.
    static func modified(_ document: JSONValue) -> Date? {
        guard let text = document["meta"]?["modified"]?.stringValue else { return nil }
        let formatter = ISO8601DateFormatter()
        formatter.formatOptions = [.withInternetDateTime, .withFractionalSeconds]
        return formatter.date(from: text)
    }

    private actor Collector {
        var reading = Reading()

        func take(_ page: SourcePage) {
            self.reading.records += page.records
            self.reading.broken += page.broken
            self.reading.pages += 1
        }
    }
}

/// Counts across tasks.
actor Counter {
    private(set) var count = 0

    func add() { self.count += 1 }
}

extension SourceHarness {
    /// Makes a connector and closes it when the body is done.
    func withConnector<Result: Sendable>(
        _ body: (any SourceConnector) async throws -> Result
    ) async throws -> Result {
        let connector = try await self.connector()
        do {
            let result = try await body(connector)
            await connector.shutdown()
            return result
        } catch {
            await connector.shutdown()
            throw error
        }
    }
}
