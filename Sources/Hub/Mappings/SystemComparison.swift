import Mapping
import Messaging
import SchoolRecords

/// What two versions of a system's mappings make of the same records.
struct SystemComparison {
    private enum Outcome {
        case rows([RowIdentity: [String: String]])
        case failed(MappingFailure)
    }

    private struct ChangedRecord {
        let key: RecordKey
        let before: [RowIdentity: [String: String]]
        let after: [RowIdentity: [String: String]]
        let failure: String?
    }

    private let system: String
    private let today: CalendarDate
    private var mappings: (before: OutboundMapping?, after: OutboundMapping?) = (nil, nil)
    private var entity = Entity.person
    private var counts: [Entity: MappingDifference.Records] = [:]
    private var changed: [ChangedRecord] = []
    private(set) var changedRows: Set<RowIdentity> = []
    /// What all records together give of the changed rows.
    private var held: (before: [RowIdentity: Set<[String: String]>], after: [RowIdentity: Set<[String: String]>]) = ([:], [:])

    init(system: String, today: CalendarDate) {
        self.system = system
        self.today = today
    }

    mutating func begin(_ entity: Entity, before: OutboundMapping?, after: OutboundMapping?) {
        self.entity = entity
        self.mappings = (before, after)
        if self.counts[entity] == nil { self.counts[entity] = .init(system: self.system, entity: entity.rawValue) }
    }

    /// Finds the records whose rows differ.
    mutating func compare(_ page: [(key: RecordKey, document: JSONDocument)], _ register: RegisterReader) async throws {
        let before = try await self.outcomes(self.mappings.before, page, register)
        let after = try await self.outcomes(self.mappings.after, page, register)
        for (index, (key, _)) in page.enumerated() {
            self.counts[self.entity]?.examined += 1
            switch (before[index], after[index]) {
            case (.failed, .failed): break
            case (.rows, .failed(let failure)):
                self.counts[self.entity]?.newlyFailing += 1
                self.changed.append(ChangedRecord(key: key, before: [:], after: [:], failure: failure.message))
            case (let old, .rows(let new)):
                var rows: [RowIdentity: [String: String]] = [:]
                if case .rows(let known) = old { rows = known } else { self.counts[self.entity]?.noLongerFailing += 1 }
                let identities = Set(rows.keys).union(new.keys).filter { rows[$0] != new[$0] }
                guard !identities.isEmpty else { continue }
                self.changedRows.formUnion(identities)
                self.changed.append(
                    ChangedRecord(
                        key: key, before: rows.filter { identities.contains($0.key) },
                        after: new.filter { identities.contains($0.key) }, failure: nil))
            }
        }
    }

    /// Collects what every record gives of the rows that some record changes.
    mutating func gather(_ page: [(key: RecordKey, document: JSONDocument)], _ register: RegisterReader) async throws {
        let before = try await self.outcomes(self.mappings.before, page, register)
        let after = try await self.outcomes(self.mappings.after, page, register)
        for (old, new) in zip(before, after) {
            // What a failing record gave before stays in the system.
            let rows: [RowIdentity: [String: String]] = if case .rows(let rows) = old { rows } else { [:] }
            for (identity, fields) in rows where self.changedRows.contains(identity) {
                self.held.before[identity, default: []].insert(fields)
                if case .failed = new { self.held.after[identity, default: []].insert(fields) }
            }
            guard case .rows(let rows) = new else { continue }
            for (identity, fields) in rows where self.changedRows.contains(identity) {
                self.held.after[identity, default: []].insert(fields)
            }
        }
    }

    /// Adds what was found.
    mutating func finish(_ difference: inout MappingDifference, limit: Int, withValues: Bool) {
        var kinds: [String: MappingDifference.Kind] = [:]
        var changes: [RowIdentity: MappingDifference.Change] = [:]
        for identity in self.changedRows {
            let (old, new) = (self.held.before[identity], self.held.after[identity])
            guard old != new else { continue }
            var kind = kinds[identity.kind] ?? .init(system: self.system, kind: identity.kind)
            if old == nil {
                kind.created += 1
                changes[identity] = .created
            } else if new == nil {
                kind.deleted += 1
                changes[identity] = .deleted
            } else {
                kind.updated += 1
                changes[identity] = .updated
            }
            kinds[identity.kind] = kind
        }
        var fieldCounts: [MappingDifference.FieldCount: Int] = [:]
        for (identity, change) in changes where change == .updated {
            let names = Self.changedFields(self.held.before[identity] ?? [], self.held.after[identity] ?? [])
            for name in names { fieldCounts[.init(system: self.system, kind: identity.kind, field: name), default: 0] += 1 }
        }
        difference.fields += fieldCounts.sorted { ($0.key.kind, $0.key.field) < ($1.key.kind, $1.key.field) }.map {
            place, count in
            var place = place
            place.rows = count
            return place
        }
        for record in self.changed.sorted(by: { $0.key < $1.key }) {
            let rows = Set(record.before.keys).union(record.after.keys).sorted { ($0.kind, $0.key) < ($1.kind, $1.key) }
                .compactMap { identity in
                    changes[identity].map { self.row(identity, $0, record, withValues) }
                }
            if !rows.isEmpty { self.counts[record.key.entity]?.changed += 1 }
            guard !rows.isEmpty || record.failure != nil, difference.examples.count < limit else { continue }
            difference.examples.append(
                .init(system: self.system, record: record.key.description, rows: rows, failure: record.failure))
        }
        difference.kinds += kinds.values.sorted { $0.kind < $1.kind }
        difference.records += self.counts.sorted { $0.key < $1.key }.map(\.value)
    }

    /// The fields that aren't as they were, whichever record gives the row.
    private static func changedFields(_ old: Set<[String: String]>, _ new: Set<[String: String]>) -> Set<String> {
        let names = old.union(new).reduce(into: Set<String>()) { $0.formUnion($1.keys) }
        return names.filter { name in Set(old.map { $0[name] }) != Set(new.map { $0[name] }) }
    }

    private func row(
        _ identity: RowIdentity, _ change: MappingDifference.Change, _ record: ChangedRecord, _ withValues: Bool
    ) -> MappingDifference.Row {
        let (old, new) = (record.before[identity] ?? [:], record.after[identity] ?? [:])
        let names = Set(old.keys).union(new.keys).filter { old[$0] != new[$0] }.sorted()
        return .init(
            change: change, kind: identity.kind, key: withValues ? identity.key : nil,
            fields: names.map {
                .init(name: $0, before: withValues ? old[$0] : nil, after: withValues ? new[$0] : nil)
            })
    }

    private func outcomes(
        _ mapping: OutboundMapping?, _ page: [(key: RecordKey, document: JSONDocument)], _ register: RegisterReader
    ) async throws -> [Outcome] {
        var outcomes: [Outcome] = Array(repeating: .rows([:]), count: page.count)
        guard let mapping else { return outcomes }
        let today = self.today
        try await register.settle(page.count) { index, lookedUp in
            do throws(MappingFailure) {
                switch try mapping.apply(page[index].document, today: today, lookedUp: lookedUp) {
                case .needs(let keys): return keys
                case .rows(let projection):
                    outcomes[index] = .rows(
                        Dictionary(
                            projection.rows.map { (RowIdentity(kind: $0.kind, key: $0.key), $0.fields) },
                            uniquingKeysWith: { first, _ in first }))
                }
            } catch {
                outcomes[index] = .failed(error)
            }
            return nil
        }
        return outcomes
    }
}
