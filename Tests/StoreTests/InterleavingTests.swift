import TestChance
import ConnectorKit
import Hub
import Messaging
import SchoolRecords
import Testing

@Suite("Whatever happens in whatever order")
struct InterleavingTests {
    @Test(arguments: [UInt64.random(in: 100 ... .max)] + Array(1...24))
    func `sequences grow by one, nothing given goes back, and everything taken is given in the end`(seed: UInt64) async throws {
        try await StoreFixture.with { fixture in
            var story = Story(subject: fixture.subject, seed: seed)
            for _ in 0..<150 { try await story.step() }
            try await story.end()
        }
    }
}

/// A hub in small, moved by chance: takes, publishes, loses confirms, hands out twice and out of order, fails, retries.
private struct Story {
    let subject: StoreUnderTest
    let seed: UInt64
    private var generator: SeededRandom
    /// What was taken: the sequence and content that each record must have.
    private var taken: [RecordKey: (sequence: Int64, text: String?)] = [:]
    /// What the broker holds for the system.
    private var queue: [RecordChange] = []
    private var given: [RecordKey: Int64] = [:]
    private var batch = 0
    private var now: Int64 = 0

    init(subject: StoreUnderTest, seed: UInt64) {
        self.subject = subject
        self.seed = seed
        self.generator = SeededRandom(seed: seed)
    }

    private var keys: [RecordKey] { (0..<5).map { RecordKey(.person, "p\($0)") } }

    private mutating func oneOf(_ number: Int) -> Bool { Int.random(in: 0..<number, using: &self.generator) == 0 }

    mutating func step() async throws {
        switch Int.random(in: 0..<8, using: &self.generator) {
        case 0, 1: try await self.take()
        case 2: try await self.relay(confirming: !self.oneOf(4))
        case 3:
            // The receiver is done with some of what is published, and more happens, before the confirm is noted.
            let entries = try await self.publish(limit: Int.random(in: 1...6, using: &self.generator))
            for _ in 0..<3 {
                try await self.deliver(calmly: false)
                try await self.replay()
            }
            try await self.subject.store.published(entries)
        case 4, 5: try await self.deliver(calmly: false)
        case 6:
            self.now += 1000
            _ = try await self.subject.store.releaseDueRetries(now: self.now)
        default: try await self.replay()
        }
        try await self.check()
    }

    private mutating func take() async throws {
        var states: [RecordState] = []
        for _ in 0..<Int.random(in: 1...3, using: &self.generator) {
            guard let key = self.keys.randomElement(using: &self.generator) else { return }
            let text = self.oneOf(5) ? nil : "t\(Int.random(in: 0..<3, using: &self.generator))"
            states.append(self.subject.state(key.id, text))
            let before = self.taken[key]
            if before?.text != text { self.taken[key] = ((before?.sequence ?? 0) + 1, text) }
        }
        try await self.subject.take(states)
    }

    private mutating func publish(limit: Int) async throws -> [Int64] {
        let entries = try await self.subject.store.next(limit: limit)
        self.queue += entries.map(\.change)
        return entries.map(\.position)
    }

    private mutating func relay(confirming: Bool) async throws {
        let positions = try await self.publish(limit: Int.random(in: 1...6, using: &self.generator))
        if confirming { try await self.subject.store.published(positions) }
    }

    /// Settles some messages as the delivery does: what isn't news is superseded, of two the newer counts.
    private mutating func deliver(calmly: Bool) async throws {
        guard !self.queue.isEmpty else { return }
        var chosen: [RecordChange] = []
        for _ in 0..<(calmly ? self.queue.count : Int.random(in: 1...4, using: &self.generator)) where !self.queue.isEmpty {
            let at = calmly || !self.oneOf(3) ? 0 : Int.random(in: 0..<self.queue.count, using: &self.generator)
            chosen.append(calmly || !self.oneOf(5) ? self.queue.remove(at: at) : self.queue[at])
        }
        let sequences = try await self.subject.store.sequences(of: Set(chosen.map(\.key)), in: "unikum")
        var settlements: [Settlement] = []
        var candidates: [RecordKey: RecordChange] = [:]
        for change in chosen {
            if let last = sequences[change.key], change.sequence < last || (change.sequence == last && change.redelivery == nil) {
                settlements.append(Settlement(key: change.key, sequence: change.sequence, outcome: .superseded))
            } else if let other = candidates[change.key] {
                let older = change.sequence < other.sequence ? change : other
                candidates[change.key] = change.sequence < other.sequence ? other : change
                settlements.append(Settlement(key: older.key, sequence: older.sequence, outcome: .superseded))
            } else {
                candidates[change.key] = change
            }
        }
        for (key, change) in candidates.sorted(by: { $0.key < $1.key }) {
            let outcome = try await self.outcome(of: change, candidates: candidates, calmly: calmly)
            settlements.append(Settlement(key: key, sequence: change.sequence, outcome: outcome))
        }
        self.batch += 1
        let prepared = PreparedBatch(
            system: "unikum", batch: TargetBatch(id: "\(self.batch)", writes: []), settlements: settlements)
        try await self.subject.store.prepare(prepared)
        try await self.subject.store.settle(settlements, in: "unikum", time: StoreUnderTest.time)
    }

    private mutating func outcome(
        of change: RecordChange, candidates: [RecordKey: RecordChange], calmly: Bool
    ) async throws -> Settlement.Outcome {
        if !calmly, self.oneOf(4) { return .failed(self.subject.failure(change.key.id, sequence: change.sequence)) }
        if !calmly, self.oneOf(5) { return .retry(due: self.now + 1500, reason: "slow") }
        guard change.operation == .upserted, let at = self.keys.firstIndex(of: change.key), at > 0 else {
            return self.subject.applied()
        }
        // Everybody refers to the one before.
        let other = self.keys[at - 1]
        let present = try await self.subject.store.records([other])[other]
        let last = try await self.subject.store.sequences(of: [other], in: "unikum")[other] ?? 0
        let isThere = present.map { last >= $0.sequence || candidates[other]?.sequence == $0.sequence } ?? true
        return .applied(
            rows: [TargetRow(kind: "person", key: change.key.id, fields: ["namn": String(decoding: change.body, as: UTF8.self)])],
            references: [other], missing: isThere ? [] : [other])
    }

    private mutating func replay() async throws {
        let failed = try await self.subject.store.list(FailureFilter()).map(\.id)
        guard let one = failed.randomElement(using: &self.generator) else { return }
        _ = try await self.subject.store.replay([one])
    }

    private mutating func check() async throws {
        let records = try await self.subject.store.records(self.keys)
        #expect(records.mapValues(\.sequence) == self.taken.mapValues(\.sequence).filter { $0.value > 0 }, "seed \(self.seed)")
        let sequences = try await self.subject.store.sequences(of: Set(self.keys), in: "unikum")
        for (key, sequence) in self.given { #expect(sequences[key] ?? 0 >= sequence, "seed \(self.seed): \(key) went back") }
        self.given = sequences
    }

    /// Everything works again: all that is open is sent, and what stands at the end is what was taken last.
    mutating func end() async throws {
        for _ in 0..<60 {
            _ = try await self.subject.store.replay(self.subject.store.list(FailureFilter()).map(\.id))
            self.now += 10_000
            _ = try await self.subject.store.releaseDueRetries(now: self.now)
            try await self.relay(confirming: true)
            try await self.deliver(calmly: true)
            try await self.check()
            let backlog = try await self.subject.store.backlog()
            if backlog == 0, self.queue.isEmpty { break }
        }
        let seed = self.seed
        let states = try await self.subject.store.states(of: self.keys, in: "unikum")
        for (key, last) in self.taken where last.sequence > 0 {
            #expect(states[key]?.sequence == last.sequence, "seed \(seed): \(key)")
        }
        try await #expect(self.subject.store.backlog() == 0, "seed \(seed)")
        try await #expect(self.subject.store.waitingCounts().isEmpty, "seed \(seed)")
        try await #expect(self.subject.store.lag(of: "unikum", entities: [.person]) == 0, "seed \(seed)")
        let open = try await self.subject.failures.filter { $0.state == .failed || $0.state == .replaying }
        #expect(open.isEmpty, "seed \(seed)")
    }
}
