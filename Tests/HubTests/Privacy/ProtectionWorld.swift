import ConnectorKit
import Foundation
import Logging
import Mapping
import Messaging
import Reconciliation
import SQLStores
import SQLiteDatabase
import SchoolRecords
import Synchronization
import TestChance

@testable import Hub

/// A hub with three receivers of different clearance, without a broker: messages lie in arrays until a test hands them out, and the
/// clock moves when a test moves it.
///
/// Beside it stands a model that knows nothing of how the hub does it: who may have what, since when. Every message that is
/// published, every row that is written and everything that a receiver holds is held against it.
final class ProtectionWorld {
    static let systems = ["alfa", "beta", "gamma"]
    static let people = 8
    /// Who lives together, and who is whose guardian.
    static let households = [0, 0, 1, 1, 0, 1, 2, 3]
    static let guardians = [0: [4], 1: [4], 2: [5], 3: [5, 7]]

    enum Form: Hashable { case open, withhold, masked, fictitious, cleared }

    let store: any HubStore
    let key: HubKey
    let book: MappingBook
    let policies: [MappingSet]
    let source = HookedSource()
    let time = MovedTime()
    private let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

    var queues: [String: [Message]] = [:]
    var holdings: [String: [RowIdentity: TargetRow]] = [:]
    var isDown: Set<String> = []
    private var underWay: [String: PreparedBatch] = [:]

    // MARK: The model

    /// What the source says, and what of it the hub has read.
    var said: [Int: String] = [:]
    var read: [Int: String] = [:]
    var marked: [Int: ProtectionLevel] = [:]
    var consents: Set<Int> = []
    var blocked: Set<[Int]> = []
    var policy = 0
    private var history: [(until: Date, allowed: [String: [Int: Form]])] = []
    private var present: [String: [Int: Form]] = [:]
    private var blockHistory: [(until: Date, blocked: Set<[Int]>)] = []
    private var presentBlocks: Set<[Int]> = []
    private var versions: [Int: Int] = [:]
    private(set) var checks = 0
    private var identities: [Int: FictitiousIdentity] = [:]

    init(directory: String) async throws {
        self.key = HubKey(material: Data(repeating: 7, count: 32))
        self.store = try await SQLStore.open(database: SQLiteDatabase.open(path: directory + "/store.sqlite"), key: self.key)
        self.policies = try Self.policyTexts.map(Self.mappings)
        self.book = MappingBook(self.policies[0])
        for person in 0..<Self.people { self.said[person] = "Ingen" }
        self.put()
        _ = try await self.intake(.full)
        self.noteChange()
    }

    var clock: HubClock {
        let time = self.time
        return HubClock(now: { time.now }, sleep: { _ in throw CancellationError() })
    }
    var now: Date { self.time.now }
    var protector: Protector { Protector(store: self.store, key: self.key, mappings: self.book, clock: self.clock) }
    var keeper: FormKeeper { FormKeeper(store: self.store, key: self.key, mappings: self.book, clock: self.clock) }

    static func id(_ person: Int) -> String { Documents.id(500 + person) }
    func opaque(_ person: Int) -> String { self.key.opaqueKey(for: RecordKey(.person, Self.id(person))).id }

    // MARK: What the source has

    func change(_ person: Int) { self.versions[person, default: 0] += 1 }

    func put() {
        let modified = RFC3339.text(self.now)
        for person in 0..<Self.people {
            let version = self.versions[person] ?? 0
            var document = Documents.person(
                500 + person, unit: person < 4 ? 592 : nil, marking: self.said[person] ?? "Ingen",
                guardians: (Self.guardians[person] ?? []).map { 500 + $0 }, modified: modified)
            document["givenName"] = .string("Namn\(person)q\(version)")
            document["familyName"] = .string("Efter\(person)q\(version)")
            document["civicNo"] = ["value": .string(Self.number(person, version)), "nationality": "SE"]
            document["addresses"] = [
                [
                    "type": "Folkbokföring", "streetAddress": .string("Gata\(Self.households[person])q 1"), "postalCode": "97100",
                    "locality": "Prov",
                ]
            ]
            document["emails"] = [["value": .string("post\(person)q@prov.example"), "type": "Privat"]]
            self.source.put(.person, document)
        }
        self.source.put(.organisation, Documents.school(591))
        self.source.put(.organisation, Documents.unit(592, of: 591))
        self.source.put(.group, Documents.group(593, school: 591, members: [500, 501, 502, 503], modified: modified))
        self.source.put(.duty, Documents.duty(594, person: 506, school: 591, title: "2752 Grundskollärare"))
    }

    /// A temporary number: nobody's.
    static func number(_ person: Int, _ version: Int) -> String {
        let last = person * 10 + version % 10
        return "20130101TF" + (last < 10 ? "0\(last)" : "\(last)")
    }

    // MARK: What happens

    @discardableResult
    func intake(_ mode: Intake.Mode) async throws -> IntakeReport {
        let intake = Intake(
            source: self.source, store: self.store, key: self.key, mappings: self.book,
            limits: ChangeLimits(), clock: self.clock, logger: self.logger)
        let report = try await intake.run(mode)
        self.read = self.said
        return report
    }

    /// The model takes notice of what is so from now on.
    func noteChange() {
        self.history.append((self.now, self.present))
        self.blockHistory.append((self.now, self.presentBlocks))
        self.present = Dictionary(
            uniqueKeysWithValues: Self.systems.map { system in
                (system, Dictionary(uniqueKeysWithValues: (0..<Self.people).map { ($0, self.form($0, system)) }))
            })
        self.presentBlocks = self.blocked
    }

    /// Who may have what, said a second time: as plainly as it can be.
    private func form(_ person: Int, _ system: String) -> Form {
        var levels: Set<String> = []
        if let mark = self.read[person], mark != "Ingen" {
            levels.insert(
                ["Sekretessmarkering": "s", "Skyddad folkbokföring": "f"][mark] ?? "unknown")
        }
        if let mark = self.marked[person] {
            levels.insert(["sekretessmarkering": "s", "skyddad_folkbokforing": "f"][mark.rawValue] ?? "h")
        }
        guard !levels.isEmpty else { return .open }
        let isChild = person < 4
        var forms: [Form] = []
        for level in levels {
            switch (system, self.policy, level) {
            case (_, 2, _), (_, _, "unknown"): forms.append(.withhold)
            case ("alfa", 0, "s"): forms.append(isChild ? .fictitious : .withhold)
            case ("alfa", 1, _): forms.append(isChild ? .masked : .withhold)
            case ("beta", 0, "s"), ("beta", 1, "s"), ("beta", 1, "h"): forms.append(.cleared)
            case ("gamma", 0, "h"), ("gamma", 1, "s"): forms.append(isChild ? .masked : .withhold)
            case ("gamma", 0, "f"): forms.append(isChild ? .fictitious : .withhold)
            default: forms.append(.withhold)
            }
        }
        // Whoever is nothing that the hub knows of is given to nobody.
        for strictest in [Form.withhold, .masked, .fictitious, .cleared] where forms.contains(strictest) {
            return strictest == .fictitious && !self.consents.contains(person) ? .withhold : strictest
        }
        return .withhold
    }

    static let policyTexts = [
        """
        systems:
          alfa:
            sekretessmarkering: {child: {give: fictitious, fields: {person: [enrolments]}, class_lists: true}}
          beta:
            sekretessmarkering: {give: cleared, legal_basis: "lag och beslut i provet", class_lists: true}
          gamma:
            hub: {child: {give: masked, fields: {person: [enrolments]}, class_lists: false}}
            skyddad_folkbokforing: {child: {give: fictitious, fields: {person: [enrolments]}, class_lists: true}}
        """,
        """
        systems:
          alfa:
            sekretessmarkering: {child: {give: masked, fields: {person: [enrolments]}}}
            skyddad_folkbokforing: {child: {give: masked, fields: {person: [enrolments]}}}
            hub: {child: {give: masked, fields: {person: [enrolments]}, class_lists: true}}
          beta:
            sekretessmarkering: {give: cleared, legal_basis: "lag och beslut i provet"}
            hub: {give: cleared, legal_basis: "lag och beslut i provet", class_lists: true}
          gamma:
            sekretessmarkering: {child: {give: masked, fields: {person: [enrolments]}, class_lists: true}}
        """,
        "systems: {}\n",
    ]

    static func mappings(_ policy: String) throws -> MappingSet {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("../../../Mappings")
            .standardized
        var files = [MappingFile(path: "privacy.yaml", text: policy)]
        let paths =
            ["system", "person", "group", "duty", "organisation"].map { "edlevo/\($0).yaml" } + [
                "codes/title_code.csv", "codes/school_type.csv", "codes/duty_role.csv",
            ]
        for path in paths {
            files.append(
                MappingFile(path: path, text: try String(contentsOf: root.appendingPathComponent(path), encoding: .utf8)))
        }
        for system in Self.systems {
            files.append(MappingFile(path: "\(system)/system.yaml", text: "connector: delimited_files\ndirection: target\n"))
            files.append(MappingFile(path: "\(system)/person.yaml", text: Self.personMapping))
            files.append(MappingFile(path: "\(system)/group.yaml", text: Self.groupMapping))
            files.append(MappingFile(path: "\(system)/organisation.yaml", text: Self.organisationMapping))
        }
        let load = MappingSet.load(files)
        guard let set = load.set else { throw TestProblem("the mappings don't load: \(load.diagnostics)") }
        return set
    }

    private static let personMapping = """
        purpose: p
        rows:
          - kind: person
            key: id
            fields:
              id: {from: id, required: true}
              name: givenName
              family: familyName
              number: {from: civicNo.value, transform: {identity_number: digits12}}
              street: "addresses[type = Folkbokföring].streetAddress"
              mail: "emails[type = Privat].value"
              mark: securityMarking
          - kind: school
            each: {enrolment: enrolments}
            key: [person, unit]
            fields:
              person: {from: id, required: row}
              unit: {from: enrolment.enroledAt->id, required: row}
          - kind: guardian
            each: {responsible: responsibles}
            key: [child, guardian]
            fields:
              child: {from: id, required: row}
              guardian: {from: responsible.person->id, required: row}
        """
    private static let groupMapping = """
        purpose: p
        rows:
          - kind: member
            each: {member: groupMemberships}
            key: [group, person]
            fields:
              group: {from: id, required: row}
              person: {from: member.person->id, required: row}
              name: member.person->givenName
        """
    private static let organisationMapping = """
        purpose: p
        rows:
          - kind: organisation
            key: id
            fields: {id: {from: id, required: true}, name: displayName}
        """
}

extension ProtectionWorld {
    // MARK: The way to the receivers

    /// Publishes what stands in the outbox.
    func relay(_ most: Int) async throws {
        let entries = try await self.store.next(limit: most)
        for entry in entries {
            try self.check(published: entry)
            let message = entry.change.message
            switch entry.exchange {
            case "", RecordChange.clearedExchange: self.queues[entry.routingKey, default: []].append(message)
            case RecordChange.exchange:
                for system in Self.systems { self.queues["deliver.\(system)", default: []].append(message) }
            default: break
            }
        }
        try await self.store.published(entries.map(\.position))
    }

    /// Takes messages of one queue and writes what they mean; a system that is down takes nothing, and what was to be written waits.
    func deliver(_ system: String, cleared: Bool, _ most: Int) async throws {
        if let waiting = self.underWay[system] {
            let rest = try await Withdrawal(store: self.store).withoutOvertaken(waiting)
            self.underWay[system] = rest
            guard !self.isDown.contains(system) else { return }
            self.underWay[system] = nil
            try await self.write(rest)
        }
        let queue = cleared ? RecordChange.clearedQueue(of: system) : HubTopology.deliveryQueue(of: system)
        let messages = (self.queues[queue] ?? []).prefix(most)
        guard !messages.isEmpty else { return }
        self.queues[queue]?.removeFirst(messages.count)
        let seal = ClearedSeal(key: self.key, system: system)
        let changes = try messages.map { message in
            let change = try RecordChange(message)
            return change.isSealed ? try seal.opened(change) : change
        }
        let planner = DeliveryPlanner(
            system: system, mappings: self.book.set, today: self.clock.calendarDate, store: self.store)
        let plan = try await planner.plan(changes)
        let failed = plan.settlements.contains { if case .failed = $0.outcome { true } else { false } }
        if failed { throw TestProblem("something can't be mapped for \(system)") }
        let prepared = PreparedBatch(
            system: system, batch: TargetBatch(id: UUID().uuidString, writes: plan.writes), settlements: plan.settlements)
        guard !plan.writes.isEmpty else {
            return try await self.store.settle(plan.settlements, in: system, time: self.clock.timestamp)
        }
        try await self.store.prepare(prepared)
        if self.isDown.contains(system) { self.underWay[system] = prepared } else { try await self.write(prepared) }
    }

    private func write(_ prepared: PreparedBatch) async throws {
        for write in prepared.batch.writes {
            for row in write.removed { self.holdings[prepared.system]?[row.identity] = nil }
            for row in write.set {
                try self.check(row, in: prepared.system, "written")
                self.holdings[prepared.system, default: [:]][row.identity] = row
            }
        }
        try await self.store.settle(prepared.settlements, in: prepared.system, time: self.clock.timestamp)
    }

    /// Everything that can move has moved.
    func pump() async throws {
        for _ in 0..<40 {
            try await self.relay(500)
            var isIdle = true
            for system in Self.systems {
                for cleared in [true, false] {
                    let queue = cleared ? RecordChange.clearedQueue(of: system) : HubTopology.deliveryQueue(of: system)
                    if self.isDown.contains(system) { continue }
                    if self.underWay[system] != nil || !(self.queues[queue] ?? []).isEmpty { isIdle = false }
                    try await self.deliver(system, cleared: cleared, 500)
                }
            }
            if isIdle, try await self.store.backlog() == 0 { return }
        }
        throw TestProblem("it doesn't come to rest")
    }

    /// Time goes by in a running hub: it looks at everything well within a minute.
    func wait(seconds: Int) async throws {
        var left = seconds
        while left > 0 {
            let step = min(left, 15)
            left -= step
            self.time.move(seconds: step)
            try await self.keeper.refresh()
            try await self.pump()
        }
        self.history.removeAll { $0.until < self.now.addingTimeInterval(-120) }
    }

    // MARK: Held against the model

    /// What was allowed at any time in the last minute.
    func allowed(_ person: Int, _ system: String) -> Set<Form> {
        var forms: Set<Form> = [self.present[system]?[person] ?? .open]
        let minuteAgo = self.now.addingTimeInterval(-60)
        for (until, allowed) in self.history where until >= minuteAgo { forms.insert(allowed[system]?[person] ?? .open) }
        return forms
    }

    private func isBlocked(_ child: Int, _ guardian: Int) -> Bool {
        let minuteAgo = self.now.addingTimeInterval(-60)
        return self.presentBlocks.contains([child, guardian])
            && !self.blockHistory.contains { $0.until >= minuteAgo && !$0.blocked.contains([child, guardian]) }
    }

    private static func tokens(_ person: Int) -> [String] {
        ["Namn\(person)q", "Efter\(person)q", "post\(person)q", Self.id(person)]
            + (0..<10).map { Self.number(person, $0) }
    }

    /// On the wire nobody who is protected is to be seen, from the very moment on.
    private func check(published entry: OutboxEntry) throws {
        self.checks += 1
        let text = String(decoding: entry.change.body, as: UTF8.self)
        for person in 0..<Self.people {
            let isOpen = self.read[person] == "Ingen" && self.marked[person] == nil
            guard entry.exchange == RecordChange.clearedExchange || !isOpen else { continue }
            let isGone = entry.change.operation == .deleted && entry.change.key.id == Self.id(person)
            for token in Self.tokens(person) where text.contains(token) && !isGone {
                throw TestProblem("\(entry.exchange) \(entry.routingKey) shows person \(person)")
            }
        }
    }

    private func check(_ row: TargetRow, in system: String, _ what: String) throws {
        self.checks += 1
        let text = row.key + "|" + row.fields.values.joined(separator: "|")
        for person in 0..<Self.people {
            let allowed = self.allowed(person, system)
            let isReal = allowed.contains(.open) || allowed.contains(.cleared)
            if !isReal {
                for token in Self.tokens(person) where text.contains(token) {
                    throw TestProblem("\(system): \(row.kind) \(what) with real data of person \(person), allowed \(allowed)")
                }
            }
            if !isReal, text.contains("Gata\(Self.households[person])q") {
                let whose = (0..<Self.people).first { row.key == Self.id($0) || row.key == self.opaque($0) } ?? -1
                throw TestProblem(
                    "\(system): \(row.kind) \(whose) \(what) with the address of person \(person), allowed \(allowed)")
            }
            if allowed.isDisjoint(with: [.masked, .fictitious, .cleared]), text.contains(self.opaque(person)) {
                throw TestProblem("\(system): \(row.kind) \(what) names person \(person), allowed \(allowed)")
            }
            if let identity = self.identities[person], !allowed.contains(.fictitious), text.contains(identity.number) {
                throw TestProblem("\(system): \(row.kind) \(what) with a fictitious identity of person \(person)")
            }
        }
        guard row.kind == "guardian" else { return }
        for (child, guardians) in Self.guardians {
            for guardian in guardians where self.isBlocked(child, guardian) {
                if [Self.id(child), self.opaque(child)].contains(row.fields["child"] ?? ""),
                    [Self.id(guardian), self.opaque(guardian)].contains(row.fields["guardian"] ?? "")
                {
                    throw TestProblem("\(system): guardian \(guardian) is told of child \(child)")
                }
            }
        }
    }

    /// Everything that receivers hold which can be reached.
    func checkHoldings() async throws {
        for (person, identity) in try await self.fictitious() { self.identities[person] = identity }
        for system in Self.systems where !self.isDown.contains(system) {
            for row in (self.holdings[system] ?? [:]).values { try self.check(row, in: system, "held") }
        }
    }

    /// What the reconciler says that every receiver should hold is what it holds: no more, and no less.
    func checkExpected() async throws {
        var expected: [String: [String: [String: String]]] = [:]
        let reading = ExpectedReading(
            store: self.store, mappings: self.book.set, systems: Self.systems, today: self.clock.calendarDate)
        try await reading.read { page in
            for (system, rows) in page.rows {
                rows.forEach { expected[system, default: [:]]["\($0.kind) \($0.key)"] = $0.fields }
            }
        }
        for system in Self.systems {
            let held = Dictionary(
                uniqueKeysWithValues: (self.holdings[system] ?? [:]).values.map { ("\($0.kind) \($0.key)", $0.fields) })
            let wanted = expected[system] ?? [:]
            let differing = Set(held.keys).union(wanted.keys).filter { held[$0] != wanted[$0] }
            guard let first = differing.min() else { continue }
            throw TestProblem(
                "\(system): \(differing.count) rows differ, e.g. \(first): \(held[first] ?? [:]), expected \(wanted[first] ?? [:])"
            )
        }
    }

    func fictitious() async throws -> [Int: FictitiousIdentity] {
        let known = try await self.store.fictitiousIdentities()
        return Dictionary(
            uniqueKeysWithValues: (0..<Self.people).compactMap { person in known[self.opaque(person)].map { (person, $0) } })
    }
}

/// The time, which a test moves.
final class MovedTime: Sendable {
    private let instant = Mutex(RFC3339.date("2026-11-29T08:00:00Z") ?? .distantPast)

    var now: Date { self.instant.withLock { $0 } }

    func move(seconds: Int) { self.instant.withLock { $0 = $0.addingTimeInterval(Double(seconds)) } }
}

/// A source that something happens in the middle of the reading of.
final class HookedSource: SourceConnector {
    private let inner = ScriptedSource(entities: [.organisation, .person, .group, .duty])
    let hook = Mutex<(@Sendable () async throws -> Void)?>(nil)

    var system: String { self.inner.system }
    var entities: [Entity] { self.inner.entities }

    func put(_ entity: Entity, _ document: JSONValue) { self.inner.put(entity, document) }

    func read(_ entity: Entity, scope: ReadScope, handle: @Sendable (SourcePage) async throws -> Void) async throws {
        try await self.inner.read(entity, scope: scope, handle: handle)
        guard entity == .person else { return }
        let hook = self.hook.withLock { hook in
            defer { hook = nil }
            return hook
        }
        try await hook?()
    }

    func read(_ key: RecordKey) async throws -> SourceRecord? { try await self.inner.read(key) }
    func deletions(after instant: Date) async throws -> [RecordKey] { [] }
    func probe() async throws {}
}
