import ConnectorKit
public import Mapping
import Messaging
import SchoolRecords

/// Finds the journeys that a question is about, from what the store keeps. Reads, changes nothing.
public struct JourneyReader: Sendable {
    private let store: any HubStore
    private let mappings: MappingSet
    private let key: HubKey
    private let clock: HubClock

    public init(store: any HubStore, mappings: MappingSet, key: HubKey, clock: HubClock = .system) {
        self.store = store
        self.mappings = mappings
        self.key = key
        self.clock = clock
    }

    /// Batches that are being written, by system.
    typealias UnderWay = [String: (batch: String, records: Set<RecordKey>)]

    /// Read once for many records: a batch is sealed as a whole.
    func underWay() async throws -> UnderWay {
        var underWay: UnderWay = [:]
        for system in self.mappings.systems.keys {
            guard let prepared = try await self.store.prepared(for: system) else { continue }
            underWay[system] = (prepared.batch.id, Set(prepared.settlements.map(\.key)))
        }
        return underWay
    }

    /// The answer to a question.
    public struct Answer: Sendable, Hashable, Codable {
        public enum About: String, Sendable, Codable { case person, record, message, trace, batch, failure }

        public let about: About
        /// The person, record, message, trace or failure that was found.
        public let subject: String
        /// Whether it is a person with protected identity: the hub holds everything about them back.
        public var isProtected = false
        public var journeys: [Journey] = []
        /// How many records there are; more than there are journeys when there are very many.
        public var total = 0
    }

    /// - Parameter limit: at most so many records.
    /// - Returns: `nil` when the hub knows of no such thing.
    public func answer(_ question: JourneyQuestion, limit: Int) async throws -> Answer? {
        switch question {
        case .record(let key, let system): return try await self.answer(about: key, system: system, limit: limit)
        case .failure(let number): return try await self.answer(failure: number, limit: limit)
        case .trace(let id):
            let found = try await self.store.records(inTrace: id, limit: limit)
            if found.total > 0 { return try await self.answer(.trace, id, found) }
            let written = try await self.store.records(inTraceOfBatch: id, limit: limit)
            return written.total > 0 ? try await self.answer(.batch, id, written) : nil
        case .id(let id):
            let keys = try await self.store.records(withID: id)
            if let key = keys.first(where: { $0.entity == .person }) ?? keys.first {
                return try await self.answer(about: key, system: nil, limit: limit)
            }
            if let key = try await self.store.record(ofMessage: id) {
                return try await self.answer(.message, id, JourneySearch(keys: [key]))
            }
            for entity in [Entity.person] + Entity.allCases {
                if let answer = try await self.answer(about: RecordKey(entity, id), system: nil, limit: limit) { return answer }
            }
            guard let number = Int64(id) else { return nil }
            return try await self.answer(failure: number, limit: limit)
        }
    }

    private func answer(about key: RecordKey, system: String?, limit: Int) async throws -> Answer? {
        var search = JourneySearch(keys: [key])
        if key.entity == .person {
            let others = try await self.store.records(about: key.id, entities: Set(Entity.allCases)).map(\.key).filter {
                $0 != key
            }
            search.total += others.count
            search.keys += Set(others).sorted().prefix(max(0, limit - 1))
        }
        let isProtected = try await self.isHeldBack(key)
        var answer = try await self.answer(key.entity == .person ? .person : .record, "\(key)", search, system: system)
        answer.isProtected = isProtected
        return answer.journeys.isEmpty && !isProtected ? nil : answer
    }

    private func answer(failure number: Int64, limit: Int) async throws -> Answer? {
        guard let failure = try await self.store.message(number) else { return nil }
        guard let key = failure.failure.key else { return Answer(about: .failure, subject: "failure/\(number)") }
        let system = failure.failure.stage == .delivery ? failure.failure.system : nil
        return try await self.answer(.failure, "failure/\(number)", JourneySearch(keys: [key]), system: system)
    }

    private func answer(
        _ about: Answer.About, _ subject: String, _ search: JourneySearch, system: String? = nil
    ) async throws -> Answer {
        var journeys: [RecordKey: Journey] = [:]
        var children: [RecordKey: [RecordKey]] = [:]
        let underWay = try await self.underWay()
        for key in search.keys {
            guard let journey = try await self.journey(of: key, system: system, underWay) else { continue }
            journeys[key] = journey
            children[key] = try await self.store.derived(from: key)
        }
        // What a flow made stands below what it was made of.
        var below: Set<RecordKey> = []
        for (key, made) in children where !made.isEmpty {
            for child in made {
                let journey =
                    if let known = journeys[child] { known } else { try await self.journey(of: child, system: system, underWay) }
                guard let journey else { continue }
                journeys[key]?.derived.append(journey)
                below.insert(child)
            }
        }
        var answer = Answer(about: about, subject: subject)
        answer.journeys = search.keys.filter { !below.contains($0) }.compactMap { journeys[$0] }
        answer.total = search.total - search.keys.count { journeys[$0] == nil }
        return answer
    }

    /// Whether the vault has it, by its own id or by the one that everything outside the vault knows.
    func isHeldBack(_ key: RecordKey) async throws -> Bool {
        try await !self.store.holds([key, self.key.opaqueKey(for: key)]).isEmpty
    }

    /// The one system that a role may be given to; `nil` for records that are for everybody.
    private func onlyReceiver(of key: RecordKey) async throws -> String? {
        guard key.entity == .roleGrant, let record = try await self.store.records([key])[key] else { return nil }
        return RoleAddress(of: key, source: record.source, body: record.body)?.system ?? ""
    }

    // MARK: One record

    /// A record's journey; `nil` when nothing is known of it.
    func journey(of key: RecordKey, system: String?, _ underWay: UnderWay) async throws -> Journey? {
        let passages = try await self.store.passages(of: key)
        let failures = try await self.failures(of: key)
        guard !passages.isEmpty || !failures.isEmpty else { return nil }
        let source = passages.last?.source
        // A role is one system's business.
        let only = try await self.onlyReceiver(of: key)
        var receivers: [String: String] = [:]
        for name in self.mappings.systems.keys where (system ?? name) == name && (only ?? name) == name {
            if let mapping = self.mappings.outbound(system: name, entity: key.entity) { receivers[name] = mapping.file }
        }
        let systems = Set(self.mappings.systems.keys).union(self.mappings.inactive.keys).union(
            failures.map(\.message.failure.system)
        )
        .filter { system == nil || $0 == system }.sorted()
        let mapped = failures.map(\.message).filter { $0.state == .failed && $0.failure.kind == "mapping" }
        let forecast = try await ReplayForecast(store: self.store, mappings: MappingBook(self.mappings), clock: self.clock)
            .outcomes(of: mapped).mapValues { outcome in
                switch outcome {
                case .sent, .unchanged, .superseded, .waits: true
                case .stillFails, .asksSource, .decidesAgain, .unsendable, .nothingKept, .overtaken: false
                }
            }
        let held = try await self.store.heldChanges(
            HeldFilter(.source, source ?? "", key.entity.rawValue, [.held, .approved, .rejected]))
        return JourneyFacts(
            key: key, passages: passages, places: try await self.store.whereabouts(of: key, systems: systems),
            failures: failures.filter {
                system == nil || $0.message.failure.stage != .delivery || $0.message.failure.system == system
            },
            derivation: try await self.store.derivations(of: [key])[key],
            inbound: source.flatMap { self.mappings.inbound(system: $0, entity: key.entity)?.file }, receivers: receivers,
            underWay: underWay.compactMapValues { $0.records.contains(key) ? $0.batch : nil },
            heldAtSource: source == nil ? [] : held.map(\.id),
            forecast: forecast.filter { entry in mapped.contains { $0.id == entry.key && $0.failure.stage == .delivery } },
            now: self.clock.timestamp
        ).journey()
    }

    /// The latest failures of a record; there are seldom more than one or two.
    private func failures(of key: RecordKey) async throws -> [JourneyFacts.Failure] {
        var filter = FailureFilter()
        (filter.entity, filter.record, filter.states) = (key.entity, key.id, [])
        let latest = try await self.store.list(filter).suffix(10)
        let edits = try await self.store.edits(of: latest.map(\.id))
        var failures: [JourneyFacts.Failure] = []
        for message in latest {
            var deeds = AuditFilter()
            deeds.subject = "failure/\(message.id)"
            failures.append(
                JourneyFacts.Failure(
                    message: message, attempts: try await self.store.attempts(of: message.id),
                    deeds: try await self.store.auditEntries(deeds), edit: edits[message.id]))
        }
        return failures
    }
}
