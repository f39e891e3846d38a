import Foundation
import Mapping
import Reconciliation
import SchoolRecords

/// Waiting until what was sent has been given, or is known to have stopped somewhere.
extension Probe {
    /// Returns when every system has been given these states, or what has become of them instead is known.
    func settle(_ keys: [RecordKey: Int64], _ phase: ProbeFinding.Phase) async throws -> [ProbeFinding] {
        var findings: [ProbeFinding] = []
        let set = self.mappings.set
        let end = self.clock.now().addingTimeInterval(self.patience.delivery)
        for system in self.plan.scope.keys.sorted() {
            let delivered = Set(set.deliveredEntities(system: system))
            var open = keys.filter { key, _ in delivered.contains(key.entity) }
            let records = try await self.store.records(Array(open.keys))
            open = open.filter { key, _ in records[key]?.concerns(system) ?? false }
            while true {
                let states = try await self.store.states(of: Array(open.keys), in: system)
                open = open.filter { key, sequence in
                    guard let state = states[key] else { return phase != .deleted }
                    return state.sequence < sequence
                }
                for key in open.keys.sorted() {
                    guard let failure = try await self.failure(of: key, in: system) else { continue }
                    open[key] = nil
                    findings.append(Self.finding(failure, system, phase))
                }
                if open.isEmpty { break }
                guard self.clock.now() < end else {
                    for key in open.keys.sorted() { findings.append(try await self.stuck(key, in: system, phase)) }
                    break
                }
                try await self.clock.sleep(.milliseconds(100))
            }
        }
        return findings
    }

    private func failure(of key: RecordKey, in system: String) async throws -> FailedMessage? {
        var filter = FailureFilter()
        (filter.system, filter.entity, filter.record, filter.states) = (system, key.entity, key.id, [.failed])
        return try await self.store.list(filter).last { $0.failure.stage == .delivery }
    }

    private static func finding(_ failed: FailedMessage, _ system: String, _ phase: ProbeFinding.Phase) -> ProbeFinding {
        let failure = failed.failure
        let isMapping = failure.kind == "mapping"
        return ProbeFinding(
            system: system, hop: isMapping ? .mapping : .system,
            flaw: failure.code == "value-without-code" ? .wrongCode : .failed,
            phase: phase, kind: failure.key?.entity.rawValue ?? "-", field: failure.field, found: failure.code,
            place: failure.place ?? "knutpunkt failed show \(failed.id)")
    }

    /// Where a message is that didn't arrive in time.
    private func stuck(_ key: RecordKey, in system: String, _ phase: ProbeFinding.Phase) async throws -> ProbeFinding {
        let places = try await self.store.whereabouts(of: key, systems: [system])
        let place: String? =
            if let held = places.held[system] {
                "knutpunkt held show \(held)"
            } else if let waits = places.waits[system]?.min() {
                "waits for \(waits)"
            } else if let retry = places.retries[system] {
                "retries: \(retry.reason)"
            } else if !places.outbox.isEmpty {
                "outbox"
            } else {
                "queue deliver.\(system)"
            }
        return ProbeFinding(
            system: system, hop: .delivery, flaw: .notArrived, phase: phase, kind: key.entity.rawValue, place: place)
    }
}
