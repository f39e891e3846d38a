import Foundation
import Hub
import Messaging
import SchoolRecords
import Testing

extension StoreRequirement {
    static let replays: [StoreRequirement] = [
        .init("R1: whoever asks for a replay, and however often, each message is sent once") { subject in
            try await subject.failed("a", "b", "c")
            let other = try await subject.another()
            let first = try await subject.select()
            let second = try await subject.select()
            async let started = subject.store.change(first.id, .start)
            async let startedToo = other.change(second.id, .start)
            let waiting = try await [started, startedToo].map { $0.tally[.waiting] }.sorted()
            #expect(waiting == [0, 3])
            await #expect(throws: ReplayRefusal(batch: first.id, reason: .notAllowed(.running))) {
                try await subject.store.change(first.id, .start)
            }
            async let sent = [subject.store.advance(first.id, now: .now).sent, other.advance(second.id, now: .now).sent]
            async let sentToo = [other.advance(first.id, now: .now).sent, subject.store.advance(second.id, now: .now).sent]
            try await #expect(sent.reduce(0, +) + sentToo.reduce(0, +) == 3)
            try await #expect(subject.store.replay([1, 2, 3]) == 0)
            try await #expect(subject.waitingToGo.count == 3)
        },
        .init("R2: what was asked for is there for whoever opens the store next, and goes on where it was") { subject in
            try await subject.failed("a", "b", "c")
            let batch = try await subject.start(ReplayPlan(canary: 1))
            try await #expect(subject.store.advance(batch.id, now: .now).sent == 1)
            let next = try await subject.another()
            try await #expect(next.openBatches() == [batch.id])
            try await #expect(next.advance(batch.id, now: .now).sent == 0)
            try await subject.settle("a", 1, subject.applied())
            try await #expect(next.advance(batch.id, now: .now).sent == 2)
            for id in ["b", "c"] { try await subject.settle(id, 1, subject.applied()) }
            let done = try await next.advance(batch.id, now: .now).batch
            #expect(done.state == .done && done.tally[.replayed] == 3)
            try await #expect(subject.store.openBatches().isEmpty)
        },
        .init("R3: a message that can't be sent is put aside, and the rest goes") { subject in
            try await subject.failed("a", "b")
            try await subject.store.record([subject.failure(nil), subject.failure("unknown")], time: StoreUnderTest.time)
            let batch = try await subject.start()
            let sent = try await subject.store.advance(batch.id, now: .now)
            #expect(sent.sent == 2 && sent.batch.tally[.unsendable] == 2)
        },
        .init("R4: failures that come after the choice are not part of it") { subject in
            try await subject.failed("a")
            let chosen = try await subject.select()
            #expect(chosen.size == 1 && chosen.tally[.selected] == 1)
            try await subject.failed("b")
            try await subject.store.change(chosen.id, .start)
            try await #expect(subject.store.advance(chosen.id, now: .now).sent == 1)
            try await #expect(subject.store.items(of: chosen.id, after: 0, limit: 9).map(\.failure) == [1])
        },
        .init("R4: a message that failed differently since it was chosen is left out; the choice's hash tells") { subject in
            try await subject.failed("a", "b")
            let (chosen, again) = (try await subject.select(), try await subject.select())
            #expect(chosen.contentHash == again.contentHash && chosen.contentHash.count == 64)
            try await subject.settle("a", 2, .failed(subject.failure("a", sequence: 2, code: "other")))
            try await #expect(subject.select().contentHash != chosen.contentHash)
            let started = try await subject.store.change(chosen.id, .start)
            #expect(started.tally[.waiting] == 1 && started.tally[.skipped] == 1)
        },
        .init("R5: a replayed message that fails again is the same failure with one attempt more") { subject in
            try await subject.failed("a")
            let batch = try await subject.start()
            _ = try await subject.store.advance(batch.id, now: .now)
            try await subject.settle("a", 1, .failed(subject.failure("a", code: "other")), time: StoreUnderTest.later)
            let done = try await subject.store.advance(batch.id, now: .now).batch
            #expect(done.state == .done && done.tally[.failed] == 1)
            try await #expect(subject.failures.map(\.attempts) == [2])
            let attempts = try await subject.store.attempts(of: 1)
            #expect(attempts.map(\.number) == [1, 2] && attempts.map(\.code) == ["value-without-code", "other"])
            #expect(attempts.map(\.time) == [StoreUnderTest.time, StoreUnderTest.later])
        },
        .init("R6: a failure and a success settled together end as replayed") { subject in
            try await subject.failed("a")
            let batch = try await subject.start()
            _ = try await subject.store.advance(batch.id, now: .now)
            let key = subject.person("a")
            try await subject.store.settle(
                [
                    Settlement(key: key, sequence: 1, outcome: .failed(subject.failure("a"))),
                    Settlement(key: key, sequence: 1, outcome: subject.applied()),
                ], in: "unikum", time: StoreUnderTest.later)
            try await #expect(subject.failures.map(\.state).allSatisfy { $0 == .replayed || $0 == .superseded })
            try await #expect(subject.store.list(FailureFilter()).isEmpty)
        },
        .init("R10: a message whose record is gone is not sent as an empty one") { subject in
            try await subject.failed("a")
            try await subject.take([subject.state("a", nil)])
            try await subject.publishAll()
            let batch = try await subject.start()
            _ = try await subject.store.advance(batch.id, now: .now)
            try await #expect(subject.store.next(limit: 9).map(\.change.operation) == [.deleted])
        },
        .init("R12: what a replay has can't be discarded, and what is discarded isn't replayed") { subject in
            try await subject.failed("a", "b")
            func discard(_ id: Int64) async throws -> Int {
                try await subject.store.discard([id], reason: "test data", by: "operator", time: StoreUnderTest.later)
            }
            let chosen = try await subject.select()
            try await #expect(discard(1) == 1)
            try await #expect(discard(1) == 0)
            let started = try await subject.store.change(chosen.id, .start)
            #expect(started.tally[.skipped] == 1)
            try await #expect(discard(2) == 0)
            let cancelled = try await subject.store.change(chosen.id, .cancel)
            #expect(cancelled.tally[.cancelled] == 1)
            try await #expect(discard(2) == 1)
            try await #expect(subject.failureCounts == [.discarded: 2])
            try await #expect(subject.store.lag(of: "unikum", entities: [.person]) == 0)
        },
        .init("R12: after a cancel the messages that are under way still get their outcome") { subject in
            try await subject.failed("a", "b")
            let batch = try await subject.start(ReplayPlan(canary: 1))
            _ = try await subject.store.advance(batch.id, now: .now)
            try await subject.store.change(batch.id, .cancel)
            try await #expect(subject.store.openBatches() == [batch.id])
            try await subject.settle("a", 1, subject.applied())
            let after = try await subject.store.advance(batch.id, now: .now)
            #expect(after.sent == 0 && after.batch.state == .cancelled)
            #expect(after.batch.tally[.replayed] == 1 && after.batch.tally[.cancelled] == 1)
            try await #expect(subject.store.openBatches().isEmpty)
        },
        .init("R14: a message that a newer state has got past is superseded, not sent") { subject in
            try await subject.failed("a", "b")
            let batch = try await subject.start()
            try await subject.settle("a", 2, subject.applied())
            let advanced = try await subject.store.advance(batch.id, now: .now)
            #expect(advanced.sent == 1 && advanced.batch.tally[.superseded] == 1)
            try await #expect(subject.waitingToGo == ["deliver.unikum b 1"])
        },
        .init("a trial that fails stops the replay; resumed, it goes on with the rest") { subject in
            try await subject.failed("a", "b", "c")
            let batch = try await subject.start(ReplayPlan(canary: 1))
            _ = try await subject.store.advance(batch.id, now: .now)
            try await subject.settle("a", 1, .failed(subject.failure("a")))
            let stopped = try await subject.store.advance(batch.id, now: .now)
            #expect(stopped.batch.state == .stopped && stopped.sent == 0)
            try await #expect(subject.store.advance(batch.id, now: .now).sent == 0)
            try await subject.store.change(batch.id, .resume)
            try await #expect(subject.store.advance(batch.id, now: .now).sent == 2)
        },
        .init("failures are found by record, code and time, and page by page") { subject in
            try await subject.store.record(["a", "b", "c"].map { subject.failure($0) }, time: StoreUnderTest.time)
            try await subject.store.record([subject.failure("d", code: "other")], time: StoreUnderTest.later)
            func ids(_ change: (inout FailureFilter) -> Void) async throws -> [Int64] {
                var filter = FailureFilter()
                change(&filter)
                let listed = try await subject.store.list(filter).map(\.id)
                if filter.limit == nil {
                    try await #expect(subject.store.groups(filter).reduce(0) { $0 + $1.count } == listed.count)
                }
                return listed
            }
            try await #expect(ids { $0.record = "b" } == [2])
            try await #expect(ids { $0.code = "other" } == [4])
            try await #expect(ids { $0.since = StoreUnderTest.later } == [4])
            try await #expect(ids { $0.until = StoreUnderTest.later } == [1, 2, 3])
            try await #expect(ids { ($0.after, $0.limit) = (1, 2) } == [2, 3])
            let groups = try await subject.store.groups(FailureFilter()).map(\.fingerprint)
            try await #expect(
                subject.store.failures(of: groups, since: StoreUnderTest.later)
                    == [subject.failure("d", code: "other").fingerprint: 1])
        },
    ]
}

extension StoreUnderTest {
    /// Persons that are published and whose delivery failed.
    fileprivate func failed(_ ids: String...) async throws {
        try await self.take(ids.map { self.state($0, "first") })
        try await self.publishAll()
        for id in ids { try await self.settle(id, 1, .failed(self.failure(id))) }
    }

    fileprivate func select(_ plan: ReplayPlan = ReplayPlan()) async throws -> ReplayBatch {
        try await self.store.select(FailureFilter(), plan: plan, by: "operator", time: Self.later)
    }

    fileprivate func start(_ plan: ReplayPlan = ReplayPlan()) async throws -> ReplayBatch {
        try await self.store.change(try await self.select(plan).id, .start)
    }
}
