import Messaging
import SQLStores
import ConnectorKit
import Foundation
import Hub
import SchoolRecords
import Testing

@Suite("Deliveries and failed messages")
struct DeliveriesTests {
    private func applied(_ rows: [TargetRow], references: Set<RecordKey> = [], missing: Set<RecordKey> = []) -> Settlement.Outcome
    {
        .applied(rows: rows, references: references, missing: missing)
    }

    @Test func `an older state never replaces a newer one`() async throws {
        try await StoreFixture.with { fixture in
            try await fixture.settle("a", 3, self.applied([fixture.row("k", "new")]))
            try await fixture.settle("a", 2, self.applied([fixture.row("k", "old")]))
            let state = try await fixture.store.states(of: [RecordKey(.person, "a")], in: "unikum").values.first
            #expect(state?.sequence == 3)
            #expect(state?.rows == [fixture.row("k", "new")])
            let counts: HubCounts = try await fixture.store.counts()
            #expect(counts.delivered == 1 && counts.superseded == 1)
        }
    }

    @Test func `a prepared batch is kept until it is settled`() async throws {
        try await StoreFixture.with { fixture in
            let batch = PreparedBatch(
                system: "unikum",
                batch: TargetBatch(
                    id: "000000001-a",
                    writes: [TargetWrite(record: RecordKey(.person, "a"), sequence: 1, set: [fixture.row("k")], removed: [])]),
                settlements: [Settlement(key: RecordKey(.person, "a"), sequence: 1, outcome: self.applied([fixture.row("k")]))])
            try await fixture.store.prepare(batch)
            #expect(try await StoreFixture.open(fixture.path).prepared(for: "unikum") == batch)
            try await fixture.store.settle(batch.settlements, in: "unikum", time: StoreFixture.time)
            #expect(try await fixture.store.prepared(for: "unikum") == nil)
            let counts: HubCounts = try await fixture.store.counts()
            #expect(counts.batches == 1)
        }
    }

    @Test func `who waits is sent again when what it waits for is applied`() async throws {
        try await StoreFixture.with { fixture in
            try await fixture.take([fixture.state("a", "A"), fixture.state("b", "B")])
            try await fixture.store.published(try await fixture.store.next(limit: 10).map(\.position))
            let other = RecordKey(.person, "b")
            try await fixture.settle("a", 1, self.applied([], references: [other], missing: [other]))
            #expect(try await fixture.store.waitingCounts() == ["unikum": 1])
            #expect(try await fixture.store.backlog() == 0)
            try await fixture.settle("b", 1, self.applied([]))
            #expect(try await fixture.store.next(limit: 10).map(\.change.key.id) == ["a"])
            try await fixture.settle("a", 1, self.applied([fixture.row("k")], references: [other]))
            #expect(try await fixture.store.waitingCounts().isEmpty)
        }
    }

    @Test func `who looked at a record is sent again when it changes, not when it is given for the first time`() async throws {
        try await StoreFixture.with { fixture in
            try await fixture.take([fixture.state("a", "A"), fixture.state("b", "B")])
            try await fixture.store.published(try await fixture.store.next(limit: 10).map(\.position))
            let other = RecordKey(.person, "b")
            try await fixture.settle("b", 1, self.applied([]))
            try await fixture.settle("a", 1, self.applied([], references: [other]))
            #expect(try await fixture.store.backlog() == 0)
            try await fixture.settle("b", 1, self.applied([]))
            #expect(try await fixture.store.backlog() == 0, "the same state again is no change")
            try await fixture.settle("b", 2, self.applied([]))
            #expect(try await fixture.store.next(limit: 10).map(\.change.redelivery) == ["reference"])
        }
    }

    @Test func `the givers of a row are found, and the row's key is stored nowhere`() async throws {
        try await StoreFixture.with { fixture in
            let row = fixture.row("20130101-TF01")
            try await fixture.settle("a", 1, self.applied([row]))
            try await fixture.settle("b", 1, self.applied([row]))
            let identity = RowIdentity(kind: row.kind, key: row.key)
            #expect(
                try await fixture.store.givers(of: [identity], in: "unikum") == [
                    identity: [RecordKey(.person, "a"), RecordKey(.person, "b")]
                ])
            try await fixture.settle("a", 2, self.applied([]))
            #expect(try await fixture.store.givers(of: [identity], in: "unikum")[identity] == [RecordKey(.person, "b")])
        }
    }

    @Test func `retries are released when due and not before`() async throws {
        try await StoreFixture.with { fixture in
            try await fixture.take([fixture.state("a", "A")])
            try await fixture.store.published(try await fixture.store.next(limit: 10).map(\.position))
            try await fixture.settle("a", 1, .retry(due: 1000, reason: "slow"))
            #expect(try await fixture.store.releaseDueRetries(now: 999) == 0)
            #expect(try await fixture.store.releaseDueRetries(now: 1000) == 1)
            #expect(try await fixture.store.releaseDueRetries(now: 1000) == 0)
            #expect(try await fixture.store.next(limit: 10).map(\.change.redelivery) == ["retry"])
        }
    }

    @Test func `failing again counts up, and a group has the failures of one cause`() async throws {
        try await StoreFixture.with { fixture in
            for id in ["a", "b", "a"] { try await fixture.settle(id, 1, .failed(fixture.failure(id))) }
            try await fixture.settle("c", 1, .failed(fixture.failure("c", code: "mandatory-missing")))
            let groups = try await fixture.store.groups(FailureFilter())
            #expect(groups.map(\.count) == [2, 1])
            #expect(try await fixture.store.list(FailureFilter()).map(\.attempts) == [2, 1, 1])
            let counts: HubCounts = try await fixture.store.counts()
            #expect(counts.failed == 3)
            let shown = try await fixture.store.message(1)
            #expect(shown?.failure.body == Data("body of a".utf8))
        }
    }

    @Test func `a replay goes once, however often and from where it is asked for`() async throws {
        try await StoreFixture.with { fixture in
            try await fixture.take([fixture.state("a", "A")])
            try await fixture.store.published(try await fixture.store.next(limit: 10).map(\.position))
            try await fixture.settle("a", 1, .failed(fixture.failure("a")))
            let other = try await StoreFixture.open(fixture.path)
            async let first = fixture.store.replay([1])
            async let second = other.replay([1])
            let sent = try await first + second
            #expect(sent == 1)
            #expect(try await fixture.store.backlog() == 1)
            try await fixture.settle("a", 1, self.applied([fixture.row("k")]))
            #expect(try await fixture.store.message(1)?.state == .replayed)
            let counts: HubCounts = try await fixture.store.counts()
            #expect(counts.replayed == 1)
        }
    }

    @Test func `a newer state that goes through leaves nothing to replay`() async throws {
        try await StoreFixture.with { fixture in
            try await fixture.settle("a", 1, .failed(fixture.failure("a")))
            try await fixture.settle("a", 2, self.applied([]))
            #expect(try await fixture.store.message(1)?.state == .superseded)
        }
    }

    @Test func `what lags is what was taken and neither given nor failed`() async throws {
        try await StoreFixture.with { fixture in
            try await fixture.take([fixture.state("a", "A"), fixture.state("b", "B"), fixture.state("c", "C")])
            #expect(try await fixture.store.lag(of: "unikum", entities: [.person]) == 3)
            try await fixture.settle("a", 1, self.applied([]))
            try await fixture.settle("b", 1, .failed(fixture.failure("b")))
            #expect(try await fixture.store.lag(of: "unikum", entities: [.person]) == 1)
            #expect(try await fixture.store.lag(of: "unikum", entities: [.group]) == 0)
        }
    }
}
