import ConnectorKit
import Foundation
import SchoolRecords

/// All that is known of one record's way.
struct JourneyFacts: Sendable {
    /// A failed message and what people did about it.
    struct Failure: Sendable {
        let message: FailedMessage
        let attempts: [FailureAttempt]
        let deeds: [AuditEntry]
        let edit: FailureEdit?
    }

    let key: RecordKey
    let passages: [RecordPassage]
    let places: Whereabouts
    let failures: [Failure]
    let derivation: Derivation?
    /// The mapping file that it came in by.
    let inbound: String?
    /// The systems that get such records, and the mapping file of each.
    let receivers: [String: String]
    /// Systems whose batch under way holds it, and that batch's id.
    let underWay: [String: String]
    /// Open mass changes of the record's source and kind.
    let heldAtSource: [String]
    /// Failed messages that would go through if they were sent again now, and those that wouldn't.
    let forecast: [Int64: Bool]
    let now: String

    /// The journey as it stands.
    func journey() -> Journey {
        let present = self.passages.last { $0.isPresent }
        let known = Set(self.failures.filter { $0.message.failure.stage == .delivery }.map(\.message.failure.system))
            .union(self.places.arrivals.map(\.system))
        let systems = present == nil ? known : known.union(self.receivers.keys)
        return Journey(
            record: "\(self.key)", sequence: present?.sequence, change: present.map(self.change), source: present?.source,
            message: present?.message, trace: present?.trace,
            made: self.derivation.map { made in
                Journey.Made(flow: made.flow, rule: made.rule, of: made.origins.map { "\($0)" })
            },
            held: self.heldAtSource, steps: self.steps(present), systems: systems.sorted().map { self.system($0, present) },
            earlier: self.passages.filter { !$0.isPresent }.reversed().map { past in
                Journey.EarlierState(
                    sequence: past.sequence, message: past.message, trace: past.trace, takenAt: past.takenAt,
                    publishedAt: past.publishedAt)
            }, derived: [])
    }

    private func change(_ passage: RecordPassage) -> Journey.Change {
        passage.isDeletion ? .deleted : passage.sequence == 1 ? .created : .updated
    }

    // MARK: From the source to the broker

    private func steps(_ present: RecordPassage?) -> [JourneyStep] {
        var steps: [JourneyStep] = []
        if let present {
            if let time = present.readAt { steps.append(JourneyStep(.read, time: time)) }
            if self.derivation == nil, let file = self.inbound {
                var mapped = JourneyStep(.mapped)
                mapped.rule = file
                steps.append(mapped)
            }
            steps.append(JourneyStep(.taken, time: present.takenAt))
            let waits = self.places.outbox.contains { $0.queue == nil }
            if !waits { steps.append(JourneyStep(.published, time: present.publishedAt)) }
        }
        let failures = self.failures.filter { $0.message.failure.stage != .delivery }
        let failed = failures.flatMap { self.steps(of: $0) }
        // Failures on the way in stand where they happened: before what was taken later.
        return Self.timed(failed.isEmpty ? steps : Self.merged(steps, failed), since: nil)
    }

    // MARK: One system

    private func system(_ system: String, _ present: RecordPassage?) -> SystemJourney {
        let arrival = self.places.arrivals.first { $0.system == system }
        let failures = self.failures.filter { $0.message.failure.stage == .delivery && $0.message.failure.system == system }
        let state = self.state(in: system, present, arrival, failures)
        var steps = failures.flatMap { self.steps(of: $0, besides: present?.sequence) }
        if let arrival {
            var delivered: [JourneyStep] = []
            if arrival.mappedAt != nil || self.receivers[system] != nil {
                var mapped = JourneyStep(.mapped, time: arrival.mappedAt)
                mapped.rule = self.receivers[system]
                delivered.append(mapped)
            }
            var step = JourneyStep(.delivered, time: arrival.time)
            step.batch = arrival.batch
            step.batchTrace = arrival.batch.flatMap { TargetBatch(id: $0, writes: []).trace?.traceID }
            if arrival.sequence != present?.sequence { step.sequence = arrival.sequence }
            delivered.append(step)
            steps = Self.merged(steps, delivered)
        }
        var lasted: Int?
        if let present, let time = arrival?.time, arrival?.sequence == present.sequence {
            lasted = Self.milliseconds(from: present.takenAt, to: time)
        }
        let waits = (self.places.waits[system] ?? []).sorted().map { "\($0)" }
        let last = steps.last { $0.time != nil }?.time
        let since = max(present.map { $0.publishedAt ?? $0.takenAt } ?? "", last ?? "")
        let isWaiting = !state.isEnd && state != .discarded && !since.isEmpty
        let open = failures.filter { $0.message.state == .failed }
        let forecasts = open.map { self.forecast[$0.message.id] }
        return SystemJourney(
            system: system, state: state, has: arrival?.sequence, milliseconds: lasted,
            waited: isWaiting ? Self.milliseconds(from: since, to: self.now).map { max(0, $0) } : nil,
            wouldPass: open.isEmpty || forecasts.contains(nil) ? nil : forecasts.allSatisfy { $0 == true }, waitsFor: waits,
            due: self.places.retries[system].map { RFC3339.text(Date(timeIntervalSince1970: Double($0.due) / 1000)) },
            steps: Self.timed(steps, since: present.map { $0.publishedAt ?? $0.takenAt }),
            next: self.next(state, system, failures, waits))
    }

    private func state(
        in system: String, _ present: RecordPassage?, _ arrival: Arrival?, _ failures: [Failure]
    ) -> SystemJourney.State {
        let states = Set(failures.map(\.message.state))
        if states.contains(.failed) { return .failed }
        if states.contains(.replaying) { return .replaying }
        if self.places.held[system] != nil { return .held }
        if self.places.retries[system] != nil { return .retry }
        if self.places.waits[system]?.isEmpty == false { return .waiting }
        guard let present else { return .delivered }
        if let arrival, arrival.sequence >= present.sequence {
            return present.source == system ? .own : arrival.hasRows || present.isDeletion ? .delivered : .leftOut
        }
        if failures.contains(where: {
            $0.message.state == .discarded && ($0.message.failure.sequence ?? 0) >= present.sequence
        }) {
            return .discarded
        }
        if self.underWay[system] != nil { return .writing }
        return self.places.outbox.contains { $0.queue == nil || $0.queue == HubTopology.deliveryQueue(of: system) }
            ? .unpublished : .queued
    }

    private func next(
        _ state: SystemJourney.State, _ system: String, _ failures: [Failure], _ waits: [String]
    ) -> [String] {
        switch state {
        case .delivered, .own, .leftOut, .retry: []
        case .unpublished: ["knutpunkt status"]
        case .queued, .writing: ["knutpunkt health"]
        case .replaying: ["knutpunkt failed batches"]
        case .held: self.places.held[system].map { ["knutpunkt held show \($0)"] } ?? []
        case .waiting: waits.prefix(3).map { "knutpunkt trace \($0)" }
        case .failed:
            failures.filter { $0.message.state == .failed }.flatMap { failure in
                let number = failure.message.id
                let release = failure.edit.map { !$0.isReleased } == true ? ["knutpunkt failed edit \(number) --approve"] : []
                return ["knutpunkt failed show \(number)"] + release + ["knutpunkt failed replay \(number) --dry-run"]
            }
        case .discarded:
            failures.filter { $0.message.state == .discarded }.map { "knutpunkt audit --subject failure/\($0.message.id)" }
        }
    }
}
