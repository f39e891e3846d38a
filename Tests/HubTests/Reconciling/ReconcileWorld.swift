import ConnectorKit
import Foundation
import Hub
import Mapping
import Messaging
import Reconciliation
import SchoolRecords
import StandIns
import Synchronization

/// A municipality in the register, and what five systems hold of it: all of them what they should.
struct ReconcileWorld {
    static let names = ["skola24files", "skolon", "tempus", "unikum", "vega"]

    let hub: TestHub
    let systems: [String: HeldSystem]
    /// What each system should hold, worked out record by record: row → the records that give it, in the order of their keys.
    let givers: [String: [RowIdentity: [RecordKey]]]
    let expected: [String: [RowIdentity: [String: String]]]
    /// Persons whose identity is protected, by their real ids, and their numbers.
    let protectedPersons: [RecordKey]
    let protectedNumbers: [String]

    /// - Parameters:
    ///   - roles: how many of the staff have a role in each system that takes roles.
    ///   - keepsPlaces: whether Tempus keeps places that are taken away.
    ///   - keepBack: records that never reach Vega, of those that give a row there; published long ago, but for those of `recent`.
    static func with<Result>(
        _ scale: SyntheticMunicipality.Scale, roles: Int, seed: UInt64 = 20261129, limits: JSONValue? = nil,
        keepsPlaces: Bool = true,
        keepBack: (_ pupils: [RecordKey]) -> (all: Set<RecordKey>, recent: Set<RecordKey>) = { _ in ([], []) },
        _ body: (ReconcileWorld) async throws -> Result
    ) async throws -> Result {
        try await TestHub.with(limits: limits) { hub in
            let today = HubClock.system.calendarDate
            let municipality = try SyntheticMunicipality(scale: scale, seed: seed, identityNumbers: [], today: "\(today)")
            try await Self.load(municipality, into: hub)
            try await Self.giveRoles(roles, in: hub)
            let pupils = try await Self.pupils(hub)
            let (back, recent) = keepBack(pupils)
            try await Self.drain(hub, late: back.subtracting(recent))
            let world = try await Self.deliver(hub, municipality, without: back, keepsPlaces: keepsPlaces)
            return try await body(world)
        }
    }

    private static func load(_ municipality: SyntheticMunicipality, into hub: TestHub) async throws {
        let source = ScriptedSource()
        var documents: [Entity: [JSONValue]] = [:]
        for entity in Entity.roster { documents[entity] = try municipality.documents(of: entity) }
        source.state.withLock { state in
            state.documents = documents
            state.pageSize = 500
        }
        _ = try await hub.intake(source).run(.full)
    }

    /// Gives some of the staff a role in each system that takes roles.
    private static func giveRoles(_ count: Int, in hub: TestHub) async throws {
        guard count > 0 else { return }
        var changes: [RoleChange] = []
        var seen: Set<String> = []
        var last: String?
        while seen.count < count {
            let duties = try await hub.store.liveRecords(of: .duty, after: last, limit: 500)
            guard let end = duties.last else { break }
            last = end.key.id
            for duty in duties where seen.count < count {
                let value = try JSONValue(parsing: duty.body)
                guard let person = value["person"]?["id"]?.stringValue, let unit = value["dutyAt"]?["id"]?.stringValue,
                    try await hub.store.holds([RecordKey(.person, person)]).isEmpty, seen.insert("\(person) \(unit)").inserted
                else { continue }
                for (system, role) in [("tempus", "personal"), ("vega", "handlaggare"), ("skolon", "TEACHER")] {
                    var grant = RoleGrant(id: "", person: person, system: system, role: role, organisation: unit)
                    grant.id = grant.derivedID
                    changes.append(RoleChange(.granted, grant))
                }
            }
        }
        try await RolePublisher(store: hub.store, mappings: hub.mappings).publish(changes)
    }

    /// The persons whom Vega is given as pupils, in the order of their keys.
    private static func pupils(_ hub: TestHub) async throws -> [RecordKey] {
        let today = HubClock.system.calendarDate
        var pupils: [RecordKey] = []
        try await RegisterReader(store: hub.store).pages(of: .person) { page in
            for (key, document) in page {
                guard let mapping = hub.mappings.set.outbound(system: "vega", entity: .person),
                    case .rows(let projection) = try mapping.apply(document, today: today, lookedUp: [:])
                else { continue }
                if !projection.rows.isEmpty { pupils.append(key) }
            }
        }
        return pupils
    }

    /// Lets the broker have confirmed everything.
    ///
    /// - Parameter late: records whose messages were published an hour ago; `nil` = all.
    static func drain(_ hub: TestHub, late: Set<RecordKey>?) async throws {
        let now = HubClock.system.timestamp
        let before = RFC3339.later(now, by: -3600)
        while true {
            let entries = try await hub.store.next(limit: 5000)
            guard !entries.isEmpty else { return }
            let isLate = Dictionary(grouping: entries) { late?.contains($0.change.key) ?? true }
            try await hub.store.published((isLate[true] ?? []).map(\.position), at: before)
            try await hub.store.published((isLate[false] ?? []).map(\.position), at: now)
        }
    }

    /// Gives every system every record, as its mapping says.
    private static func deliver(
        _ hub: TestHub, _ municipality: SyntheticMunicipality, without back: Set<RecordKey>, keepsPlaces: Bool
    ) async throws -> ReconcileWorld {
        var records: [RecordKey: RegisteredRecord] = [:]
        var documents: [RecordKey: LookedUp] = [:]
        for entity in Entity.allCases {
            var last: String?
            while true {
                let page = try await hub.store.liveRecords(of: entity, after: last, limit: 2000)
                guard let end = page.last else { break }
                last = end.key.id
                for record in page {
                    records[record.key] = record
                    documents[record.key] = .found(try JSONDocument(parsing: record.body))
                }
            }
        }
        for (id, entity) in try await hub.store.withheldPersons().map({ ($0, Entity.person) }) {
            documents[RecordKey(entity, id)] = .withheld
        }
        let (known, everything, set) = (documents, records.sorted { $0.key < $1.key }.map(\.value), hub.mappings.set)
        let today = HubClock.system.calendarDate
        var systems: [String: HeldSystem] = [:]
        var givers: [String: [RowIdentity: [RecordKey]]] = [:]
        var expected: [String: [RowIdentity: [String: String]]] = [:]
        try await withThrowingTaskGroup(of: (String, [(RegisteredRecord, Given)]).self) { group in
            for name in Self.names {
                group.addTask {
                    var given: [(RegisteredRecord, Given)] = []
                    let entities = Set(set.deliveredEntities(system: name))
                    for record in everything where record.concerns(name) && entities.contains(record.key.entity) {
                        guard let mapping = set.outbound(system: name, entity: record.key.entity),
                            mapping.takes(from: record.source),
                            case .found(let document)? = known[record.key]
                        else {
                            // Looked at by others, it is given without a row.
                            given.append((record, Given()))
                            continue
                        }
                        given.append((record, try Self.rows(mapping, document, today, known)))
                    }
                    return (name, given)
                }
            }
            for try await (name, given) in group {
                var rows: [RowIdentity: [String: String]] = [:]
                for (record, own) in given {
                    for row in own.rows {
                        givers[name, default: [:]][row.identity, default: []].append(record.key)
                        if rows[row.identity] == nil { rows[row.identity] = row.fields.filter { !$0.value.isEmpty } }
                    }
                }
                expected[name] = rows
                let kinds = Set(rows.keys.map(\.kind))
                systems[name] = HeldSystem(
                    name, removableKinds: kinds.subtracting(name == "tempus" && keepsPlaces ? ["placement"] : []))
                let given = name == "vega" ? given.filter { !back.contains($0.0.key) } : given
                var held = rows
                if name == "vega" { for key in back { held[RowIdentity(kind: "pupil", key: key.id)] = nil } }
                systems[name]?.state.withLock { [held] in $0.rows = held }
                let time = HubClock.system.timestamp
                var rest = given[...]
                while !rest.isEmpty {
                    let settlements = rest.prefix(1000).map { record, own in
                        Settlement(
                            key: record.key, sequence: record.sequence,
                            outcome: .applied(rows: own.rows, references: own.references, missing: []))
                    }
                    rest = rest.dropFirst(1000)
                    try await hub.store.settle(settlements, in: name, time: time)
                }
            }
        }
        let hidden = Set(municipality.protectedPersons)
        let numbers = try municipality.documents(of: .person).filter { document in
            document["id"]?.stringValue.map { hidden.contains(RecordKey(.person, $0)) } ?? false
        }.compactMap { $0["civicNo"]?["value"]?.stringValue }
        return ReconcileWorld(
            hub: hub, systems: systems, givers: givers, expected: expected,
            protectedPersons: municipality.protectedPersons.filter { $0.entity == .person }, protectedNumbers: numbers)
    }

    /// What a record gives, and the records that were looked at for it.
    private struct Given: Sendable {
        var rows: [TargetRow] = []
        var references: Set<RecordKey> = []
    }

    private static func rows(
        _ mapping: OutboundMapping, _ document: JSONDocument, _ today: CalendarDate, _ known: [RecordKey: LookedUp]
    ) throws -> Given {
        var lookedUp: [RecordKey: LookedUp] = [:]
        while true {
            switch try mapping.apply(document, today: today, lookedUp: lookedUp) {
            case .rows(let projection):
                return Given(
                    rows: projection.rows.map { TargetRow(kind: $0.kind, key: $0.key, fields: $0.fields) },
                    references: projection.references)
            case .needs(let keys): for key in keys { lookedUp[key] = known[key] ?? .missing }
            }
        }
    }

    // MARK: Runs

    /// By a clock that is a little ahead: what has just been made is no longer new.
    var reconciler: Reconciler {
        self.reconciler(clock: HubClock(now: { Date().addingTimeInterval(3) }, sleep: HubClock.system.sleep))
    }

    func reconciler(clock: HubClock, memory: Int = 4 << 20) -> Reconciler {
        Reconciler(
            store: self.hub.store, key: self.hub.key, mappings: self.hub.mappings.set, directory: self.hub.directory,
            clock: clock,
            memory: memory, logger: self.hub.logger)
    }

    func targets() throws -> [Reconciler.Target] {
        try self.systems.sorted { $0.key < $1.key }.map { name, system in
            guard let description = self.hub.mappings.set.systems[name] else { throw TestProblem("no \(name)") }
            return Reconciler.Target(system, settings: try ReconcileSettings(description))
        }
    }

    func run(_ reconciler: Reconciler? = nil, scope: ReconcileScope = ReconcileScope()) async throws -> ReconcileRun {
        let reconciler = reconciler ?? self.reconciler
        let run = try await reconciler.begin(scope, systems: Self.names, by: "tester")
        return try await reconciler.carryOut(run, try self.targets())
    }

    func findings(_ run: ReconcileRun, _ filter: FindingFilter = FindingFilter()) async throws -> [KeptFinding] {
        try await self.hub.store.findings(of: run.id, filter)
    }

    var repairer: Repairer {
        Repairer(store: self.hub.store, mappings: self.hub.mappings, key: self.hub.key, logger: self.hub.logger)
    }

    /// Runs relay and all deliveries until so many messages have been settled and nothing is under way.
    func settle(_ messages: Int) async throws {
        let before = try await self.settled()
        try await self.delivering {
            for await _ in self.hub.store.changes(every: .milliseconds(20)) {
                if try await self.settled() - before >= messages, try await self.isSettled() { break }
            }
        }
    }

    /// Runs relay, retries and all deliveries while something is done.
    func delivering(_ body: @escaping @Sendable () async throws -> Void) async throws {
        let set = self.hub.mappings.set
        let entities = Dictionary(
            uniqueKeysWithValues: Self.names.map { ($0, set.deliveredEntities(system: $0)) })
        let topology = HubTopology.topology(targets: entities.mapValues { $0.map(\.rawValue) })
        try await self.hub.broker.declare(topology)
        let relay = OutboxRelay(store: self.hub.store, broker: self.hub.broker, topology: topology, logger: self.hub.logger)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await relay.run() }
            for system in self.systems.values {
                let delivery = DeliveryService(
                    target: system, broker: self.hub.broker, store: self.hub.store, key: self.hub.key,
                    mappings: self.hub.mappings,
                    linger: .milliseconds(5), logger: self.hub.logger)
                group.addTask { try await delivery.run() }
            }
            group.addTask { try await RetryService(store: self.hub.store, logger: self.hub.logger).run() }
            try await body()
            group.cancelAll()
        }
    }

    func settled() async throws -> Int {
        let counts: HubCounts = try await self.hub.store.counts()
        return counts.delivered + counts.superseded + counts.failed
    }

    func isSettled() async throws -> Bool {
        guard try await self.hub.store.backlog() == 0 else { return false }
        for name in Self.names {
            guard try await self.hub.broker.depth(of: HubTopology.deliveryQueue(of: name)) == 0,
                try await self.hub.store.prepared(for: name) == nil
            else { return false }
        }
        return true
    }
}
