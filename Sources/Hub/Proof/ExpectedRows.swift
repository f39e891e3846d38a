public import ConnectorKit
import Foundation
import Mapping
import Messaging
public import Reconciliation
import SchoolRecords

/// What a receiving system should hold by what a source says now: read afresh and mapped, past register, queues and
/// deliveries, so that it can prove them right or wrong.
///
/// Keeps a source's records in memory while it works.
public struct ExpectedRows: Sendable {
    private let source: any SourceConnector
    private let mappings: MappingBook
    private let key: HubKey
    private let clock: HubClock

    public init(source: any SourceConnector, mappings: MappingBook, key: HubKey, clock: HubClock = .system) {
        self.source = source
        self.mappings = mappings
        self.key = key
        self.clock = clock
    }

    /// The rows in the order that ``Comparison`` needs, each row once.
    ///
    /// - Throws: ``ConnectorFailure`` when the source can't be read.
    public func rows(for system: String) async throws -> [HeldRow] {
        let set = self.mappings.set
        let today = self.clock.calendarDate
        let collector = Collector(
            reader: RecordReader(source: self.source.system, mappings: set, today: today, key: self.key),
            protected: ProtectedPersons(key: self.key, opaqueIDs: []))
        for entity in self.source.entities.sorted() {
            try await self.source.read(entity, scope: .full) { page in await collector.add(page) }
        }
        let records = await collector.masked()
        var rows: Set<TargetRow> = []
        for (key, body) in records.bodies {
            guard let mapping = set.outbound(system: system, entity: key.entity) else { continue }
            var lookedUp: [RecordKey: LookedUp] = [:]
            while let result = try? mapping.apply(body, today: today, lookedUp: lookedUp) {
                switch result {
                case .rows(let projection):
                    for row in projection.rows { rows.insert(TargetRow(kind: row.kind, key: row.key, fields: row.fields)) }
                case .needs(let keys):
                    let unknown = keys.filter { lookedUp[$0] == nil }
                    guard !unknown.isEmpty else { break }
                    for key in unknown {
                        lookedUp[key] =
                            records.withheld.contains(key) ? .withheld : records.bodies[key].map(LookedUp.found) ?? .missing
                    }
                    continue
                }
                break
            }
        }
        return rows.map { HeldRow(kind: $0.kind, key: $0.key, fields: $0.fields) }.sorted(by: HeldRow.isBefore)
    }

    private actor Collector {
        private let reader: RecordReader
        private var protected: ProtectedPersons
        private var bodies: [RecordKey: JSONValue] = [:]
        private var withheld: Set<RecordKey> = []

        init(reader: RecordReader, protected: ProtectedPersons) {
            self.reader = reader
            self.protected = protected
        }

        func add(_ page: SourcePage) {
            for record in page.records {
                guard case .record(let key, let body, let protection) = self.reader.read(record) else { continue }
                if protection == .protected {
                    _ = self.protected.protect(key)
                    self.withheld.insert(self.protected.opaqueKey(of: key))
                    self.bodies[key] = nil
                } else {
                    self.bodies[key] = body
                }
            }
        }

        func masked() -> (bodies: [RecordKey: JSONValue], withheld: Set<RecordKey>) {
            var masked: [RecordKey: JSONValue] = [:]
            for (key, body) in self.bodies {
                if key.entity != .person, let subject = SchoolRecord.subject(key.entity, body),
                    self.protected.isProtected(subject)
                {
                    continue
                }
                masked[key] = self.protected.masked(body, key.entity)
            }
            return (masked, self.withheld)
        }
    }
}
