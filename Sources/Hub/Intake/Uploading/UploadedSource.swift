import ConnectorKit
import Foundation
import SchoolRecords

/// What somebody hands in, as a source that is read once.
struct UploadedSource: SourceConnector {
    let system: String
    /// All that the source gives, of which one is handed in.
    let entities: [Entity]
    let entity: Entity
    let records: [SourceRecord]
    let deleted: [RecordKey]

    private static let page = 500

    func read(
        _ entity: Entity, scope: ReadScope, handle: @Sendable (SourcePage) async throws -> Void
    ) async throws {
        guard entity == self.entity else { return }
        var rest = self.records[...]
        while !rest.isEmpty {
            try await handle(SourcePage(records: Array(rest.prefix(Self.page))))
            rest = rest.dropFirst(Self.page)
        }
    }

    func read(_ key: RecordKey) async throws -> SourceRecord? { self.records.first { $0.key == key } }

    func deletions(after instant: Date) async throws -> [RecordKey] { self.deleted }

    func probe() async throws {}
}
