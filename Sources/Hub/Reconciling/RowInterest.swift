import Mapping
import Reconciliation
import SchoolRecords

/// What a run over changes starts from: the run that read the system last.
struct ReconcileBase: Sendable {
    let run: String
    let digest: HeldDigest
    /// As of when it was read, RFC 3339 in UTC.
    let readAt: String
}

/// The rows that a run over changes looks at.
struct RowInterest: Sendable {
    let identities: Set<RowIdentity>
    /// Buckets in which the system holds something else than at the last run.
    let buckets: Set<Int>
    let key: HubKey

    func contains(_ row: PackedRow, broken: [RowIdentity: RowIdentity]) -> Bool {
        let identity = RowIdentity(kind: row.kind, key: row.key)
        return self.identities.contains(identity) || broken[identity] != nil
            || !self.buckets.isEmpty && self.buckets.contains(self.key.rowBucket(kind: identity.kind, key: identity.key))
    }
}

/// Some of the rows of a source, in its order.
struct FilteredRows<Rows: PackedRowSource>: PackedRowSource {
    private var rows: Rows
    private let isWanted: (PackedRow) -> Bool

    init(_ rows: Rows, _ isWanted: @escaping (PackedRow) -> Bool) {
        self.rows = rows
        self.isWanted = isWanted
    }

    mutating func next() throws -> PackedRow? {
        while let row = try self.rows.next() { if self.isWanted(row) { return row } }
        return nil
    }
}

extension SystemRows {
    /// The tallies of all rows, from those of the rows that were looked at: the others are as they should be.
    func whole(_ seen: [String: RowTally]) -> [String: RowTally] {
        var whole = seen
        for (kind, held) in self.heldKinds {
            let tally = seen[kind] ?? RowTally()
            let others = held - tally.held
            var sum = tally
            sum.held = held
            sum.equal += others
            sum.expected += others
            whole[kind] = sum
        }
        return whole
    }
}

extension Reconciler {
    /// The last runs of systems, where a run over changes can start from them: the mappings and the day are the same, which all rows
    /// depend on.
    func bases(of systems: [String]) async throws -> [String: ReconcileBase] {
        var bases: [String: ReconcileBase] = [:]
        for system in systems {
            guard let kept = try await self.store.digest(of: system), let digest = HeldDigest(kept.data),
                let run = try await self.store.reconcileRun(kept.run), run.mappings == self.mappings.version,
                run.scope.isWhole,
                let found = run.systems.first(where: { $0.system == system && $0.state == .done }), let readAt = found.readAt,
                let date = RFC3339.date(readAt), RFC3339.swedishDate(date) == self.clock.calendarDate
            else { continue }
            bases[system] = ReconcileBase(run: kept.run, digest: digest, readAt: readAt)
        }
        return bases
    }

    /// What has to be looked at: records that moved, what the system holds otherwise than at the last run, and what that found; and
    /// everybody who gives one of these rows.
    func interest(_ rows: SystemRows, _ base: ReconcileBase, _ reading: inout Reading) async throws -> RowInterest {
        let system = rows.system
        let buckets = await rows.digest.changes(since: base.digest)
        var records = try await self.store.moved(since: base.readAt, in: system)
        records.formUnion(try await self.store.givers(inBuckets: buckets, of: system))
        var identities = Set(try await rows.broken().keys)
        records.formUnion(try await self.store.givers(of: identities, in: system).values.reduce(into: Set()) { $0.formUnion($1) })
        var filter = FindingFilter()
        filter.systems = [system]
        for kept in try await self.store.findings(of: base.run, filter) where kept.finding.situation != .withheld {
            identities.insert(RowIdentity(kind: kept.finding.kind, key: kept.finding.key))
            if let other = kept.finding.otherKey { identities.insert(RowIdentity(kind: kept.finding.kind, key: other)) }
            if let record = kept.finding.record { records.insert(record) }
        }
        let expected = ExpectedReading(
            store: self.store, mappings: self.mappings, systems: [system], today: self.clock.calendarDate)
        var done: Set<RecordKey> = []
        while !records.isEmpty {
            var pages: [ExpectedReading.Page] = []
            try await expected.read(records) { pages.append($0) }
            for page in pages {
                for unmapped in page.unmapped { reading.unmapped[system, default: [:]][unmapped.key] = unmapped.failure }
                guard let made = page.rows[system] else { continue }
                made.forEach { identities.insert(RowIdentity(kind: $0.kind, key: $0.key)) }
                try await rows.addExpected(made)
            }
            for state in try await self.store.states(of: Array(records), in: system).values {
                identities.formUnion(state.rows.map(\.identity))
            }
            done.formUnion(records)
            // Others may give the same rows.
            let givers = try await self.store.givers(of: identities, in: system).values
            records = givers.reduce(into: Set()) { $0.formUnion($1) }.subtracting(done)
        }
        return RowInterest(identities: identities, buckets: buckets, key: self.key)
    }
}
