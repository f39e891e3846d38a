import ConnectorKit
import Foundation
import Logging
import Mapping
import Messaging
import SchoolRecords

/// One entity's way from the source into the register: read → set aside → compare → take.
actor EntityReading {
    let intake: Intake
    let entity: Entity
    let living: Int
    let mark: Date?
    /// Whether what is read says nothing of what isn't in it, nor of when it was true.
    let isPart: Bool
    /// Held changes that whoever asked for this reading lets through, and who that is.
    let approved: Set<String>
    let approver: String
    private let progress: @Sendable (IntakeProgress) -> Void
    let reader: RecordReader
    /// Whom and what records are about whose source has no ids of the hub's; made when the first of them are read.
    var links: RecordLinks?
    /// Numbers that a source has marked → whose they turned out to be, by opaque id.
    var ties: [String: String] = [:]

    var protected: ProtectedPersons
    var part = IntakeReport.Part()
    private var echoes: EchoWatch
    /// Persons whom another source protects: opaque ids.
    private var others: Set<String> = []
    /// Ids that the source gave, also those that couldn't be used: what isn't here is gone.
    private var seen: Set<String> = []
    private var seenOpaque: Set<String> = []
    /// Persons who weren't protected before this reading: opaque ids.
    var newlyProtected: Set<String> = []
    /// What the mapping leaves out: had it been taken before, it is gone now (an absence that was cancelled).
    private var excluded: Set<RecordKey> = []
    /// Ids of what has been set aside: a later state of one takes its place, whatever it is.
    private var setAside: Set<String> = []
    /// Records whose intake failed earlier, or does now: taken again even when nothing about them is new.
    private var failing: Set<RecordKey> = []
    /// A record without an id was among them: what is gone can't be told.
    private var hasNameless = false
    private var latest: Date?
    /// Person → the staged records that refer to it, while persons are read: whoever turns out to be protected later
    /// in the reading is masked in records read earlier.
    private var referrers: [String: [String]] = [:]

    init(
        intake: Intake, entity: Entity, living: Int, mark: Date?, isPart: Bool = false, protected: ProtectedPersons,
        approved: Set<String> = [], approver: String = "hub", progress: @escaping @Sendable (IntakeProgress) -> Void
    ) {
        self.intake = intake
        self.entity = entity
        self.living = living
        self.mark = mark
        self.isPart = isPart
        self.protected = protected
        self.approved = approved
        self.approver = approver
        self.progress = progress
        self.echoes = EchoWatch(system: intake.source.system, entity: entity, store: intake.store)
        self.reader = RecordReader(
            source: intake.source.system, mappings: intake.mappings.set, today: intake.clock.calendarDate, key: intake.key)
    }

    /// What the source no longer has.
    struct Gone: Sendable {
        var records: [RecordKey] = []
        /// Persons in the vault, by their opaque ids.
        var withheld: [RecordKey] = []
    }

    var run: String { self.intake.source.system }

    /// Reads the entity and takes its changes.
    ///
    /// - Parameter deletions: what the source says was deleted; used when only changes are read.
    func run(deletions: [RecordKey]) async throws -> IntakeReport.Part {
        var echoes = self.echoes
        try await echoes.begin()
        self.echoes = echoes
        if self.entity == .person { try await self.findOthers() }
        if self.living > 0 { self.failing = try await self.openFailures() }
        let scope = self.mark.map { ReadScope.modifiedAfter($0.addingTimeInterval(-self.intake.overlap)) } ?? .full
        let names = SystemNames(system: self.run)
        try await self.intake.source.read(self.entity, scope: scope) { page in try await self.take(names.registered(page)) }
        let gone = try await self.gone(scope: scope, deletions: deletions)
        if let admission = try await self.judge(gone) {
            self.part.putRight = try await self.echoes.putRight(
                isFull: scope == .full && !self.hasNameless && self.part.failed == 0, gone: deletions)
            try await self.apply(admission, gone: gone)
            if !self.isPart, let latest = self.latest {
                try await self.intake.store.setMark(RFC3339.text(latest), source: self.run, entity: self.entity.rawValue)
            }
            if !self.isPart { try await self.finishLoad() }
        }
        try await self.tellOfProtections()
        try await self.intake.store.clearStage(run: self.run)
        return self.part
    }

    /// Reads one record again.
    func replay(_ key: RecordKey) async throws {
        let real = try await self.intake.store.realKey(of: key) ?? key
        let names = SystemNames(system: self.run)
        if self.entity == .person { try await self.findOthers() }
        if let record = try await self.intake.source.read(names.own(real)) {
            try await self.take(names.registered(SourcePage(records: [record])))
            try await self.endProtections([])
            try await self.apply(Admission(counting: .unseen, changed: nil), gone: Gone())
            try await self.intake.store.clearStage(run: self.run)
        } else {
            let known = try await self.intake.store.records([key])[key]
            // A source of notices has told of it once, and says nothing by telling no more.
            guard self.intake.source.tellsAll(of: self.entity) || known?.isLive != true else { return }
            try await self.intake.store.takeAll([RecordState(key: key, owner: nil, body: nil)], intake: self.intake)
        }
    }

    private func findOthers() async throws {
        // A source that is no more has no say.
        let others = Set(self.intake.mappings.set.sourceNames).subtracting([self.run])
        self.others = Set(try await self.intake.store.withheldSources(of: .person).filter { others.contains($0.value) }.keys)
    }

    // MARK: Reading

    private func take(_ page: SourcePage) async throws {
        var staged: [RecordState] = []
        var withheld: [WithheldRecord] = []
        var gone: [RecordState] = []
        var failures: [NewFailure] = []
        for broken in page.broken {
            if broken.key == nil { self.hasNameless = true }
            failures.append(
                NewFailure(
                    stage: .intake, system: self.run, key: try await self.noteUnusable(broken.key, nil), sequence: nil,
                    kind: "broken-record",
                    code: broken.failure.code, field: nil, place: nil, message: broken.failure.message, body: nil))
        }
        var readings = page.records.map(self.reader.read)
        if let completion = self.entity.completion {
            readings = try await self.linked(readings, completion)
            if completion.marks { try await self.takeMarks(of: readings) }
            try await self.intake.numberChanges(self.entity)?.tell(of: readings, self.protected)
            readings = self.reader.usable(readings, of: page.records, completion).map { $0.kept(by: completion) }
        }
        for (record, reading) in zip(page.records, readings) {
            self.note(record)
            switch reading {
            case .excluded:
                self.part.excluded += 1
                self.excluded.insert(record.key)
            case .failed(let failure):
                let key = try await self.noteUnusable(record.key, record.document)
                failures.append(key == record.key ? failure : failure.named(key))
            case .record(let key, let body, let protection):
                let subject = SchoolRecord.subject(self.entity, body)
                let staysInVault = protection == .unsaid && self.protected.isAbout(self.entity, body)
                if self.entity == .person, protection == .none, self.others.contains(self.protected.opaqueKey(of: key).id) {
                    // Another source protects the person: this one's word neither ends that nor replaces what the vault has.
                    self.seenOpaque.insert(self.protected.opaqueKey(of: key).id)
                    self.part.withheld += 1
                    continue
                }
                // The hub's own mark stands whatever the source says.
                let isProtected =
                    protection == .protected
                    || self.entity == .person && (self.protected.isMarked(key) || self.isMarked(body, key))
                if isProtected || staysInVault {
                    let opaque = self.protected.opaqueKey(of: key)
                    if isProtected, self.protected.protect(key) { self.newlyProtected.insert(opaque.id) }
                    if self.entity == .person { self.protected.learn(body) }
                    self.protected.carry(opaque)
                    self.seenOpaque.insert(opaque.id)
                    withheld.append(WithheldRecord(opaqueKey: opaque, key: key, body: body.canonicalData))
                    gone.append(RecordState(key: key, owner: nil, body: nil))
                    continue
                }
                self.seen.insert(key.id)
                if self.entity == .person, !self.seenOpaque.contains(self.protected.opaqueKey(of: key).id) {
                    self.protected.end(key)
                }
                if self.entity == .person {
                    for reference in RecordReferences.of(self.entity, body) where reference.key.entity == .person {
                        self.referrers[reference.key.id, default: []].append(key.id)
                    }
                }
                if self.entity == .person { try await self.protected.remember(body, in: self.intake.store) }
                staged.append(
                    RecordState(
                        key: key, owner: subject?.id, body: self.protected.masked(body, self.entity).canonicalData,
                        unit: SchoolUnit.of(self.entity, body)))
            }
        }
        var echoes = self.echoes
        self.part.echoes += try await echoes.take(from: &staged)
        self.echoes = echoes
        self.failing.formUnion(failures.compactMap(\.key))
        let differing = try await self.differing(staged)
        self.part.read += page.records.count + page.broken.count
        self.part.failed += failures.count
        self.part.withheld += withheld.count
        let store = self.intake.store
        if !self.ties.isEmpty {
            try await store.tie(self.ties, time: self.intake.clock.timestamp)
            self.ties = [:]
        }
        if !withheld.isEmpty || !failures.isEmpty {
            // The vault first: a protected person's record never waits anywhere else.
            _ = try await store.take(
                gone, withheld: withheld, failures: failures, source: self.run, counting: .seen, time: self.intake.clock.timestamp
            )
        }
        if !differing.isEmpty { try await store.stage(differing, run: self.run) }
        self.show(.reading, self.part.read)
    }

    /// A record that can't be used is there all the same: neither it nor what the vault has of it is gone.
    ///
    /// - Returns: the key by which it is known outside of the vault, when it is somebody's who is protected.
    private func noteUnusable(_ key: RecordKey?, _ document: JSONValue?) async throws -> RecordKey? {
        guard let key else { return nil }
        let opaque = self.protected.opaqueKey(of: key)
        self.seen.insert(key.id)
        self.seenOpaque.insert(opaque.id)
        if self.protected.isProtected(key) || document.map({ self.protected.isAbout(self.entity, $0) }) == true { return opaque }
        return try await self.intake.store.holds([opaque]).isEmpty ? key : opaque
    }

    /// Of what was read, what isn't as the register has it. The rest needn't be set aside: it would change nothing, and where
    /// protection changes what it refers to, the register is gone through for that.
    private func differing(_ states: [RecordState]) async throws -> [RecordState] {
        // A first load is all new.
        guard self.living > 0, !states.isEmpty else { return states }
        let comparisons = try await self.intake.store.compare(states, source: self.run)
        return zip(states, comparisons).compactMap { state, comparison in
            if comparison.difference == .unchanged, !self.setAside.contains(state.key.id), !self.failing.contains(state.key) {
                self.part.unchanged += 1
                return nil
            }
            self.setAside.insert(state.key.id)
            return state
        }
    }

    private func note(_ record: SourceRecord) {
        guard let text = record.document["meta"]?["modified"]?.stringValue, let date = RFC3339.date(text) else { return }
        self.latest = max(self.latest ?? date, date)
    }

    // MARK: Comparing

    /// What the source no longer has, by absence (full reading) or by its own word.
    private func gone(scope: ReadScope, deletions: [RecordKey]) async throws -> Gone {
        let store = self.intake.store
        var gone = Gone()
        guard self.intake.source.tellsAll(of: self.entity) else { return gone }
        if scope == .full {
            guard !self.hasNameless else {
                self.intake.logger.warning(
                    "A record without an id was read; nothing is deleted by absence this time",
                    metadata: ["source": "\(self.run)", "entity": "\(self.entity)"])
                return gone
            }
            let live = try await store.liveIDs(of: self.entity, source: self.run)
            gone.records = live.subtracting(self.seen).map { RecordKey(self.entity, $0) }
            if self.entity == .person {
                gone.withheld = self.protected.opaqueIDs.subtracting(self.seenOpaque).subtracting(self.protected.ending.keys)
                    .subtracting(self.protected.absent).subtracting(self.others)
                    .map { RecordKey(.person, $0) }
            } else {
                gone.withheld = try await store.withheldSources(of: self.entity).filter { $0.value == self.run }.keys
                    .filter { !self.seenOpaque.contains($0) }.map { RecordKey(self.entity, $0) }
            }
        } else {
            let live = try await store.records(Array(self.excluded)).values.filter {
                $0.operation == .upserted && $0.source == self.run
            }
            gone.records = Set(deletions).union(live.map(\.key)).filter { !self.seen.contains($0.id) }
            gone.withheld = Array(
                try await store.holds(Set(deletions.map(self.protected.opaqueKey(of:)))).filter {
                    !self.seenOpaque.contains($0.id)
                })
        }
        gone.records = try await self.echoes.own(gone.records).sorted()
        gone.withheld.sort()
        return gone
    }

    /// The records whose intake has failed and waits for somebody.
    func openFailures() async throws -> Set<RecordKey> {
        var filter = FailureFilter()
        filter.system = self.run
        filter.entity = self.entity
        filter.states = [.failed, .replaying]
        let failures = try await self.intake.store.list(filter)
        return Set(failures.filter { $0.failure.stage == .intake }.compactMap(\.failure.key))
    }

    func show(_ step: IntakeProgress.Step, _ count: Int) {
        self.progress(IntakeProgress(entity: self.entity, step: step, count: count))
    }

    // MARK: Taking

    private func apply(_ admission: Admission, gone: Gone) async throws {
        let identities = self.entity == .person ? self.intake.identities : nil
        try await self.forEachStaged { states in
            let chosen = admission.changed.map { keys in states.filter { keys.contains($0.key) } } ?? states
            guard !chosen.isEmpty else { return }
            try await identities?.tell(before: chosen)
            self.add(try await self.take(chosen, admission.counting))
        }
        var rest = gone.records[...]
        while !rest.isEmpty {
            let chunk = rest.prefix(500)
            rest = rest.dropFirst(500)
            try await identities?.forget(Array(chunk))
            self.add(
                try await self.take(chunk.map { RecordState(key: $0, owner: nil, body: nil) }, admission.counting))
        }
    }

    private func take(_ states: [RecordState], _ counting: TakeCounting) async throws -> TakeResult {
        try await self.intake.store.take(
            states, withheld: [], failures: [], source: self.run, counting: counting, time: self.intake.clock.timestamp)
    }

    private func add(_ result: TakeResult) {
        self.part.created += result.created
        self.part.updated += result.updated
        self.part.deleted += result.deleted
        self.part.unchanged += result.unchanged
        self.show(.taking, self.part.created + self.part.updated + self.part.deleted)
    }

    /// Goes through the staged records in order, masked by what is known at the end of the reading.
    func forEachStaged(_ body: ([RecordState]) async throws -> Void) async throws {
        var stale: Set<String> = []
        if self.entity == .person, self.protected.changed {
            for (person, ids) in self.referrers {
                let key = RecordKey(.person, person)
                if self.protected.isProtected(key) || self.protected.released.values.contains(person) { stale.formUnion(ids) }
            }
        }
        // Where somebody lives was learnt after others who live there were read.
        let isAllStale = self.entity == .person && self.protected.hasLearnt
        var after: RecordKey?
        while true {
            let states = try await self.intake.store.staged(run: self.run, after: after, limit: 500)
            guard let last = states.last else { return }
            after = last.key
            if isAllStale {
                for data in states.compactMap(\.body) {
                    try await self.protected.remember(try JSONValue(parsing: data), in: self.intake.store)
                }
            }
            let masked = try states.compactMap { state -> RecordState? in
                if self.entity == .person, self.protected.isProtected(state.key) {
                    // The source gave it twice, the second time protected.
                    return nil
                }
                guard isAllStale || stale.contains(state.key.id), let data = state.body else { return state }
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

extension NewFailure {
    /// The same of another key.
    fileprivate func named(_ key: RecordKey?) -> NewFailure {
        NewFailure(
            stage: self.stage, system: self.system, key: key, sequence: self.sequence, kind: self.kind, code: self.code,
            field: self.field, place: self.place, message: self.message, body: self.body, form: self.form)
    }
}
