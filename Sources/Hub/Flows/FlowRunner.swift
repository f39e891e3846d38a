import Foundation
import Mapping
import Messaging
import SchoolRecords

/// Runs one flow for persons: gather, decide, take.
struct FlowRunner: Sendable {
    let name: String
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

        /// Whether it leaves nothing that is to be remembered: nothing is made, and at most one record was looked at. Without that
        /// one there would be none at all, and nothing to make either; of two, the one that is left may make something.
        var isForgettable: Bool { self.run.derivations.isEmpty && self.run.reads.count <= 1 }
    }

    /// What came of looking at a person.
    enum Outcome: Sendable {
        case decided(Decision)
        /// Something is there that the flow doesn't understand, with what it looked at.
        case failed(FlowFailure, reads: Set<RecordKey>)
    }

    /// The entities by which the flow has something to do with a person; none when it is turned off.
    var triggers: Set<Entity> { self.flow?.triggers ?? [] }

    /// What comes of looking at each of some persons, in their order.
    func decide(_ persons: [String]) async throws -> [(person: String, outcome: Outcome)] {
        guard let flow = self.flow else {
            return persons.map { person in
                let run = FlowRun(flow: self.name, subject: person, reads: [], derivations: [])
                return (person, .decided(Decision(run: run, states: [])))
            }
        }
        let today = self.clock.calendarDate
        return try await self.gather(persons, flow).map { gathered in
            let person = gathered.state.person
            do {
                return (person, .decided(try self.decide(gathered, flow, today)))
            } catch let failure as FlowFailure {
                return (person, .failed(failure, reads: gathered.reads))
            } catch let error as RecordError {
                let failure = FlowFailure(code: .invalidField, field: error.field, message: "\(error)")
                return (person, .failed(failure, reads: gathered.reads))
            }
        }
    }

    private func decide(_ gathered: Gathered, _ flow: any Flow, _ today: CalendarDate) throws -> Decision {
        var states: [RecordState] = []
        var derivations: [Derivation] = []
        for derived in try flow.decide(gathered.state, today: today) {
            let body = try SchoolRecord.validate(derived.key.entity, derived.json)
            states.append(
                RecordState(
                    key: derived.key, owner: SchoolRecord.subject(derived.key.entity, body)?.id, body: body.canonicalData,
                    unit: SchoolUnit.of(derived.key.entity, body)))
            derivations.append(
                Derivation(key: derived.key, flow: self.name, rule: derived.rule, origins: derived.origins.sorted()))
        }
        let run = FlowRun(
            flow: self.name, subject: gathered.state.person, reads: gathered.reads, derivations: derivations)
        return Decision(run: run, states: states)
    }

    /// What is known about each person, with the records that the flow asks for beside.
    private func gather(_ persons: [String], _ flow: any Flow) async throws -> [Gathered] {
        let known = try await self.store.records(about: Set(persons), entities: flow.reads)
        let made = try await self.store.made(by: self.name, for: Set(persons))
        let own = try await self.store.records(made.values.flatMap(Array.init))
        var gathered = try persons.map { person in
            Gathered(
                person: person, records: try known[person]?.compactMap(Self.record) ?? [],
                earlier: try (made[person] ?? []).sorted().compactMap { own[$0] }
                    .filter { $0.operation == .upserted && $0.source == self.name }.map(Self.flowRecord))
        }
        while true {
            var wanted: Set<RecordKey> = []
            for index in gathered.indices { wanted.formUnion(gathered[index].ask(flow)) }
            guard !wanted.isEmpty else { return gathered }
            let found = try await self.store.records(Array(wanted)).filter { $0.value.operation == .upserted }
                .mapValues(Self.flowRecord)
            for index in gathered.indices { gathered[index].take(found) }
        }
    }

    /// A person's records as far as they have been gathered.
    private struct Gathered {
        private(set) var state: SubjectState
        private let records: [FlowRecord]
        private var asked: Set<RecordKey> = []
        private var asking: Set<RecordKey> = []
        private var found: [RecordKey: FlowRecord] = [:]

        init(person: String, records: [FlowRecord], earlier: [FlowRecord]) {
            self.records = records
            self.state = SubjectState(person: person, records: records, earlier: earlier)
        }

        /// What was looked at, also records that were asked for and aren't there: when they come, more can be said.
        var reads: Set<RecordKey> { self.state.keys.union(self.asked) }

        /// What the flow needs that it hasn't asked for.
        mutating func ask(_ flow: any Flow) -> Set<RecordKey> {
            self.asking = flow.needs(self.state).subtracting(self.asked)
            self.asked.formUnion(self.asking)
            return self.asking
        }

        mutating func take(_ records: [RecordKey: FlowRecord]) {
            guard !self.asking.isEmpty else { return }
            for key in self.asking { self.found[key] = records[key] }
            self.state = SubjectState(
                person: self.state.person, records: self.records, lookedUp: self.found, earlier: self.state.earlier)
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

    /// Runs the flow for persons; a person whose decision fails is recorded, the others go on. Where nothing is made, nothing was
    /// and nothing need be remembered, nothing is written.
    func run(_ persons: [String]) async throws -> TakeResult {
        guard !persons.isEmpty else { return TakeResult() }
        let remembered = try await self.store.concerned(among: Set(persons), by: [], flow: self.name)
        var decisions: [Decision] = []
        var failures: [NewFailure] = []
        var failed: [FlowRun] = []
        for (person, outcome) in try await self.decide(persons) {
            switch outcome {
            case .decided(let decision):
                if !decision.isForgettable || remembered.contains(person) { decisions.append(decision) }
            case .failed(let failure, let reads):
                failures.append(self.failure(failure, person))
                failed.append(FlowRun(flow: self.name, subject: person, reads: reads, derivations: []))
            }
        }
        if !failures.isEmpty {
            try await self.store.record(failures, time: self.clock.timestamp)
            // What was made stands; a change of anything that was looked at leads here again.
            _ = try await self.store.begin(failed)
        }
        return try await self.take(decisions)
    }

    private func failure(_ failure: FlowFailure, _ person: String) -> NewFailure {
        NewFailure(
            stage: .flow, system: self.name, key: RecordKey(.person, person), sequence: nil, kind: "flow",
            code: failure.code.rawValue, field: failure.field, place: nil, message: failure.message, body: nil)
    }
}
