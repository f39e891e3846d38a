import ConnectorKit
public import Mapping
public import Reconciliation
public import SchoolRecords

/// Takes the probe's records through the mappings, without the hub and without any system: what each system would be given.
public struct DryProbe: Sendable {
    /// What one record gives a system.
    public struct Given: Sendable {
        public let system: String
        public let record: ProbeCheck.Subject
        public let rows: [HeldRow]
        /// Set when the mapping fails for the record.
        public let failure: MappingFailure?
    }

    private let mappings: MappingSet
    private let records: ProbeRecords
    private let today: CalendarDate

    /// - Parameter numbers: identity numbers of the records; temporary ones where nothing else is said.
    public init(mappings: MappingSet, numbers: [String] = ProbeRecords.temporaryNumbers, today: CalendarDate) {
        self.mappings = mappings
        self.records = ProbeRecords(numbers: numbers, today: today)
        self.today = today
    }

    /// The lines of the mappings, with the names of the probe's records that fill them.
    public func lines() -> [FieldLine] {
        var names: [FieldLine.ID: [Entity: Set<String>]] = [:]
        for state in ProbeRecords.State.allCases {
            let taken = self.read(state)
            for (system, record, body) in taken.readings {
                for line in self.mappings.fieldCarriages.map(FieldLine.init)
                where line.direction == .source && line.system == system && line.kind == record.entity.rawValue
                    && body.hasValue(at: line.field)
                {
                    names[line.id, default: [:]][record.entity, default: []].insert(record.name)
                }
            }
            for given in self.given(taken.records) {
                for row in given.rows {
                    for field in row.fields.keys {
                        let id = FieldLine.ID(system: given.system, direction: .target, kind: row.kind, field: field)
                        names[id, default: [:]][given.record.entity, default: []].insert(given.record.name)
                    }
                }
            }
        }
        return self.mappings.fieldCarriages.map(FieldLine.init).map { line in
            var line = line
            line.probedBy = line.entity.flatMap { names[line.id]?[$0] }?.sorted() ?? []
            return line
        }
    }

    /// What is wrong with what the mappings make of the records.
    public func findings(_ check: ProbeCheck) -> [ProbeFinding] {
        ProbeRecords.State.allCases.flatMap { state -> [ProbeFinding] in
            let taken = self.read(state)
            let phase: ProbeFinding.Phase = .files
            return taken.failures
                + taken.readings.flatMap { check.reading($0.document, $0.body, from: $0.system, phase: phase) }
                + self.given(taken.records).flatMap { given -> [ProbeFinding] in
                    guard let failure = given.failure else {
                        return check.mapping(given.rows, of: given.record, to: given.system, phase: phase)
                    }
                    return [Self.finding(failure, .mapping, given.system, failure.entity.rawValue)]
                }
        }
    }

    /// What each system would be given of the records in their first state, by system and record's name.
    public func rows() -> [Given] { self.given(self.read(.first).records) }

    static func finding(
        _ failure: MappingFailure, _ hop: ProbeFinding.Hop, _ system: String, _ kind: String
    ) -> ProbeFinding {
        ProbeFinding(
            system: system, hop: hop, flaw: failure.word == .valueWithoutCode ? .wrongCode : .failed, phase: .files, kind: kind,
            field: failure.field, place: "\(failure.file):\(failure.line)")
    }

    // MARK: Reading

    private typealias Reading = (system: String, document: ProbeCheck.Subject, body: JSONValue)

    /// The documents as the masters' mappings read them; what has no master in use is taken as it is.
    private func read(
        _ state: ProbeRecords.State
    ) -> (records: [ProbeCheck.Subject], readings: [Reading], failures: [ProbeFinding]) {
        var readings: [Reading] = []
        var failures: [ProbeFinding] = []
        var bodies: [(name: String, key: RecordKey, body: JSONValue)] = []
        for document in self.records.documents(state) {
            let entity = document.key.entity
            let subject = ProbeCheck.Subject(name: document.name.rawValue, entity: entity, body: document.json)
            let system = self.mappings.authority(for: entity)
            guard let system, let mapping = self.mappings.inbound(system: system, entity: entity) else {
                bodies.append((subject.name, document.key, document.json))
                continue
            }
            do throws(MappingFailure) {
                guard let body = try mapping.apply(document.json, today: self.today) else { continue }
                readings.append((system, subject, body))
                bodies.append((subject.name, document.key, body))
            } catch {
                failures.append(Self.finding(error, .reading, system, entity.rawValue))
            }
        }
        for (system, role) in self.mappings.probeRoles {
            let grant = self.records.role(role.name, in: system, at: role.isAtSchool ? ProbeRecords.Name.school.id : nil, state)
            bodies.append((ProbeRecords.Name.role.rawValue, RecordKey(.roleGrant, grant.id), grant.json))
        }
        return (Self.related(bodies), readings, failures)
    }

    /// Each with everything that it refers to, and what that refers to.
    static func related(_ bodies: [(name: String, key: RecordKey, body: JSONValue)]) -> [ProbeCheck.Subject] {
        let byKey = Dictionary(bodies.map { ($0.key, $0.body) }, uniquingKeysWith: { first, _ in first })
        return bodies.map { name, key, body in
            var seen: Set<RecordKey> = [key]
            var open = [(key, body)]
            var related: [(entity: Entity, body: JSONValue)] = []
            while let (key, body) = open.popLast() {
                for reference in RecordReferences.of(key.entity, body) where seen.insert(reference.key).inserted {
                    guard let other = byKey[reference.key] else { continue }
                    related.append((reference.key.entity, other))
                    open.append((reference.key, other))
                }
            }
            return ProbeCheck.Subject(name: name, entity: key.entity, body: body, related: related)
        }
    }

    // MARK: Giving

    private func given(_ records: [ProbeCheck.Subject]) -> [Given] {
        let found = Dictionary(
            records.compactMap { record in
                record.body["id"]?.stringValue.map { (RecordKey(record.entity, $0), LookedUp.found(record.body)) }
            }, uniquingKeysWith: { first, _ in first })
        return self.mappings.systems.keys.sorted().flatMap { system -> [Given] in
            self.mappings.outboundEntities(system: system).flatMap { entity -> [Given] in
                guard let mapping = self.mappings.outbound(system: system, entity: entity) else { return [] }
                let source = entity == .roleGrant ? RoleGrant.source : self.mappings.authority(for: entity) ?? ProbeRecords.source
                guard mapping.takes(from: source) else { return [] }
                return records.filter { record in
                    record.entity == entity && (entity != .roleGrant || record.body["system"]?.stringValue == system)
                }.map { self.give($0, mapping, found, to: system) }
            }
        }
    }

    private func give(
        _ record: ProbeCheck.Subject, _ mapping: OutboundMapping, _ found: [RecordKey: LookedUp], to system: String
    ) -> Given {
        var lookedUp: [RecordKey: LookedUp] = [:]
        do throws(MappingFailure) {
            while true {
                switch try mapping.apply(record.body, today: self.today, lookedUp: lookedUp) {
                case .rows(let projection):
                    let rows = projection.rows.map { HeldRow(kind: $0.kind, key: $0.key, fields: $0.fields) }
                    return Given(system: system, record: record, rows: rows, failure: nil)
                case .needs(let keys):
                    // A mapping that asks again for what it has been given would ask for ever.
                    let unknown = keys.filter { lookedUp[$0] == nil }
                    guard !unknown.isEmpty else { return Given(system: system, record: record, rows: [], failure: nil) }
                    for key in unknown { lookedUp[key] = found[key] ?? .withheld }
                }
            }
        } catch {
            return Given(system: system, record: record, rows: [], failure: error)
        }
    }
}

/// A role that the probe gives.
struct ProbeRole: Sendable {
    let name: String
    /// Whether the system knows schools and not their units.
    let isAtSchool: Bool
}

extension MappingSet {
    /// For each system that takes roles one that holds at a unit and isn't privileged: the first by its name.
    var probeRoles: [(system: String, role: ProbeRole)] {
        self.systems.keys.sorted().compactMap { system -> (system: String, role: ProbeRole)? in
            guard self.outbound(system: system, entity: .roleGrant) != nil, let catalog = self.roleVocabulary.catalogs[system]
            else { return nil }
            let roles = catalog.roles.values.filter {
                $0.scopes.contains(.unit) && !$0.isPrivileged && !$0.comesWithRecords
            }
            guard let role = roles.min(by: { $0.name < $1.name }) else { return nil }
            return (system, ProbeRole(name: role.name, isAtSchool: catalog.unitType == .school))
        }
    }
}
