import SQLStores
import Foundation
import Hub
import Messaging
import SchoolRecords
import Testing

@Suite("Register, staging and outbox")
struct RegisterAndOutboxTests {
    @Test func `a new record gets sequence 1 and stands in the outbox, an equal one leaves no trace`() async throws {
        try await StoreFixture.with { fixture in
            #expect(try await fixture.take([fixture.state("a", "Prov")]).created == 1)
            #expect(try await fixture.take([fixture.state("a", "Prov")]).unchanged == 1)
            let entries = try await fixture.store.next(limit: 10)
            #expect(entries.map(\.change.sequence) == [1])
            #expect(entries.map(\.routingKey) == ["record.person.upserted.edlevo"])
            #expect(entries.first.map { String(decoding: $0.change.body, as: UTF8.self).contains("Prov") } == true)
        }
    }

    @Test func `the sequence grows over changes, a deletion and a return`() async throws {
        try await StoreFixture.with { fixture in
            for text in ["A", "B", nil, nil, "A"] { try await fixture.take([fixture.state("a", text)]) }
            let record = try await fixture.store.records([RecordKey(.person, "a")]).values.first
            #expect(record?.sequence == 4)
            #expect(try await fixture.store.liveCounts() == [.person: 1])
        }
    }

    @Test func `an entry overtaken by a newer state is dropped and counted, the newer one is published`() async throws {
        try await StoreFixture.with { fixture in
            try await fixture.take([fixture.state("a", "A")])
            try await fixture.take([fixture.state("a", "B")])
            let entries = try await fixture.store.next(limit: 10)
            #expect(entries.map(\.change.sequence) == [2])
            #expect(try await fixture.store.counts().superseded == 1)
            try await fixture.store.published(entries.map(\.position))
            #expect(try await fixture.store.backlog() == 0)
            #expect(try await fixture.store.counts().published == 1)
        }
    }

    @Test func `entries come in the order in which they were taken`() async throws {
        try await StoreFixture.with { fixture in
            for number in 0..<50 { try await fixture.take([fixture.state("p\(number)", "x")]) }
            #expect(try await fixture.store.next(limit: 100).map(\.change.key.id) == (0..<50).map { "p\($0)" })
        }
    }

    @Test func `a deletion leaves a tombstone without the person's data`() async throws {
        try await StoreFixture.with { fixture in
            try await fixture.take([fixture.state("a", "Prov")])
            #expect(try await fixture.take([fixture.state("a", nil)]).deleted == 1)
            let entry = try await fixture.store.next(limit: 10).last
            #expect(entry?.routingKey == "record.person.deleted.edlevo")
            #expect(entry.map { String(decoding: $0.change.body, as: UTF8.self) } == #"{"id":"a"}"#)
        }
    }

    @Test func `one redelivery of a record to a system is enough`() async throws {
        try await StoreFixture.with { fixture in
            try await fixture.take([fixture.state("a", "A")])
            let key = RecordKey(.person, "a")
            try await fixture.store.redeliver([key, key], to: "unikum", reason: "replay")
            let redelivered = try await fixture.store.next(limit: 10).filter { $0.exchange.isEmpty }
            #expect(redelivered.map(\.routingKey) == ["deliver.unikum"])
            #expect(redelivered.map(\.change.redelivery) == ["replay"])
        }
    }

    @Test func `staged records come in order, once, and are gone when cleared`() async throws {
        try await StoreFixture.with { fixture in
            try await fixture.store.stage([fixture.state("b", "1"), fixture.state("a", "1")], run: "edlevo")
            try await fixture.store.stage([fixture.state("a", "2")], run: "edlevo")
            let first = try await fixture.store.staged(run: "edlevo", after: nil, limit: 1)
            #expect(first == [fixture.state("a", "2")])
            #expect(try await fixture.store.staged(run: "edlevo", after: first.last?.key, limit: 5) == [fixture.state("b", "1")])
            try await fixture.store.clearStage(run: "edlevo")
            #expect(try await fixture.store.staged(run: "edlevo", after: nil, limit: 5).isEmpty)
        }
    }

    @Test(arguments: 1...6 as ClosedRange<UInt64>)
    func `whatever is taken, sequences grow by one and the outbox ends with the last state of each`(seed: UInt64) async throws {
        try await StoreFixture.with { fixture in
            var generator = SeededGenerator(state: seed)
            var expected: [String: (sequence: Int64, text: String?)] = [:]
            for _ in 0..<120 {
                let id = "p\(Int.random(in: 0..<8, using: &generator))"
                let text = Bool.random(using: &generator) ? "t\(Int.random(in: 0..<3, using: &generator))" : nil
                try await fixture.take([fixture.state(id, text)])
                let (sequence, last) = expected[id] ?? (0, nil)
                if text != last { expected[id] = (sequence + 1, text) }
            }
            let entries = try await fixture.store.next(limit: 1000)
            let published = Dictionary(entries.map { ($0.change.key.id, $0.change.sequence) }, uniquingKeysWith: max)
            #expect(published == expected.mapValues(\.sequence), "seed \(seed)")
        }
    }

    @Test func `protected persons are known by opaque id, released when asked`() async throws {
        try await StoreFixture.with { fixture in
            let key = RecordKey(.person, "real")
            let opaque = fixture.key.opaqueKey(for: key)
            _ = try await fixture.store.take(
                [], withheld: [WithheldRecord(opaqueKey: opaque, key: key, body: Data("{}".utf8))], failures: [],
                source: "edlevo",
                time: StoreFixture.time)
            #expect(try await fixture.store.withheldPersons() == [opaque.id])
            #expect(try await fixture.store.holds([opaque, key]) == [opaque])
            #expect(try await fixture.store.realKey(of: opaque) == key)
            try await fixture.store.release([opaque])
            #expect(try await fixture.store.withheldCounts().isEmpty)
        }
    }
}

struct SeededGenerator: RandomNumberGenerator {
    var state: UInt64
    mutating func next() -> UInt64 {
        self.state = self.state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return self.state ^ (self.state >> 29)
    }
}
