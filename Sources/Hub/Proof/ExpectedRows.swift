public import ConnectorKit
public import Foundation
import Mapping
import Messaging
public import Reconciliation
public import SchoolRecords

/// What the sources say now, and what that makes every system hold: read afresh and mapped, past register, queues and
/// deliveries, so that it can prove them right or wrong.
///
/// Keeps the sources' records in memory.
public struct ExpectedRows: Sendable {
    private let bodies: [RecordKey: JSONDocument]
    /// Which source a record is from.
    private let origins: [RecordKey: String]
    private let withheld: Set<RecordKey>
    private let mappings: MappingSet
    private let today: CalendarDate

    /// Reads the sources in full, one after the other. A record that two of them give is the first one's.
    ///
    /// - Parameters:
    ///   - roles: what the hub itself decided (``RoleBook``): no source has it.
    ///   - isEcho: whether a source's record is one that the hub wrote there itself; such records aren't the source's.
    /// - Throws: ``ConnectorFailure`` when a source can't be read.
    public static func read(
        _ sources: [any SourceConnector], mappings: MappingBook, key: HubKey, clock: HubClock = .system,
        roles: [RegisteredRecord] = [],
        isEcho: @escaping @Sendable (_ record: RecordKey, _ source: String) -> Bool = { _, _ in false }
    ) async throws -> ExpectedRows {
        let set = mappings.set
        let today = clock.calendarDate
        let homes = ProtectedHomes(key: key, rules: set.privacy.family)
        let collector = Collector(protected: ProtectedPersons(key: key, opaqueIDs: [], homes: homes))
        for source in sources {
            let system = source.system
            let reader = RecordReader(source: system, mappings: set, today: today, key: key)
            for entity in source.entities.sorted() {
                try await source.read(entity, scope: .full) { page in
                    await collector.add(page.records.filter { !isEcho($0.key, system) }, of: system, by: reader)
                }
            }
        }
        await collector.add(roles)
        let (bodies, origins, withheld) = await collector.masked()
        return ExpectedRows(bodies: bodies, origins: origins, withheld: withheld, mappings: set, today: today)
    }

    /// What the register should hold of a source, as rows of a kind for each entity, in the order that ``Comparison`` needs.
    public func records(of source: String) -> [HeldRow] {
        self.bodies.compactMap { key, body in
            self.origins[key] == source ? Self.row(key, body.value.canonicalData) : nil
        }.sorted(by: HeldRow.isBefore)
    }

    /// A record as a row, for comparing registers.
    public static func row(_ key: RecordKey, _ body: Data) -> HeldRow {
        HeldRow(kind: key.entity.rawValue, key: key.id, fields: ["record": String(decoding: body, as: UTF8.self)])
    }

    /// The rows that a system should hold in the order that ``Comparison`` needs, each row once. What flows derive isn't among
    /// them.
    public func rows(for system: String) -> [HeldRow] {
        var rows: Set<TargetRow> = []
        for (key, body) in self.bodies where self.origins[key] != system {
            guard let mapping = self.mappings.outbound(system: system, entity: key.entity),
                // A role is one system's business; what a system says that it holds is nobody's.
                key.entity != .roleGrant
                    || self.origins[key] == RoleGrant.source && body.value["system"]?.stringValue == system
            else { continue }
            var lookedUp: [RecordKey: LookedUp] = [:]
            while let result = try? mapping.apply(body, today: self.today, lookedUp: lookedUp) {
                switch result {
                case .rows(let projection):
                    for row in projection.rows { rows.insert(TargetRow(kind: row.kind, key: row.key, fields: row.fields)) }
                case .needs(let keys):
                    let unknown = keys.filter { lookedUp[$0] == nil }
                    guard !unknown.isEmpty else { break }
                    for key in unknown {
                        lookedUp[key] =
                            self.withheld.contains(key) ? .withheld : self.bodies[key].map(LookedUp.found) ?? .missing
                    }
                    continue
                }
                break
            }
        }
        return rows.map { HeldRow(kind: $0.kind, key: $0.key, fields: $0.fields) }.sorted(by: HeldRow.isBefore)
    }

    private actor Collector {
        private var protected: ProtectedPersons
        private var bodies: [RecordKey: JSONValue] = [:]
        private var origins: [RecordKey: String] = [:]
        private var withheld: Set<RecordKey> = []

        init(protected: ProtectedPersons) { self.protected = protected }

        func add(_ records: [SourceRecord], of source: String, by reader: RecordReader) {
            for record in records {
                guard case .record(let key, let body, let protection) = reader.read(record) else { continue }
                if protection == .protected {
                    _ = self.protected.protect(key)
                    if key.entity == .person { self.protected.learn(body) }
                    self.withheld.insert(self.protected.opaqueKey(of: key))
                    self.bodies[key] = nil
                } else if self.origins[key, default: source] == source {
                    self.bodies[key] = body
                    self.origins[key] = source
                }
            }
        }

        func add(_ roles: [RegisteredRecord]) {
            for role in roles where role.operation == .upserted {
                guard let body = try? JSONValue(parsing: role.body) else { continue }
                self.bodies[role.key] = body
                self.origins[role.key] = role.source
            }
        }

        func masked() -> (bodies: [RecordKey: JSONDocument], origins: [RecordKey: String], withheld: Set<RecordKey>) {
            var masked: [RecordKey: JSONDocument] = [:]
            for (key, body) in self.bodies {
                if key.entity != .person, let subject = SchoolRecord.subject(key.entity, body),
                    self.protected.isProtected(subject)
                {
                    continue
                }
                masked[key] = JSONDocument(self.protected.masked(body, key.entity))
            }
            return (masked, self.origins, self.withheld)
        }
    }
}
