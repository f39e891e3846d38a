import Foundation
import Mapping
import Messaging
import SchoolRecords

/// Runs one flow for one person: gather, decide, take.
struct FlowRunner: Sendable {
    let name: String
    let reads: Set<Entity>
    /// Nothing when the flow is turned off: what it made is withdrawn.
    let flow: (any Flow)?
    let store: any HubStore
    let clock: HubClock
    /// Under whose eyes.
    var counting = TakeCounting.uncounted

    /// What is to be taken for a person.
    struct Decision: Sendable {
        let run: FlowRun
        let states: [RecordState]
    }

    func decide(_ person: String) async throws -> Decision {
        guard let flow = self.flow else {
            return Decision(run: FlowRun(flow: self.name, subject: person, reads: [], derivations: []), states: [])
        }
        let state = try await self.gather(person, flow)
        var states: [RecordState] = []
        var derivations: [Derivation] = []
        for derived in try flow.decide(state, today: self.clock.calendarDate) {
            let body = try SchoolRecord.validate(derived.key.entity, derived.json)
            states.append(
                RecordState(
                    key: derived.key, owner: SchoolRecord.subject(derived.key.entity, body)?.id, body: body.canonicalData,
                    unit: SchoolUnit.of(derived.key.entity, body)))
            derivations.append(
                Derivation(key: derived.key, flow: self.name, rule: derived.rule, origins: derived.origins.sorted()))
        }
        return Decision(
            run: FlowRun(flow: self.name, subject: person, reads: state.keys, derivations: derivations), states: states)
    }

    private func gather(_ person: String, _ flow: any Flow) async throws -> SubjectState {
        let records = try await self.store.records(about: person, entities: flow.reads).compactMap(Self.record)
        let made = try await self.store.records(Array(try await self.store.made(by: self.name, for: person)))
        let earlier = try made.values.filter { $0.operation == .upserted && $0.source == self.name }.map(Self.flowRecord)
            .sorted { $0.key < $1.key }
        var state = SubjectState(person: person, records: records, earlier: earlier)
        var asked: Set<RecordKey> = []
        var found: [RecordKey: FlowRecord] = [:]
        while true {
            let needed = flow.needs(state).subtracting(asked)
            guard !needed.isEmpty else { return state }
            asked.formUnion(needed)
            for (key, record) in try await self.store.records(Array(needed)) where record.operation == .upserted {
                found[key] = try Self.record(record)
            }
            state = SubjectState(person: person, records: records, lookedUp: found, earlier: earlier)
        }
    }

    private static func record(_ record: RegisteredRecord) throws -> FlowRecord? {
        FlowCatalog.names.contains(record.source) ? nil : try self.flowRecord(record)
    }

    private static func flowRecord(_ record: RegisteredRecord) throws -> FlowRecord {
        FlowRecord(
            key: record.key, source: record.source, sequence: record.sequence, time: record.time,
            json: try JSONValue(parsing: record.body))
    }

    /// Takes decisions, all of them at a time. A crash anywhere leaves what a run for the same persons puts right: what was begun
    /// is known.
    private func take(_ decisions: [Decision]) async throws -> TakeResult {
        guard !decisions.isEmpty else { return TakeResult() }
        // In the order in which they were begun: what one person's run makes no more another's may make from now on.
        let states = zip(decisions, try await self.store.begin(decisions.map(\.run))).flatMap { decision, gone in
            decision.states + gone.sorted().map { RecordState(key: $0, owner: nil, body: nil) }
        }
        var result = TakeResult()
        if !states.isEmpty {
            result = try await ChangeOrigin.$current.withValue(.derived) {
                try await self.store.take(
                    states, withheld: [], failures: [], source: self.name, counting: self.counting, time: self.clock.timestamp)
            }
        }
        try await self.store.finish(decisions.map(\.run))
        return result
    }

    /// Runs the flow for persons; a person whose decision fails is recorded, the others go on.
    func run(_ persons: some Sequence<String> & Sendable) async throws -> TakeResult {
        var decisions: [Decision] = []
        for person in persons {
            do {
                decisions.append(try await self.decide(person))
            } catch let failure as FlowFailure {
                try await self.record(failure, person)
            } catch let error as RecordError {
                try await self.record(
                    FlowFailure(code: .invalidField, field: error.field, message: "\(error)"), person)
            }
        }
        return try await self.take(decisions)
    }

    private func record(_ failure: FlowFailure, _ person: String) async throws {
        try await self.store.record(
            [
                NewFailure(
                    stage: .flow, system: self.name, key: RecordKey(.person, person), sequence: nil, kind: "flow",
                    code: failure.code.rawValue, field: failure.field, place: nil, message: failure.message, body: nil)
            ], time: self.clock.timestamp)
    }
}
