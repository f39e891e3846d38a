import ConnectorKit
public import Mapping
import Messaging
public import SchoolRecords

/// Puts together what systems have of a person. Reads the store, changes nothing, asks no system.
public struct PersonReader: Sendable {
    private let store: any HubStore
    private let mappings: MappingSet
    private let key: HubKey
    private let today: CalendarDate

    public init(store: any HubStore, mappings: MappingSet, key: HubKey, today: CalendarDate) {
        self.store = store
        self.mappings = mappings
        self.key = key
        self.today = today
    }

    /// What the audit log calls a person: always the same, and nobody without the hub's key finds the person by it.
    public func subject(of person: String) async throws -> String {
        let key = RecordKey(.person, person)
        return try await self.store.holds([key]).isEmpty ? "\(self.key.opaqueKey(for: key))" : "\(key)"
    }

    /// - Parameters:
    ///   - person: the id.
    ///   - systems: the receiving systems; `nil` = all.
    ///   - showsValues: show what is as it should be too.
    /// - Returns: `nil` when the hub knows of no such person.
    public func view(of person: String, systems: Set<String>?, showsValues: Bool) async throws -> PersonView? {
        let key = RecordKey(.person, person)
        let subject = try await self.subject(of: person)
        guard try await self.store.holds([key, self.key.opaqueKey(for: key)]).isEmpty else {
            return PersonView(person: person, subject: subject, isProtected: true, sources: [], systems: [], lines: [])
        }
        guard let own = try await self.store.records([key])[key] else { return nil }
        let others = try await self.store.records(about: person, entities: Set(Entity.allCases)).filter { $0.key != key }
        let records =
            [own]
            + Dictionary(others.map { ($0.key, $0) }, uniquingKeysWith: { first, _ in first }).values
            .sorted { $0.key < $1.key }
        let names = self.mappings.systems.values.filter { $0.target != nil && systems?.contains($0.name) != false }.map(\.name)
        var table = PersonTable(records: records, showsValues: showsValues)
        var holdings: [PersonView.Holding] = []
        for system in names.sorted() { holdings.append(try await self.add(system, records, to: &table)) }
        return PersonView(
            person: person, subject: subject, isProtected: false, sources: Set(records.map(\.source)).sorted(),
            systems: holdings, lines: table.lines)
    }

    /// What the vault has of a protected person, beside how much each system is given: for who is cleared alone, after it has been
    /// written to the audit log.
    ///
    /// - Parameter person: the id in the source, or the opaque one.
    /// - Returns: `nil` when the vault has no such person.
    public func clearedView(of person: String) async throws -> PersonView? {
        let asked = RecordKey(.person, person)
        let real = try await self.store.realKey(of: asked) ?? asked
        let opaque = self.key.opaqueKey(for: real)
        let held = try await self.store.vaultRecords()
        let subjects = VaultSubjects(held)
        let own = held.filter { record in
            record.opaqueKey == opaque || record.opaqueKey.entity != .person && subjects.person(of: record) == real.id
        }
        guard own.contains(where: { $0.opaqueKey == opaque }) else { return nil }
        var view = PersonView(
            person: person, subject: "\(opaque)", isProtected: true, sources: Set(own.map(\.source)).sorted(), systems: [],
            lines: [])
        view.vault = try own.sorted { ($0.key.entity == .person ? 0 : 1, $0.key) < ($1.key.entity == .person ? 0 : 1, $1.key) }
            .map { record in
                PersonView.VaultEntry(
                    entity: record.key.entity.rawValue, source: record.source,
                    fields: PersonTable.fields(of: try JSONValue(parsing: record.body)))
            }
        var given: [String: String] = [:]
        for system in self.mappings.systems.values where system.target != nil {
            let form = try await self.store.forms(of: [opaque], for: system.name)[opaque]
            given[system.name] = form.map { $0.isLive ? $0.form.rawValue : "withhold" } ?? "withhold"
        }
        view.given = given
        return view
    }

    private func add(
        _ system: String, _ records: [RegisteredRecord], to table: inout PersonTable
    ) async throws -> PersonView.Holding {
        let states = try await self.store.states(of: records.map(\.key), in: system)
        // What it should have: what would be planned if all were sent again now.
        let planner = DeliveryPlanner(system: system, mappings: self.mappings, today: self.today, store: self.store)
        let plan = try await planner.plan(
            records.map { record in
                RecordChange(
                    id: "", key: record.key, operation: record.operation, source: record.source, sequence: record.sequence,
                    time: record.time, redelivery: "replay", body: record.publishedBody)
            })
        var should: [RecordKey: [TargetRow]] = [:]
        var failing: [String] = []
        for settlement in plan.settlements {
            switch settlement.outcome {
            case .applied(let rows, _, _): should[settlement.key] = rows
            case .failed(let failure): failing.append("\(settlement.key.entity.rawValue): \(failure.code)")
            case .superseded, .retry: should[settlement.key] = states[settlement.key]?.rows
            }
        }
        let reader = JourneyReader(store: self.store, mappings: self.mappings, key: self.key)
        let underWay = try await reader.underWay()
        var open: [String: SystemJourney.State] = [:]
        var present = 0
        for record in records where self.mappings.outbound(system: system, entity: record.key.entity) != nil {
            guard let journey = try await reader.journey(of: record.key, system: system, underWay)?.systems.first else {
                continue
            }
            if journey.state.isEnd {
                present += 1
            } else {
                open["\(record.key)"] = journey.state
            }
        }
        let uses = self.mappings.outboundUses(of: system)
        let differing = table.add(
            system, uses: uses, has: records.flatMap { states[$0.key]?.rows ?? [] },
            should: records.flatMap { should[$0.key] ?? states[$0.key]?.rows ?? [] })
        return PersonView.Holding(
            system: system, records: states.count, present: present, differing: differing, open: open, failing: failing.sorted())
    }
}

extension MappingSet {
    /// Where each field of a target's rows comes from, by row kind and field.
    func outboundUses(of system: String) -> [String: String] {
        var uses: [String: Set<String>] = [:]
        for use in self.fieldUses where use.system == system && use.direction == SystemDescription.Direction.target.rawValue {
            uses["\(use.kind).\(use.field)", default: []].formUnion(use.origins.map { "\($0.entity.rawValue).\($0.path)" })
        }
        return uses.mapValues { $0.sorted().joined(separator: ", ") }
    }
}
