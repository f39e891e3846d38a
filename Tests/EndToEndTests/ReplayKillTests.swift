import Foundation
import Hub
import KnutpunktApp
import Messaging
import SchoolRecords
import StandIns
import TestChance
import Testing

/// Replays under `kill -9` of the hub and of its broker, and while the system goes away.
@Suite("Killed in the middle of a replay, each message ends once", .serialized)
struct ReplayKillTests {
    enum Victim: CaseIterable { case hub, broker, system }

    /// `make test-replays` sets more.
    private static func number(_ name: String, _ usual: Int) -> Int {
        ProcessInfo.processInfo.environment[name].flatMap(Int.init) ?? usual
    }

    @Test(.timeLimit(.minutes(120)))
    func `hub, broker and system are struck at random points of a replay: each message ends once, with the right state`()
        async throws
    {
        let seed = ProcessInfo.processInfo.environment["KNUTPUNKT_SEED"].flatMap(UInt64.init) ?? UInt64.random(in: 1...999_999)
        let (runs, size) = (Self.number("KNUTPUNKT_REPLAY_RUNS", 1), Self.number("KNUTPUNKT_REPLAY_SIZE", 1500))
        print("replay kill seed \(seed), \(runs) runs of \(size)")
        try await TemporaryDirectory.with { directory in
            let options = Rehearsal.Options(
                scale: .custom(children: 30), seed: seed, directory: directory, mappings: Program.mappings,
                executable: Program.path)
            try await Rehearsal.with(options) { rehearsal in
                try rehearsal.startHub()
                try await rehearsal.waitUntilRunning()
                try await rehearsal.settle(within: 180)
                for run in 1...runs {
                    var persons = Persons(rehearsal: rehearsal, size: size, random: SeededRandom(seed: seed &+ UInt64(run)))
                    let began = ContinuousClock.now
                    try await persons.strike(run: run)
                    print("run \(run) of \(runs) took \(ContinuousClock.now - began)")
                }
            }
        }
    }
}

/// Persons whose delivery failed, and what becomes of them.
private struct Persons {
    let rehearsal: Rehearsal
    let size: Int
    var random: SeededRandom
    /// The name that each must have in the end.
    private var names: [Int: String] = [:]

    init(rehearsal: Rehearsal, size: Int, random: SeededRandom) {
        self.rehearsal = rehearsal
        self.size = size
        self.random = random
    }

    private var store: any HubStore { self.rehearsal.context.store }

    mutating func strike(run: Int) async throws {
        try await self.fail(run)
        let plan = [ReplayPlan(), ReplayPlan(canary: 1), ReplayPlan(canary: 1, ramp: true)].randomElement(using: &self.random)
        var filter = FailureFilter()
        filter.system = "unikum"
        let batch = try await self.store.select(
            filter, plan: plan ?? ReplayPlan(), by: "operator", time: HubClock.system.timestamp)
        #expect(batch.size == self.size)
        try await self.store.change(batch.id, .start, by: "operator", time: HubClock.system.timestamp)
        try self.rehearsal.startHub()
        try await self.rehearsal.waitUntilRunning()
        for victim in (ReplayKillTests.Victim.allCases + [.hub]).shuffled(using: &self.random) {
            let point = Int.random(in: 0..<self.size, using: &self.random)
            try await self.wait(for: point, of: batch.id)
            print("run \(run): \(victim) at \(point)")
            try await self.change(run)
            switch victim {
            case .hub:
                await self.rehearsal.killHub()
                try self.rehearsal.startHub()
                try await self.rehearsal.waitUntilRunning()
            case .broker: try self.rehearsal.killBroker()
            case .system:
                try await self.rehearsal.unikum.goDown()
                // A refused batch is what shows that it was away, where there is one.
                try await Task.sleep(for: .milliseconds(Int.random(in: 100...900, using: &self.random)))
                try await self.rehearsal.unikum.comeBack()
            }
        }
        try await self.waitUntilDone(batch.id)
        try await self.rehearsal.settle(within: 180)
        try await self.check(batch.id, run)
    }

    private func key(_ index: Int) -> RecordKey { RecordKey(.person, "replayed-\(index)") }

    /// A temporary number, which belongs to nobody.
    private func number(_ index: Int) -> String {
        func two(_ number: Int) -> String { (number < 10 ? "0" : "") + String(number) }
        return "2013" + two(1 + index / 28 % 12) + two(1 + index % 28) + "TF" + two(index / 336 % 100)
    }

    private func take(_ persons: [Int: String]) async throws {
        let states = persons.sorted { $0.key < $1.key }.map { index, name in
            RecordState(
                key: self.key(index), owner: self.key(index).id,
                body: JSONValue.object([
                    "id": .string(self.key(index).id), "givenName": .string(name), "familyName": .string("Provsson\(index)"),
                    "civicNo": ["value": .string(self.number(index)), "nationality": "SE"],
                ]).canonicalData)
        }
        // As if somebody had let them through: with every run all of them change, which is a mass change.
        _ = try await self.store.take(
            states, withheld: [], failures: [], source: "load", counting: .seen, time: HubClock.system.timestamp)
    }

    /// New states of all, sent and refused, while the hub is off.
    private mutating func fail(_ run: Int) async throws {
        await self.rehearsal.killHub()
        for first in stride(from: 0, to: self.size, by: 1000) {
            var persons: [Int: String] = [:]
            for index in first..<min(first + 1000, self.size) { persons[index] = "Prov\(run)" }
            try await self.take(persons)
            self.names.merge(persons) { $1 }
            let entries = try await self.store.next(limit: 2000)
            try await self.store.published(entries.map(\.position))
            try await self.store.settle(
                entries.map { entry in
                    Settlement(
                        key: entry.change.key, sequence: entry.change.sequence,
                        outcome: .failed(
                            NewFailure(
                                stage: .delivery, system: "unikum", key: entry.change.key, sequence: entry.change.sequence,
                                kind: "rejected", code: "refused", field: nil, place: nil, message: "refused", body: nil)))
                }, in: "unikum", time: HubClock.system.timestamp)
        }
    }

    /// Some get a newer state in the middle of it all.
    private mutating func change(_ run: Int) async throws {
        var persons: [Int: String] = [:]
        for _ in 0..<20 {
            let index = Int.random(in: 0..<self.size, using: &self.random)
            persons[index] = "Nyare\(run)-\(Int.random(in: 0...999, using: &self.random))"
        }
        try await self.take(persons)
        self.names.merge(persons) { $1 }
    }

    /// Waits until so many messages have their outcome; when all have, now is the moment.
    private func wait(for point: Int, of batch: String) async throws {
        for await _ in self.store.changes(every: .milliseconds(20)) {
            guard let now = try await self.store.batch(batch), now.state == .running else { return }
            if now.tally[.replayed] + now.tally[.superseded] >= point { return }
        }
    }

    private func waitUntilDone(_ batch: String) async throws {
        for await _ in self.store.changes(every: .milliseconds(50)) {
            guard try await self.store.batch(batch)?.state == .running else { return }
        }
    }

    private func check(_ id: String, _ run: Int) async throws {
        let batch = try #require(try await self.store.batch(id))
        #expect(batch.state == .done, "run \(run)")
        #expect(batch.tally[.replayed] + batch.tally[.superseded] == self.size, "run \(run): \(batch.tally)")
        let counts: [FailedMessage.State: Int] = try await self.store.counts()
        #expect((counts[.failed] ?? 0) == 0 && (counts[.replaying] ?? 0) == 0, "run \(run): \(counts)")
        let unikum = self.rehearsal.unikum
        var wrong = 0
        for (index, name) in self.names {
            let number = self.number(index)
            let row = await unikum.row("person", number.prefix(8) + "-" + number.suffix(4))
            if row?.fields["givenName"] != name { wrong += 1 }
        }
        #expect(wrong == 0, "run \(run): persons with another state than the newest")
        #expect(await unikum.revertedRows.count == 0, "run \(run): nothing stale")
        #expect(await unikum.conflictingRepeats.count == 0, "run \(run): a repeated batch brings nothing new")
        #expect(await unikum.needlessRows.count == 0, "run \(run): nothing twice outside of a repeated batch")
        #expect(await unikum.rejections.map(\.code) == [], "run \(run)")
        try await #expect(self.store.firstBrokenAuditEntry() == nil)
    }
}
