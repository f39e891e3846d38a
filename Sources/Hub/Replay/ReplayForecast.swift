public import Foundation
import Mapping
import Messaging
public import SchoolRecords

/// What sending failed messages again would do now: by today's mappings and the records' present state. Writes nothing.
public struct ReplayForecast: Sendable {
    public enum Outcome: Sendable, Hashable {
        /// It maps, and is written; the system's own answer can't be known beforehand.
        case sent
        /// It maps to what the system has already: nothing is written.
        case unchanged
        /// The system has a newer state.
        case superseded
        /// It maps, and waits for these records.
        case waits(for: Set<RecordKey>)
        case stillFails(NewFailure)
        /// An intake failure: the source is asked at its next reading.
        case asksSource
        /// A flow's failure: it decides again, by the records as they are now.
        case decidesAgain
        /// The register has no such record.
        case unsendable
        /// As it was: the mapping had made nothing that could be sent.
        case nothingKept
        /// As it was: the record has a newer state, or is gone.
        case overtaken
    }

    private let store: any HubStore
    private let mappings: MappingBook
    private let clock: HubClock

    public init(store: any HubStore, mappings: MappingBook, clock: HubClock = .system) {
        self.store = store
        self.mappings = mappings
        self.clock = clock
    }

    /// What would happen to each, by its number. Records are opened a few hundred at a time.
    ///
    /// - Parameter asWas: in the form that the system refused, not by today's mapping.
    public func outcomes(of failures: [FailedMessage], asWas: Bool = false) async throws -> [Int64: Outcome] {
        try await self.outcomes(of: failures, corrected: nil, asWas: asWas)
    }

    /// What would happen to a message with this content in its record's place.
    public func outcome(of failure: FailedMessage, corrected body: Data) async throws -> Outcome? {
        guard let key = failure.failure.key else { return .unsendable }
        return try await self.outcomes(of: [failure], corrected: (key, body), asWas: false)[failure.id]
    }

    private func outcomes(
        of failures: [FailedMessage], corrected correction: (key: RecordKey, body: Data)?, asWas: Bool
    ) async throws -> [Int64: Outcome] {
        var outcomes: [Int64: Outcome] = [:]
        for (system, failures) in Dictionary(grouping: failures, by: \.failure.system) {
            var rest = failures[...]
            while !rest.isEmpty {
                let part = rest.prefix(200)
                rest = rest.dropFirst(200)
                outcomes.merge(try await self.outcomes(of: part, in: system, corrected: correction, asWas: asWas)) { first, _ in
                    first
                }
            }
        }
        return outcomes
    }

    private func outcomes(
        of failures: ArraySlice<FailedMessage>, in system: String, corrected correction: (key: RecordKey, body: Data)?,
        asWas: Bool
    ) async throws -> [Int64: Outcome] {
        var outcomes: [Int64: Outcome] = [:]
        var ids: [RecordKey: Int64] = [:]
        for failure in failures {
            switch (failure.failure.stage, failure.failure.key) {
            case (.intake, .some) where asWas, (.flow, .some) where asWas: outcomes[failure.id] = .nothingKept
            case (.intake, .some): outcomes[failure.id] = .asksSource
            case (.flow, .some): outcomes[failure.id] = .decidesAgain
            case (.delivery, .some(let key)): ids[key] = failure.id
            case (_, nil): outcomes[failure.id] = .unsendable
            }
        }
        var records = try await self.store.records(Array(ids.keys))
        // Of protected persons what the system is given of them is sent, made of the vault.
        for (key, form) in try await self.store.forms(of: Set(ids.keys.filter { records[$0] == nil }), for: system) {
            records[key] = RegisteredRecord(
                key: key, source: form.source, sequence: form.sequence, operation: form.operation, body: form.body,
                time: form.time, created: form.time)
        }
        for (key, id) in ids where records[key] == nil { outcomes[id] = .unsendable }
        var forms: [RecordKey: KeptForm] = [:]
        if asWas {
            let kept = try await self.store.forms(of: Array(ids.values))
            for (key, id) in ids {
                guard let record = records[key] else { continue }
                guard let form = kept[id] else {
                    (records[key], outcomes[id]) = (nil, .nothingKept)
                    continue
                }
                if form.sequence == record.sequence, record.operation == .upserted {
                    forms[key] = form
                } else {
                    (records[key], outcomes[id]) = (nil, .overtaken)
                }
            }
        }
        for edit in try await self.store.edits(of: Array(ids.values)).values where edit.isReleased && !asWas {
            guard let key = ids.first(where: { $0.value == edit.failure })?.key, let record = records[key],
                record.sequence == edit.sequence
            else { continue }
            records[key] = record.with(body: edit.body)
        }
        if let correction, let id = ids[correction.key], outcomes[id] == nil, let record = records[correction.key] {
            records[correction.key] = record.with(body: correction.body)
        }
        let planner = DeliveryPlanner(
            system: system, mappings: self.mappings.set, today: self.clock.calendarDate, store: self.store)
        let plan = try await planner.plan(records.values.map(Self.change), forms: forms)
        let states = try await self.store.states(of: Array(records.keys), in: system)
        for settlement in plan.settlements {
            guard let id = ids[settlement.key] else { continue }
            switch settlement.outcome {
            case .failed(let failure): outcomes[id] = .stillFails(failure)
            case .superseded: outcomes[id] = .superseded
            case .applied(let rows, _, let missing):
                if !missing.isEmpty {
                    outcomes[id] = .waits(for: missing)
                } else {
                    outcomes[id] = Set(states[settlement.key]?.rows ?? []) == Set(rows) ? .unchanged : .sent
                }
            default: outcomes[id] = .sent
            }
        }
        return outcomes
    }

    /// The message that a replay would send.
    private static func change(_ record: RegisteredRecord) -> RecordChange {
        RecordChange(
            id: "forecast", key: record.key, operation: record.operation, source: record.source, sequence: record.sequence,
            time: record.time, redelivery: "replay", body: record.publishedBody)
    }

    /// Whether a group would pass, by a sample of its open failures.
    public struct Verdict: Sendable, Hashable, Codable {
        public let passing: Int
        public let looked: Int

        /// Every failure that was looked at would pass.
        public var isFixed: Bool { self.looked > 0 && self.passing == self.looked }
    }

    /// Looks whether a group's failures in mapping would pass now: after a code table or a mapping has been mended.
    ///
    /// - Parameter sample: how many failures are looked at, at most.
    /// - Returns: nothing for failures that no mapping decides: what a system refused, what a source must be asked for.
    public func verdict(on group: FailureGroup, sample: Int = 20) async throws -> Verdict? {
        var filter = FailureFilter()
        filter.fingerprint = group.fingerprint
        filter.limit = sample
        let failures = try await self.store.list(filter)
        guard group.kind == "mapping", failures.allSatisfy({ $0.failure.stage == .delivery }) else { return nil }
        let outcomes = try await self.outcomes(of: failures)
        let passing = outcomes.values.count { outcome in
            switch outcome {
            case .sent, .unchanged, .superseded, .waits: true
            case .stillFails, .asksSource, .decidesAgain, .unsendable, .nothingKept, .overtaken: false
            }
        }
        return Verdict(passing: passing, looked: failures.count)
    }
}
