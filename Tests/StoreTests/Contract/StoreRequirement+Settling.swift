import ConnectorKit
import Foundation
import Hub
import Messaging
import SchoolRecords
import Testing

extension StoreRequirement {
    static let settling: [StoreRequirement] = [
        .init("what was applied is the delivery state, by system") { subject in
            try await subject.settle("a", 3, subject.applied([subject.row("k", "new"), subject.row("l")]))
            let state = DeliveryState(key: subject.person("a"), sequence: 3, rows: [subject.row("k", "new"), subject.row("l")])
            let keys = [subject.person("a"), subject.person("never")]
            try await #expect(subject.store.states(of: keys, in: "unikum") == [subject.person("a"): state])
            try await #expect(subject.store.states(of: keys, in: "other").isEmpty)
            try await #expect(subject.store.sequences(of: Set(keys), in: "unikum") == [subject.person("a"): 3])
            try await #expect(subject.counts.delivered == 1)
        },
        .init("an older state changes nothing and counts as superseded") { subject in
            try await subject.settle("a", 3, subject.applied([subject.row("k", "new")], references: ["b"]))
            try await subject.settle("a", 2, subject.applied([subject.row("k", "old")], missing: ["c"]))
            try await #expect(
                subject.store.states(of: [subject.person("a")], in: "unikum").values.map(\.rows) == [[subject.row("k", "new")]])
            try await #expect(subject.store.waitingCounts().isEmpty)
            try await #expect(subject.counts.delivered == 1)
            try await #expect(subject.counts.superseded == 1)
        },
        .init("a failure or a retry of an older state changes nothing and counts as superseded") { subject in
            try await subject.settle("a", 3, subject.applied())
            try await subject.settle("a", 2, .failed(subject.failure("a", sequence: 2)))
            try await subject.settle("a", 2, .retry(due: 1, reason: "slow"))
            try await #expect(subject.failures.isEmpty)
            try await #expect(subject.store.waitingCounts().isEmpty)
            try await #expect(subject.counts.superseded == 2)
            try await #expect(subject.counts.failed == 0)
        },
        .init("the same state again, with other rows, replaces them; with the same it counts as superseded") { subject in
            try await subject.settle("a", 1, subject.applied([subject.row("k")]))
            try await subject.settle("a", 1, subject.applied([subject.row("l")]))
            try await #expect(subject.counts.delivered == 2)
            try await subject.settle("a", 1, subject.applied([subject.row("l")]))
            try await #expect(subject.counts.delivered == 2)
            try await #expect(subject.counts.superseded == 1)
            try await #expect(
                subject.store.states(of: [subject.person("a")], in: "unikum").values.map(\.rows) == [[subject.row("l")]])
            let old = RowIdentity(kind: "person", key: "k")
            try await #expect(subject.store.givers(of: [old], in: "unikum").isEmpty)
        },
        .init("superseded counts and changes nothing") { subject in
            try await subject.settle("a", 2, subject.applied([subject.row("k")]))
            try await subject.settle("a", 1, .superseded)
            try await #expect(subject.store.sequences(of: [subject.person("a")], in: "unikum") == [subject.person("a"): 2])
            try await #expect(subject.counts.superseded == 1)
        },
        .init("all of one settlement happens together, in order, for many records") { subject in
            let settlements = (0..<700).map { number in
                Settlement(key: subject.person("p\(number)"), sequence: 1, outcome: subject.applied([subject.row("k\(number)")]))
            }
            let twice = [
                Settlement(key: subject.person("p0"), sequence: 1, outcome: .superseded),
                Settlement(key: subject.person("p0"), sequence: 2, outcome: subject.applied([subject.row("newer")])),
                Settlement(key: subject.person("p0"), sequence: 1, outcome: subject.applied([subject.row("older")])),
            ]
            try await subject.store.settle(settlements + twice, in: "unikum", time: StoreUnderTest.time)
            let states = try await subject.store.states(of: settlements.map(\.key), in: "unikum")
            #expect(states.count == 700 && states[subject.person("p0")]?.rows == [subject.row("newer")])
            try await #expect(subject.counts.delivered == 701)
            try await #expect(subject.counts.superseded == 2)
            let rows = Set((0..<700).map { RowIdentity(kind: "person", key: "k\($0)") })
            try await #expect(subject.store.givers(of: rows, in: "unikum").count == 699)
        },
        .init("the givers of a row are the records that give it now") { subject in
            let row = subject.row("20130101-TF01")
            for id in ["a", "b"] { try await subject.settle(id, 1, subject.applied([row])) }
            let identity = RowIdentity(kind: row.kind, key: row.key)
            try await #expect(
                subject.store.givers(of: [identity, RowIdentity(kind: "class", key: row.key)], in: "unikum")
                    == [identity: [subject.person("a"), subject.person("b")]])
            try await #expect(subject.store.givers(of: [identity], in: "other").isEmpty)
            try await subject.settle("a", 2, subject.applied())
            try await #expect(subject.store.givers(of: [identity], in: "unikum") == [identity: [subject.person("b")]])
        },
        .init("a prepared batch is kept as it is until it is settled, then counted") { subject in
            let write = TargetWrite(
                record: subject.person("a"), sequence: 1, set: [subject.row("k")], removed: [subject.row("l")])
            let batch = PreparedBatch(
                system: "unikum", batch: TargetBatch(id: "000000001-a", writes: [write]),
                settlements: [
                    Settlement(
                        key: subject.person("a"), sequence: 1, outcome: subject.applied([subject.row("k")], references: ["b"])),
                    Settlement(key: subject.person("b"), sequence: 1, outcome: .superseded),
                    Settlement(key: subject.person("c"), sequence: 1, outcome: .retry(due: 7, reason: "slow")),
                    Settlement(key: subject.person("d"), sequence: 1, outcome: .failed(subject.failure("d"))),
                ])
            try await subject.store.prepare(batch)
            try await #expect(subject.another().prepared(for: "unikum") == batch)
            try await #expect(subject.store.prepared(for: "other") == nil)
            try await subject.store.settle([], in: "other", time: StoreUnderTest.time)
            try await #expect(subject.store.prepared(for: "unikum") == batch)
            try await subject.store.settle(batch.settlements, in: "unikum", time: StoreUnderTest.time)
            try await #expect(subject.store.prepared(for: "unikum") == nil)
            try await #expect(subject.counts.batches == 1)
        },
        .init("a batch settled twice is delivered once") { subject in
            let settlements = [
                Settlement(key: subject.person("a"), sequence: 1, outcome: subject.applied([subject.row("k")])),
                Settlement(key: subject.person("b"), sequence: 1, outcome: .failed(subject.failure("b"))),
            ]
            try await subject.store.prepare(
                PreparedBatch(system: "unikum", batch: TargetBatch(id: "1", writes: []), settlements: settlements))
            for _ in 0..<2 { try await subject.store.settle(settlements, in: "unikum", time: StoreUnderTest.time) }
            let counts = try await subject.counts
            #expect(counts.delivered == 1 && counts.superseded == 1 && counts.failed == 1 && counts.batches == 1)
        },
        .init("a batch under way is not forgotten for another one") { subject in
            func batch(_ id: String) -> PreparedBatch {
                PreparedBatch(system: "unikum", batch: TargetBatch(id: id, writes: []), settlements: [])
            }
            try await subject.store.prepare(batch("1"))
            try await subject.store.prepare(batch("1"))
            await #expect(throws: (any Error).self) { try await subject.store.prepare(batch("2")) }
            try await #expect(subject.store.prepared(for: "unikum")?.batch.id == "1")
        },
    ]
}
