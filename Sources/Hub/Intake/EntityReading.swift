import ConnectorKit
import Foundation
import Logging
import Mapping
import Messaging
import SchoolRecords

/// One entity's way from the source into the register: read → set aside → compare → take.
actor EntityReading {
    private let intake: Intake
    private let entity: Entity
    private let living: Int
    private let mark: Date?
    private let approved: Set<String>
    private let progress: @Sendable (IntakeProgress) -> Void
    private let reader: RecordReader

    private(set) var protected: ProtectedPersons
    private var part = IntakeReport.Part()
    /// Ids that the source gave, also those that couldn't be used: what isn't here is gone.
    private var seen: Set<String> = []
    private var seenOpaque: Set<String> = []
    /// What the mapping leaves out: had it been taken before, it is gone now (an absence that was cancelled).
    private var excluded: Set<RecordKey> = []
    /// A record without an id was among them: what is gone can't be told.
    private var hasNameless = false
    private var latest: Date?
    /// Person → the staged records that refer to it, while persons are read: whoever turns out to be protected later
    /// in the reading is masked in records read earlier.
    private var referrers: [String: [String]] = [:]

    init(
        intake: Intake, entity: Entity, living: Int, mark: Date?, protected: ProtectedPersons, approved: Set<String>,
        progress: @escaping @Sendable (IntakeProgress) -> Void
    ) {
        self.intake = intake
        self.entity = entity
        self.living = living
        self.mark = mark
        self.protected = protected
        self.approved = approved
        self.progress = progress
        self.reader = RecordReader(
            source: intake.source.system, mappings: intake.mappings.set, today: intake.clock.calendarDate, key: intake.key)
    }

    private var run: String { self.intake.source.system }

    /// Reads the entity and takes its changes.
    ///
    /// - Parameter deletions: what the source says was deleted; used when only changes are read.
    func run(deletions: [RecordKey]) async throws -> IntakeReport.Part {
        let scope = self.mark.map { ReadScope.modifiedAfter($0.addingTimeInterval(-self.intake.overlap)) } ?? .full
        try await self.intake.source.read(self.entity, scope: scope) { page in try await self.take(page) }
        let gone = try await self.gone(scope: scope, deletions: deletions)
        let changed = try await self.compare(gone: gone)
        if self.part.held == nil {
            try await self.apply(changed, gone: gone)
            if let latest = self.latest {
                try await self.intake.store.setMark(RFC3339.text(latest), source: self.run, entity: self.entity.rawValue)
            }
        }
        try await self.intake.store.clearStage(run: self.run)
        return self.part
    }

    /// Reads one record again.
    func replay(_ key: RecordKey) async throws {
        let real = try await self.intake.store.realKey(of: key) ?? key
        if let record = try await self.intake.source.read(real) {
            try await self.take(SourcePage(records: [record]))
            try await self.apply(nil, gone: [])
            try await self.intake.store.clearStage(run: self.run)
        } else {
            try await self.intake.store.takeAll([RecordState(key: key, owner: nil, body: nil)], intake: self.intake)
        }
    }

    // MARK: Reading

    private func take(_ page: SourcePage) async throws {
        var staged: [RecordState] = []
        var withheld: [WithheldRecord] = []
        var gone: [RecordState] = []
        var failures: [NewFailure] = []
        var released: [RecordKey] = []
        for broken in page.broken {
            if let key = broken.key { self.seen.insert(key.id) } else { self.hasNameless = true }
            failures.append(
                NewFailure(
                    stage: .intake, system: self.run, key: broken.key, sequence: nil, kind: "broken-record",
                    code: broken.failure.code, field: nil, place: nil, message: broken.failure.message, body: nil))
        }
        for record in page.records {
            self.note(record)
            switch self.reader.read(record) {
            case .excluded:
                self.part.excluded += 1
                self.excluded.insert(record.key)
            case .failed(let failure):
                self.seen.insert(record.key.id)
                failures.append(failure)
            case .record(let key, let body, let isProtected):
                let subject = SchoolRecord.subject(self.entity, body)
                if isProtected || (self.entity != .person && subject.map(self.protected.isProtected) == true) {
                    if isProtected { _ = self.protected.protect(key) }
                    let opaque = self.protected.opaqueKey(of: key)
                    self.seenOpaque.insert(opaque.id)
                    withheld.append(WithheldRecord(opaqueKey: opaque, key: key, body: body.canonicalData))
                    gone.append(RecordState(key: key, owner: nil, body: nil))
                    continue
                }
                self.seen.insert(key.id)
                if self.protected.release(key) { released.append(self.protected.opaqueKey(of: key)) }
                if self.entity == .person {
                    for reference in RecordReferences.of(self.entity, body) where reference.key.entity == .person {
                        self.referrers[reference.key.id, default: []].append(key.id)
                    }
                }
                staged.append(
                    RecordState(
                        key: key, owner: subject?.id, body: self.protected.masked(body, self.entity).canonicalData,
                        unit: SchoolUnit.of(self.entity, body)))
            }
        }
        // What the hub wrote to the system comes back from it: that is no report of its own.
        let echoes = try await self.flowRecords(staged.map(\.key))
        self.part.echoes += echoes.count
        staged.removeAll { echoes.contains($0.key) }
        self.part.read += page.records.count + page.broken.count
        self.part.failed += failures.count
        self.part.withheld += withheld.count
        let store = self.intake.store
        if !withheld.isEmpty || !failures.isEmpty {
            // The vault first: a protected person's record never waits anywhere else.
            _ = try await store.take(
                gone, withheld: withheld, failures: failures, source: self.run, time: self.intake.clock.timestamp)
        }
        if !released.isEmpty { try await store.release(released) }
        if !staged.isEmpty { try await store.stage(staged, run: self.run) }
        self.progress(IntakeProgress(entity: self.entity, step: .reading, count: self.part.read))
    }

    private func note(_ record: SourceRecord) {
        guard let text = record.document["meta"]?["modified"]?.stringValue, let date = RFC3339.date(text) else { return }
        self.latest = max(self.latest ?? date, date)
    }

    // MARK: Comparing

    /// What the source no longer has, by absence (full reading) or by its own word.
    private func gone(scope: ReadScope, deletions: [RecordKey]) async throws -> [RecordKey] {
        let store = self.intake.store
        var opaque: [RecordKey] = []
        var gone: [RecordKey] = []
        if scope == .full {
            guard !self.hasNameless else {
                self.intake.logger.warning(
                    "A record without an id was read; nothing is deleted by absence this time",
                    metadata: ["source": "\(self.run)", "entity": "\(self.entity)"])
                return []
            }
            let live = try await store.liveIDs(of: self.entity, source: self.run)
            gone = live.subtracting(self.seen).map { RecordKey(self.entity, $0) }
            if self.entity == .person {
                opaque = self.protected.opaqueIDs.subtracting(self.seenOpaque).map { RecordKey(.person, $0) }
            }
        } else {
            let live = try await store.records(Array(self.excluded)).values.filter {
                $0.operation == .upserted && $0.source == self.run
            }
            gone = Set(deletions).union(live.map(\.key)).filter { !self.seen.contains($0.id) }
            opaque = Array(try await store.holds(Set(deletions.map(self.protected.opaqueKey(of:)))))
        }
        if !opaque.isEmpty, self.living > 0 { try await store.release(opaque) }
        return try await self.own(gone).sorted()
    }

    /// Of records that a source says are gone, those that it may say that of: not what a flow made and it only holds.
    private func own(_ keys: [RecordKey]) async throws -> [RecordKey] {
        let echoes = try await self.flowRecords(keys)
        return keys.filter { !echoes.contains($0) }
    }

    /// Records that are there because a flow made them.
    private func flowRecords(_ keys: [RecordKey]) async throws -> Set<RecordKey> {
        Set(try await self.intake.store.records(keys).values.lazy.filter { FlowCatalog.names.contains($0.source) }.map(\.key))
    }

    /// Counts what would change and asks whether that may go through unseen. Returns the keys that change, or `nil`
    /// for the first load, where everything does.
    private func compare(gone: [RecordKey]) async throws -> Set<RecordKey>? {
        guard self.living > 0 else { return nil }
        let failing = Set(try await self.openFailures())
        var changed: Set<RecordKey> = []
        var (creates, updates, deletes) = (0, 0, 0)
        var units = UnitChanges()
        var content = ""
        var identity: UInt64 = 0
        try await self.forEachStaged { states in
            for (state, comparison) in zip(states, try await self.intake.store.compare(states, source: self.run)) {
                units.count(comparison)
                switch comparison.difference {
                case .created: creates += 1
                case .updated: updates += 1
                case .deleted: deletes += 1
                case .unchanged:
                    if failing.contains(state.key) { changed.insert(state.key) } else { self.part.unchanged += 1 }
                    continue
                }
                changed.insert(state.key)
                content = self.intake.key.contentHash(state.body ?? Data())
                identity = identity &* 31 &+ StableHash.of("\(state.key)|\(comparison.difference)|\(content)")
            }
            self.progress(IntakeProgress(entity: self.entity, step: .comparing, count: changed.count))
        }
        let live = try await self.intake.store.compare(
            gone.map { RecordState(key: $0, owner: nil, body: nil) }, source: self.run)
        for (key, comparison) in zip(gone, live) where comparison.difference == .deleted {
            units.count(comparison)
            deletes += 1
            identity = identity &* 31 &+ StableHash.of("\(key)|deleted")
        }
        let living = try await self.intake.store.liveCountsByUnit(of: self.entity, source: self.run)
        let held = units.held(by: self.intake.limits, living: living)
        if !held.isEmpty || self.intake.limits.holds(living: self.living, updates: updates, deletes: deletes) {
            let id = "\(self.run)-\(self.entity.rawValue)-\(String(identity, radix: 16))"
            if !self.approved.contains(id) {
                self.part.held = HeldChange(
                    id: id, entity: self.entity.rawValue, living: self.living, creates: creates, updates: updates,
                    deletes: deletes, units: held)
            }
        }
        return changed
    }

    private func openFailures() async throws -> [RecordKey] {
        var filter = FailureFilter()
        filter.system = self.run
        filter.entity = self.entity
        filter.states = [.failed, .replaying]
        return try await self.intake.store.list(filter).filter { $0.failure.stage == .intake }.compactMap(\.failure.key)
    }

    // MARK: Taking

    private func apply(_ changed: Set<RecordKey>?, gone: [RecordKey]) async throws {
        try await self.forEachStaged { states in
            let chosen = changed.map { keys in states.filter { keys.contains($0.key) } } ?? states
            guard !chosen.isEmpty else { return }
            self.add(
                try await self.intake.store.take(
                    chosen, withheld: [], failures: [], source: self.run, time: self.intake.clock.timestamp))
        }
        var rest = gone[...]
        while !rest.isEmpty {
            let chunk = rest.prefix(500)
            rest = rest.dropFirst(500)
            self.add(
                try await self.intake.store.take(
                    chunk.map { RecordState(key: $0, owner: nil, body: nil) }, withheld: [], failures: [], source: self.run,
                    time: self.intake.clock.timestamp))
        }
    }

    private func add(_ result: TakeResult) {
        self.part.created += result.created
        self.part.updated += result.updated
        self.part.deleted += result.deleted
        self.part.unchanged += result.unchanged
        self.progress(
            IntakeProgress(
                entity: self.entity, step: .taking, count: self.part.created + self.part.updated + self.part.deleted))
    }

    /// Goes through the staged records in order, masked by what is known at the end of the reading.
    private func forEachStaged(_ body: ([RecordState]) async throws -> Void) async throws {
        var stale: Set<String> = []
        if self.entity == .person, self.protected.changed {
            for (person, ids) in self.referrers {
                let key = RecordKey(.person, person)
                if self.protected.isProtected(key) || self.protected.released.values.contains(person) { stale.formUnion(ids) }
            }
        }
        var after: RecordKey?
        while true {
            let states = try await self.intake.store.staged(run: self.run, after: after, limit: 500)
            guard let last = states.last else { return }
            after = last.key
            let masked = try states.compactMap { state -> RecordState? in
                if self.entity == .person, self.protected.isProtected(state.key) {
                    // The source gave it twice, the second time protected.
                    return nil
                }
                guard stale.contains(state.key.id), let data = state.body else { return state }
                let body = self.protected.masked(try JSONValue(parsing: data), self.entity)
                return RecordState(key: state.key, owner: state.owner, body: body.canonicalData, unit: state.unit)
            }
            try await body(masked)
        }
    }
}

extension Register {
    func takeAll(_ states: [RecordState], intake: Intake) async throws {
        _ = try await self.take(
            states, withheld: [], failures: [], source: intake.source.system, time: intake.clock.timestamp)
    }
}
