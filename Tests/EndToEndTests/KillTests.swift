import Reconciliation
import Foundation
import Hub
import KnutpunktApp
import SchoolRecords
import StandIns
import TestChance
import Testing

/// Invariants 1 and 2 under `kill -9`: of the hub, and of its broker, at random moments of the work.
@Suite("Killed at any moment, the run completes", .serialized)
struct KillTests {
    /// Where the work is when it is struck.
    enum Moment: CaseIterable {
        case asked, published, delivered, collected
    }

    @Test(.timeLimit(.minutes(20)))
    func `twenty kills of hub and broker lose nothing, repeat nothing but the batch in flight, and apply nothing stale`()
        async throws
    {
        let seed = ProcessInfo.processInfo.environment["KNUTPUNKT_SEED"].flatMap(UInt64.init) ?? UInt64.random(in: 1...999_999)
        print("kill seed \(seed)")
        try await TemporaryDirectory.with { directory in
            let options = Rehearsal.Options(
                scale: .custom(children: 300), seed: seed, directory: directory, mappings: Program.mappings,
                executable: Program.path)
            try await Rehearsal.with(options) { rehearsal in
                var random = SeededRandom(seed: seed)
                // By chance so many groups change, or so many pupils come, in a school that it is a mass change, which would wait
                // for a person.
                let day = "\(HubClock.system.calendarDate)"
                let many = ChangeCounts(creates: 100_000, updates: 100_000, deletes: 100_000)
                for entity in ["group", "person", "duty", "placement"] {
                    _ = try await rehearsal.context.planChange(
                        system: "edlevo", entity: entity, kind: nil, bounds: many, from: day,
                        to: "2100-01-01", reason: "many at random", by: nil)
                }
                try rehearsal.startHub()
                try await rehearsal.waitUntilRunning()
                // What is in the hub's memory must not lie on a disk when it dies.
                let state = try #require(RunState.read(from: rehearsal.context.configuration.dataDirectory))
                let limits = try String(contentsOfFile: "/proc/\(state.pid)/limits", encoding: .utf8)
                #expect(limits.contains(#/Max core file size +0 +0 /#))
                for strike in 0..<20 {
                    // The first strikes fall into the full load, the others into a stream of changes.
                    if strike >= 4 { try await Self.change(rehearsal, &random) }
                    let moment = Moment.allCases.randomElement(using: &random) ?? .asked
                    try await Self.wait(for: moment, rehearsal, &random)
                    print("strike \(strike): \(strike % 5 == 4 ? "broker" : "hub") at \(moment)")
                    if strike % 5 == 4 {
                        try rehearsal.killBroker()
                    } else {
                        await rehearsal.killHub()
                        try rehearsal.startHub()
                        try await rehearsal.waitUntilRunning()
                    }
                    if strike % 4 == 3 { try await rehearsal.settle(within: 180) }
                }
                try await rehearsal.settle(within: 180)
                let differences = try await rehearsal.differences()
                #expect(differences.map { "\($0.kind) \($0.row) \($0.fields)" } == [], "seed \(seed)")
                let status = try await rehearsal.context.status()
                #expect(status.failed["failed"] ?? 0 == 0, "seed \(seed)")
                #expect(status.outbox == 0)
                #expect(await rehearsal.unikum.revertedRows.count == 0, "no stale state, seed \(seed)")
                #expect(await rehearsal.unikum.conflictingRepeats.count == 0, "a repeated batch brings nothing new, seed \(seed)")
                #expect(await rehearsal.unikum.needlessRows.count == 0, "no repeat outside of a repeated batch, seed \(seed)")
                #expect(await rehearsal.unikum.rejections.map(\.code) == [], "seed \(seed)")
            }
        }
    }

    private static func change(_ rehearsal: Rehearsal, _ random: inout SeededRandom) async throws {
        for _ in 0..<15 {
            switch Int.random(in: 0..<5, using: &random) {
            case 0: _ = try await rehearsal.edlevo.enrolNewPupil()
            case 1: _ = try await rehearsal.edlevo.addStaff(titleCode: "2752")
            default: _ = try await rehearsal.edlevo.renamePerson()
            }
        }
    }

    /// Waits for a moment somewhere in the work; when the work is over before, now is the moment.
    private static func wait(for moment: Moment, _ rehearsal: Rehearsal, _ random: inout SeededRandom) async throws {
        let before = try await rehearsal.context.status()
        let files = await rehearsal.unikum.statistics.files
        let requests = await rehearsal.edlevo.requests.total
        let more = Int.random(in: 1...40, using: &random)
        try await rehearsal.until { status in
            switch moment {
            case .asked: if await rehearsal.edlevo.requests.total >= requests + more % 8 { return true }
            case .published: if status.counts.published >= before.counts.published + more { return true }
            case .delivered: if status.counts.delivered >= before.counts.delivered + more { return true }
            case .collected: if await rehearsal.unikum.statistics.files >= files + 1 + more % 3 { return true }
            }
            guard try await rehearsal.hasReadAll() else { return false }
            return status.outbox == 0 && status.lag.values.allSatisfy { $0 == 0 }
        }
    }
}
