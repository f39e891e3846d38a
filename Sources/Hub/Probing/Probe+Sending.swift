import ConnectorKit
import Mapping
import Reconciliation
import SchoolRecords

/// Sending the probe's records in one of their states.
extension Probe {
    /// What has been sent in one state.
    struct Sent {
        var findings: [ProbeFinding] = []
        var records: [ProbeCheck.Subject] = []
        var keys: [RecordKey: Int64] = [:]
        /// The rows that each system was given, by record.
        var given: [String: [RecordKey: [TargetRow]]] = [:]
    }

    func send(_ state: ProbeRecords.State, _ phase: ProbeFinding.Phase) async throws -> Sent {
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
}
