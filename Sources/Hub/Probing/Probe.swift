public import ConnectorKit
import Foundation
import Mapping
public import Reconciliation
import SchoolRecords

/// Sends marked synthetic records the whole way: through the mappings of their masters, register, outbox, broker, delivery, the
/// systems' mappings and connectors, into the systems; reads them back; changes every field; deletes them; and sees to it that nothing
/// is left.
///
/// The register knows them as records of a source of their own (``ProbeRecords/source``), which every receiving system takes
/// as it takes those of the master. Which of them a system is given at all says the kept run (``ProbeRun/scope``).
public struct Probe: Sendable {
    let store: any HubStore
    let mappings: MappingBook
    let targets: [any TargetConnector]
    let plan: ProbePlan
    let check: ProbeCheck
    let records: ProbeRecords
    let unit: String
    let parent: String?
    let patience: ProbePatience
    let clock: HubClock

    /// - Parameters:
    ///   - unit: the id of the school unit that the records belong to, and of the organisation above it.
    ///   - agreed: `nil` when nothing was agreed yet.
    public init(
        store: any HubStore, mappings: MappingBook, targets: [any TargetConnector], plan: ProbePlan, agreed: AgreedFields?,
        unit: String, parent: String?, numbers: [String], patience: ProbePatience = ProbePatience(), clock: HubClock = .system
    ) {
        self.store = store
        self.mappings = mappings
        self.targets = targets
        self.plan = plan
        self.check = ProbeCheck(agreed: agreed, now: mappings.set.fieldCarriages.map(FieldLine.init))
        self.records = ProbeRecords(unit: unit, numbers: numbers, today: clock.calendarDate)
        self.unit = unit
        self.parent = parent
        self.patience = patience
        self.clock = clock
    }

    /// Runs the probe from the beginning to the clean end.
    ///
    /// - Parameter progress: told what it is about to do.
    /// - Throws: what the store throws; what was written is taken away before.
    public func run(
        by person: String, progress: @Sendable (ProbeFinding.Phase) -> Void = { _ in }
    ) async throws -> ProbeReport {
        let started = self.clock.timestamp
        let id = "probe-" + started.filter(\.isNumber)
        var run = ProbeRun(id: id, by: person, startedAt: started, scope: self.plan.scope)
        let cleaner = ProbeCleaner(store: self.store, mappings: self.mappings, clock: self.clock)
        // What an interrupted run has left goes first, by that run's own scope.
        let left = try await cleaner.clean()
        if !left.isEmpty { _ = try await self.settle(left, .deleted) }
        try await self.store.keep(run)
        let findings: [ProbeFinding]
        let proven: [String: Set<String>]
        do {
            (findings, proven) = try await self.walk(progress)
        } catch {
            _ = try await cleaner.clean()
            throw error
        }
        var report = ProbeReport(
            run: id, by: person, startedAt: started, finishedAt: self.clock.timestamp, unit: self.unit, parts: self.plan.parts,
            findings: ProbeFinding.first(of: findings), proven: proven, lasting: [], isClean: true)
        report.lasting = self.plan.lasting.flatMap { system, kinds in kinds.map { "\(system)/\($0)" } }.sorted()
        let isRegisterClean = try await cleaner.leftovers().isEmpty
        report.isClean = isRegisterClean && !findings.contains { $0.phase == .deleted }
        report.finishedAt = self.clock.timestamp
        run.finishedAt = report.finishedAt
        run.report = String(decoding: try JSONEncoder().encode(report), as: UTF8.self)
        try await self.store.keep(run)
        return report
    }

    private func walk(
        _ progress: @Sendable (ProbeFinding.Phase) -> Void
    ) async throws -> (findings: [ProbeFinding], proven: [String: Set<String>]) {
        progress(.created)
        let first = try await self.send(.first, .created)
        var findings = first.findings
        findings += try await self.look(first, before: [:], .created)
        progress(.updated)
        let second = try await self.send(.second, .updated)
        findings += second.findings
        findings += try await self.look(second, before: first.given, .updated)
        let proven = Self.proven(second.given, findings)
        progress(.deleted)
        findings += try await self.end()
        return (findings, proven)
    }

    /// The fields that were given and about which there is nothing to say.
    private static func proven(
        _ given: [String: [RecordKey: [TargetRow]]], _ findings: [ProbeFinding]
    ) -> [String: Set<String>] {
        given.reduce(into: [:]) { proven, entry in
            let (system, rows) = entry
            let wrong = findings.filter { $0.system == system }
            // Of a row that isn't there, or of a system that didn't answer, nothing is proven.
            let lost = Set(wrong.filter { $0.field == nil }.map(\.kind))
            guard !lost.contains(Self.everyKind) else { return }
            var fields: Set<String> = []
            for row in rows.values.joined() where !lost.contains(row.kind) {
                fields.formUnion(row.fields.keys.map { "\(row.kind).\($0)" })
            }
            proven[system] = fields.subtracting(wrong.map { "\($0.kind).\($0.field ?? "")" })
        }
    }

    private static let everyKind = "*"

    // MARK: Sending

    /// What has been sent in one state.
    private struct Sent {
        var findings: [ProbeFinding] = []
        var records: [ProbeCheck.Subject] = []
        var keys: [RecordKey: Int64] = [:]
        /// The rows that each system was given, by record.
        var given: [String: [RecordKey: [TargetRow]]] = [:]
    }

    private func send(_ state: ProbeRecords.State, _ phase: ProbeFinding.Phase) async throws -> Sent {
        var sent = Sent()
        var bodies: [(name: String, key: RecordKey, body: JSONValue)] = []
        let set = self.mappings.set
        let scope = self.plan.scope
        for document in self.records.documents(state) {
            let entity = document.key.entity
            var body = document.json
            if let system = set.authority(for: entity), let mapping = set.inbound(system: system, entity: entity) {
                do throws(MappingFailure) {
                    guard let mapped = try mapping.apply(document.json, today: self.clock.calendarDate) else { continue }
                    body = mapped
                } catch {
                    sent.findings.append(DryProbe.finding(error, .reading, system, entity.rawValue))
                    continue
                }
                let subject = ProbeCheck.Subject(name: document.name.rawValue, entity: entity, body: document.json)
                sent.findings += self.check.reading(subject, body, from: system, phase: phase)
            }
            body = try SchoolRecord.validate(entity, body)
            bodies.append((document.name.rawValue, document.key, body))
        }
        let states = bodies.map { _, key, body in
            RecordState(
                key: key, owner: SchoolRecord.subject(key.entity, body)?.id, body: body.canonicalData,
                unit: SchoolUnit.of(key.entity, body))
        }
        _ = try await self.store.take(
            states, withheld: [], failures: [], source: ProbeRecords.source, counting: .seen, time: self.clock.timestamp)
        let kept = try await self.store.records(bodies.map(\.key))
        for (_, key, body) in bodies where kept[key]?.body != body.canonicalData {
            sent.findings.append(
                ProbeFinding(
                    system: "hub", hop: .register, flaw: kept[key] == nil ? .rowMissing : .otherValue, phase: phase,
                    kind: key.entity.rawValue))
        }
        sent.keys = kept.mapValues(\.sequence)
        let roles = set.probeRoles.filter { scope[$0.system]?.contains(.roleGrant) == true }.map { system, role in
            self.records.role(role.name, in: system, at: role.isAtSchool ? self.parent : nil, state)
        }
        if !roles.isEmpty {
            let publisher = RolePublisher(store: self.store, mappings: self.mappings, clock: self.clock)
            for taking in try await publisher.publish(roles.map { RoleChange(.granted, $0) }) {
                sent.keys[taking.key] = taking.sequence
            }
            bodies += roles.map { (ProbeRecords.Name.role.rawValue, RecordKey(.roleGrant, $0.id), $0.json) }
        }
        sent.records = DryProbe.related(bodies + (try await self.organisations()))
            .filter { $0.entity != .organisation }
        sent.findings += try await self.settle(sent.keys, phase)
        for system in scope.keys {
            let states = try await self.store.states(of: Array(sent.keys.keys), in: system)
            sent.given[system] = states.filter { key, state in state.sequence >= sent.keys[key] ?? 0 }.mapValues(\.rows)
        }
        return sent
    }

    /// The organisations that the records refer to, as the register has them.
    private func organisations() async throws -> [(name: String, key: RecordKey, body: JSONValue)] {
        let keys = [self.unit, self.parent].compactMap { $0 }.map { RecordKey(.organisation, $0) }
        return try await self.store.records(keys).compactMap { key, record in
            (try? JSONValue(parsing: record.body)).map { ("unit", key, $0) }
        }
    }

    // MARK: Looking

    private func look(
        _ sent: Sent, before: [String: [RecordKey: [TargetRow]]], _ phase: ProbeFinding.Phase
    ) async throws -> [ProbeFinding] {
        var findings: [ProbeFinding] = []
        for (system, entities) in self.plan.scope.sorted(by: { $0.key < $1.key }) {
            let given = sent.given[system] ?? [:]
            for record in sent.records where entities.contains(record.entity) {
                if record.entity == .roleGrant, record.body["system"]?.stringValue != system { continue }
                guard let id = record.body["id"]?.stringValue, let rows = given[RecordKey(record.entity, id)] else { continue }
                let wanted = self.plan.kinds[system]?[record.name] ?? []
                findings += self.check.mapping(rows.map(HeldRow.init), of: record, to: system, expecting: wanted, phase: phase)
            }
            guard let target = self.targets.first(where: { $0.system == system }) as? any ReadableTarget else { continue }
            let rows = Set(given.values.joined())
            let carrier = target as? any RowCarrying
            let carried = rows.compactMap { carrier?.carried($0) }
            let old = Set((before[system] ?? [:]).values.joined())
            // What an earlier probe had to leave there is none of this one's.
            let own = Set(rows.map(\.kind)).union(target.removableKinds)
            findings += try await self.patiently(target, phase) { all in
                let held = all.filter { own.contains($0.kind) }
                return self.check.held(
                    given: rows.map(HeldRow.init), carried: carried.map(HeldRow.init), before: old.map(HeldRow.init), held: held,
                    in: system, phase: phase)
            }
        }
        return findings
    }

    /// The probe's rows among those that a system shows.
    static func held(in target: any ReadableTarget) async throws -> [HeldRow] {
        let collector = HeldCollector()
        try await target.readHeld { rows in
            await collector.add(
                rows.filter { row in
                    ([row.key] + row.fields.values).contains { $0.contains(ProbeRecords.marker) || ProbeRecords.hasKey($0) }
                })
        }
        return await collector.rows.map(HeldRow.init)
    }

    private actor HeldCollector {
        private(set) var rows: [TargetRow] = []
        func add(_ rows: [TargetRow]) { self.rows += rows }
    }

    /// Looks again for a while before something is said to be wrong: a system may need a moment to show what it has taken.
    private func patiently(
        _ target: any ReadableTarget, _ phase: ProbeFinding.Phase, _ look: ([HeldRow]) -> [ProbeFinding]
    ) async throws -> [ProbeFinding] {
        let end = self.clock.now().addingTimeInterval(self.patience.showing)
        while true {
            var findings: [ProbeFinding]
            do {
                findings = look(try await Self.held(in: target))
            } catch let failure as ConnectorFailure {
                // One system that doesn't answer must not keep back what is known of the others.
                findings = [
                    ProbeFinding(
                        system: target.system, hop: .system, flaw: .failed, phase: phase, kind: Self.everyKind,
                        found: failure.code)
                ]
            }
            if findings.isEmpty || self.clock.now() >= end { return findings }
            try await self.clock.sleep(.milliseconds(500))
        }
    }

    // MARK: Ending

    private func end() async throws -> [ProbeFinding] {
        let cleaner = ProbeCleaner(store: self.store, mappings: self.mappings, clock: self.clock)
        if !self.plan.lasting.values.allSatisfy(\.isEmpty) { try await self.endPlacement() }
        var findings = try await self.settle(try await cleaner.clean(), .deleted)
        for (system, _) in self.plan.scope.sorted(by: { $0.key < $1.key }) {
            guard let target = self.targets.first(where: { $0.system == system }) as? any ReadableTarget else { continue }
            findings += try await self.patiently(target, .deleted) { held in
                self.check.left(held.filter { target.removableKinds.contains($0.kind) }, in: system)
            }
        }
        return findings
    }

    /// A placement that stays somewhere must not look as if it went on.
    private func endPlacement() async throws {
        for document in self.records.documents(.second) where document.name == .placement {
            var body = document.json
            body["endDate"] = .string(CalendarDate(daysSinceEpoch: self.clock.calendarDate.daysSinceEpoch - 1).description)
            let state = RecordState(key: document.key, owner: ProbeRecords.Name.pupil.id, body: body.canonicalData)
            _ = try await self.store.take(
                [state], withheld: [], failures: [], source: ProbeRecords.source, counting: .seen, time: self.clock.timestamp)
            _ = try await self.settle(try await self.store.records([document.key]).mapValues(\.sequence), .updated)
        }
    }

    // MARK: Waiting

    /// Returns when every system has been given these states, or what has become of them instead is known.
    private func settle(_ keys: [RecordKey: Int64], _ phase: ProbeFinding.Phase) async throws -> [ProbeFinding] {
        var findings: [ProbeFinding] = []
        let set = self.mappings.set
        let end = self.clock.now().addingTimeInterval(self.patience.delivery)
        for system in self.plan.scope.keys.sorted() {
            let delivered = Set(set.deliveredEntities(system: system))
            var open = keys.filter { key, _ in delivered.contains(key.entity) }
            let records = try await self.store.records(Array(open.keys))
            open = open.filter { key, _ in records[key]?.concerns(system) ?? false }
            while true {
                let states = try await self.store.states(of: Array(open.keys), in: system)
                open = open.filter { key, sequence in
                    guard let state = states[key] else { return phase != .deleted }
                    return state.sequence < sequence
                }
                for key in open.keys.sorted() {
                    guard let failure = try await self.failure(of: key, in: system) else { continue }
                    open[key] = nil
                    findings.append(Self.finding(failure, system, phase))
                }
                if open.isEmpty { break }
                guard self.clock.now() < end else {
                    for key in open.keys.sorted() { findings.append(try await self.stuck(key, in: system, phase)) }
                    break
                }
                try await self.clock.sleep(.milliseconds(100))
            }
        }
        return findings
    }

    private func failure(of key: RecordKey, in system: String) async throws -> FailedMessage? {
        var filter = FailureFilter()
        (filter.system, filter.entity, filter.record, filter.states) = (system, key.entity, key.id, [.failed])
        return try await self.store.list(filter).last { $0.failure.stage == .delivery }
    }

    private static func finding(_ failed: FailedMessage, _ system: String, _ phase: ProbeFinding.Phase) -> ProbeFinding {
        let failure = failed.failure
        let isMapping = failure.kind == "mapping"
        return ProbeFinding(
            system: system, hop: isMapping ? .mapping : .system,
            flaw: failure.code == "value-without-code" ? .wrongCode : .failed,
            phase: phase, kind: failure.key?.entity.rawValue ?? "-", field: failure.field, found: failure.code,
            place: failure.place ?? "knutpunkt failed show \(failed.id)")
    }

    /// Where a message is that didn't arrive in time.
    private func stuck(_ key: RecordKey, in system: String, _ phase: ProbeFinding.Phase) async throws -> ProbeFinding {
        let places = try await self.store.whereabouts(of: key, systems: [system])
        let place: String? =
            if let held = places.held[system] {
                "knutpunkt held show \(held)"
            } else if let waits = places.waits[system]?.min() {
                "waits for \(waits)"
            } else if let retry = places.retries[system] {
                "retries: \(retry.reason)"
            } else if !places.outbox.isEmpty {
                "outbox"
            } else {
                "queue deliver.\(system)"
            }
        return ProbeFinding(
            system: system, hop: .delivery, flaw: .notArrived, phase: phase, kind: key.entity.rawValue, place: place)
    }
}

/// How long the probe waits, in seconds.
public struct ProbePatience: Sendable {
    /// For a message to be delivered.
    public var delivery: Double
    /// For a system to show what it has taken.
    public var showing: Double

    public init(delivery: Double = 120, showing: Double = 10) {
        self.delivery = delivery
        self.showing = showing
    }
}

extension HeldRow {
    init(_ row: TargetRow) { self.init(kind: row.kind, key: row.key, fields: row.fields) }
}
