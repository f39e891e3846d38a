import ConnectorKit
import Foundation
import Reconciliation
import SchoolRecords

/// A row on which a system and the hub don't agree, as the comparison found it.
struct OpenCase: Sendable {
    enum Side: Sendable {
        case missing([PackedRow])
        case unexpected(PackedRow)
        case different([PackedRow], PackedRow)
        case twice(PackedRow)
        /// Equal on both sides, and a finding all the same.
        case equal(PackedRow)
    }

    let side: Side
    var isLeak = false
    /// What the row names and the system doesn't hold.
    var brokenEnd: RowIdentity?

    var row: PackedRow? {
        switch self.side {
        case .missing(let rows): rows.first
        case .unexpected(let row), .twice(let row), .different(_, let row), .equal(let row): row
        }
    }

    var wanted: [PackedRow] {
        switch self.side {
        case .missing(let rows), .different(let rows, _): rows
        default: []
        }
    }
}

/// Finds out what the hub knows of rows that differ, many at once.
struct CaseReader: Sendable {
    let system: String
    let store: any HubStore
    let kinds: RowKinds
    let removable: Set<String>

    /// A row with everything that is known of it.
    struct Read: Sendable {
        var row: RowCase
        let open: OpenCase
        /// Those who give what the row names and the system doesn't hold.
        var endGivers: Set<RecordKey> = []
        /// Whether it is being written right now.
        var isBeingWritten = false
        /// Whether the system made it itself.
        var isOwn = false
    }

    func read(_ cases: [OpenCase]) async throws -> (rows: [Read], evidence: [RecordKey: RecordEvidence]) {
        var identities: Set<RowIdentity> = []
        for open in cases {
            if let row = open.row { identities.insert(RowIdentity(kind: row.kind, key: row.key)) }
            if let end = open.brokenEnd { identities.insert(end) }
        }
        // Before who gives what: what is written and not yet noted is in one or the other.
        let batch = try await self.store.prepared(for: self.system)?.batch
        let beingWritten = Set((batch?.writes ?? []).flatMap { $0.set + $0.removed }.map(\.identity))
        let givers = try await self.store.givers(of: identities, in: self.system)
        let former = try await self.store.formerGivers(of: identities, in: self.system)
        var rows: [Read] = []
        var keys: Set<RecordKey> = []
        for open in cases {
            guard let row = open.row else { continue }
            let identity = RowIdentity(kind: row.kind, key: row.key)
            let believed = givers[identity] ?? []
            var known = self.known(open, row)
            known.givers = Set(open.wanted.compactMap { Self.key($0.giver) }).union(believed).sorted()
            known.formerGiver = known.givers.isEmpty ? former[identity]?.record : nil
            known.takenAwayAt = known.givers.isEmpty ? former[identity]?.time : nil
            keys.formUnion(known.givers)
            if let record = known.formerGiver { keys.insert(record) }
            let ends = open.brokenEnd.flatMap { givers[$0] } ?? []
            keys.formUnion(ends)
            rows.append(
                Read(row: known, open: open, endGivers: ends, isBeingWritten: beingWritten.contains(identity)))
        }
        try await self.addGiven(&rows)
        try await self.addSubjects(&rows)
        return (rows, try await self.store.evidence(of: keys, in: self.system))
    }

    private func known(_ open: OpenCase, _ row: PackedRow) -> RowCase {
        let (kind, key) = (row.kind, row.key)
        var found: RowCase
        switch open.side {
        case .missing(let rows): found = RowCase(kind: kind, key: key, expected: rows[0].fields, held: nil)
        case .unexpected(let row), .twice(let row): found = RowCase(kind: kind, key: key, expected: nil, held: row.fields)
        case .different(let rows, let row):
            let held = row.fields
            // Of several that would be right the nearest.
            let nearest = rows.map(\.fields).min { left, right in
                FieldDifference.all(expected: left, held: held).count < FieldDifference.all(expected: right, held: held).count
            }
            found = RowCase(kind: kind, key: key, expected: nearest, held: held)
        case .equal(let row): found = RowCase(kind: kind, key: key, expected: row.fields, held: row.fields)
        }
        found.isLeak = open.isLeak
        found.isRemovable = self.removable.contains(kind)
        found.isRole = self.kinds.roles.contains(kind) || open.wanted.contains { Self.key($0.giver)?.entity == .roleGrant }
        return found
    }

    /// What the hub last gave of each row.
    private func addGiven(_ rows: inout [Read]) async throws {
        let keys = Set(rows.flatMap(\.row.givers))
        let states = try await self.store.states(of: Array(keys), in: self.system)
        for index in rows.indices {
            let row = rows[index].row
            for key in row.givers {
                let given = states[key]?.rows.first { $0.kind == row.kind && $0.key == row.key }
                if let given {
                    rows[index].row.given = given.fields.filter { !$0.value.isEmpty }
                    // One that gave it as it should be tells most.
                    if rows[index].row.given == row.expected { break }
                }
            }
        }
    }

    /// Whom, or what, rows are about that nobody gave: a record with the row's key for its id, or one whose row has the key, or a
    /// part of it, for its own.
    private func addSubjects(_ rows: inout [Read]) async throws {
        var identities: Set<RowIdentity> = []
        var keys: Set<RecordKey> = []
        let open = rows.indices.filter { rows[$0].row.givers.isEmpty && rows[$0].row.formerGiver == nil }
        func parts(_ row: RowCase) -> [String] {
            let parts = row.key.split(separator: "|").map(String.init)
            return parts.count > 1 ? [row.key] + parts : [row.key]
        }
        for index in open {
            for part in parts(rows[index].row) {
                for kind in self.kinds.objects { identities.insert(RowIdentity(kind: kind, key: part)) }
                for entity in Entity.allCases { keys.insert(RecordKey(entity, part)) }
            }
            // A row names whom it is about in a field more often than in its key.
            for value in rows[index].row.held?.values ?? [:].values where value.utf8.count == 36 {
                keys.insert(RecordKey(.person, value))
            }
        }
        guard !open.isEmpty else { return }
        let givers = try await self.store.givers(of: identities, in: self.system)
        let sources = try await self.store.sources(of: keys)
        for index in open {
            let row = rows[index].row
            let ids = parts(row)
            let own = Entity.allCases.lazy.map { RecordKey($0, row.key) }.first { sources[$0] != nil }
            let isShared = self.kinds.shared.contains(row.kind)
            rows[index].isOwn = isShared
            var subject = own
            for part in ids where subject == nil {
                for kind in self.kinds.objects.sorted() where subject == nil {
                    subject = givers[RowIdentity(kind: kind, key: part)]?.min()
                }
                if subject == nil { subject = Entity.allCases.lazy.map { RecordKey($0, part) }.first { sources[$0] != nil } }
            }
            if subject == nil {
                subject = (row.held ?? [:]).values.map { RecordKey(.person, $0) }.filter { sources[$0] != nil }.min()
            }
            rows[index].row.subject = subject
        }
    }

    /// The key that ``ExpectedReading`` put with a row.
    static func key(_ giver: String) -> RecordKey? {
        guard let slash = giver.firstIndex(of: "/"), let entity = Entity(rawValue: String(giver[..<slash])) else { return nil }
        return RecordKey(entity, String(giver[giver.index(after: slash)...]))
    }
}
