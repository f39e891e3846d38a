import Foundation
import Hub
import SchoolRecords
import Testing

extension StoreRequirement {
    static let retention: [StoreRequirement] = [
        .init("what is over keeps its content for its time, then what can't be led back to anybody, then nothing") { subject in
            try await subject.failed("a", "b", "c", "d")
            _ = try await subject.store.replay([1])
            try await subject.settle("a", 1, subject.applied())
            try await subject.settle("b", 2, subject.applied())
            _ = try await subject.store.discard([3], reason: "r", by: "operator", time: StoreUnderTest.time)
            try await subject.take([subject.state("c", "second")])
            let before = try await subject.failures
            #expect(before.map(\.state) == [.replayed, .superseded, .discarded, .failed])
            // Their time begins when they are found to be over.
            try await #expect(subject.retain(day: 0) == RetentionStep(ended: 3))
            try await #expect(subject.retain(day: 29).isNothing)
            try await #expect(subject.store.retainable(.short, now: subject.day(31)) == RetentionStep(archived: 3))
            try await #expect(subject.retain(day: 31) == RetentionStep(archived: 3))

            let after = try await subject.failures
            #expect(after.map(\.state) == [.archived, .archived, .archived, .failed])
            #expect(after.map(\.fingerprint) == before.map(\.fingerprint))
            #expect(after.map(\.firstAt) == before.map(\.firstAt) && after.map(\.attempts) == before.map(\.attempts))
            for id in Int64(1)...3 {
                let failure = try #require(try await subject.store.message(id)).failure
                #expect(failure.key == nil && failure.body == nil && failure.message.isEmpty)
                #expect(failure.system == "unikum" && failure.code == "value-without-code")
                try await #expect(subject.store.attempts(of: id).isEmpty)
            }
            #expect(after[3] == before[3])
            try await #expect(subject.store.attempts(of: 4).count == 1)
            try await #expect(subject.failureCounts == [.archived: 3, .failed: 1])

            try await #expect(subject.retain(day: 40).isNothing)
            try await #expect(subject.retain(day: 42) == RetentionStep(deleted: 3))
            try await #expect(subject.failures == [before[3]])
            try await #expect(subject.failureCounts == [.failed: 1])
            try await #expect(subject.store.retainable(.short, now: subject.day(9999)).deleted == 0)
        },
        .init(
            "what is open is never touched, however old, nor what a replay has, nor a discarded state that is the record's present one"
        ) {
            subject in
            try await subject.failed("a", "b", "c", "d")
            _ = try await subject.store.discard([2], reason: "r", by: "operator", time: StoreUnderTest.time)
            _ = try await subject.store.replay([3])
            var filter = FailureFilter()
            filter.ids = [4]
            let batch = try await subject.store.select(filter, plan: ReplayPlan(), by: "operator", time: StoreUnderTest.time)
            try await subject.store.change(batch.id, .start, by: "operator", time: StoreUnderTest.time)
            _ = try await subject.store.advance(batch.id, now: .now)
            // It came through, and the replay hasn't taken note of it yet.
            try await subject.settle("d", 1, subject.applied())
            let before = try await subject.failures
            #expect(before.map(\.state) == [.failed, .discarded, .replaying, .replayed])
            let lag = try await subject.store.lag(of: "unikum", entities: [.person])
            try await #expect(subject.retain(day: 0).ended == 2)
            for day in [100.0, 5000] { try await #expect(subject.retain(day: day).archived == 0) }
            try await #expect(subject.failures == before)
            try await #expect(subject.store.lag(of: "unikum", entities: [.person]) == lag)
            _ = try await subject.store.advance(batch.id, now: .now)
            try await subject.take([subject.state("b", nil)])
            try await #expect(subject.retain(day: 5001).archived == 2)
        },
        .init("it goes in small steps, and is in the audit log") { subject in
            try await subject.failed("a", "b", "c")
            for id in ["a", "b", "c"] { try await subject.settle(id, 2, subject.applied()) }
            var steps: [RetentionStep] = []
            for day in [0.0, 0, 0, 50, 50, 50, 99, 99, 99] { steps.append(try await subject.retain(day: day, limit: 2)) }
            #expect(steps.map(\.ended) == [2, 1, 0, 0, 0, 0, 0, 0, 0])
            #expect(steps.map(\.archived) == [0, 0, 0, 2, 1, 0, 0, 0, 0])
            #expect(steps.map(\.deleted) == [0, 0, 0, 0, 0, 0, 2, 1, 0])
            let entries = try await subject.store.auditEntries(AuditFilter())
            #expect(
                entries.map(\.action) == Array(repeating: "retention.archive", count: 2) + [
                    "retention.delete", "retention.delete",
                ])
            #expect(Set(entries.map(\.person)) == ["retention"])
        },
        .init("old entries of the audit log go, and what is left is verified as before") { subject in
            try await subject.failed("a", "b", "c", "d", "e")
            for (id, day) in [(Int64(1), 0.0), (2, 10), (3, 400), (4, 401)] {
                _ = try await subject.store.discard(
                    [id], reason: "r", by: "operator", time: RFC3339.text(subject.day(day)))
            }
            try await #expect(subject.retain(day: 99).audit == 0)
            try await #expect(subject.store.retainable(.short, now: subject.day(405)).audit == 2)
            try await #expect(subject.retain(day: 405, limit: 1).audit == 1)
            try await #expect(subject.store.firstBrokenAuditEntry() == nil)
            try await #expect(subject.retain(day: 405).audit == 1)
            let entries = try await subject.store.auditEntries(AuditFilter())
            #expect(entries.map(\.number) == [3, 4, 5, 6])
            #expect(entries.map(\.action) == ["discard", "discard", "retention.audit", "retention.audit"])
            #expect(entries.last?.subject == "audit/2-2")
            try await #expect(subject.store.firstBrokenAuditEntry() == nil)
            _ = try await subject.store.discard([5], reason: "r", by: "operator", time: RFC3339.text(subject.day(406)))
            try await #expect(subject.another().firstBrokenAuditEntry() == nil)
            try await #expect(subject.store.auditEntries(AuditFilter()).last?.number == 7)
            // All are old: the chain goes on all the same.
            _ = try await subject.retain(day: 5000)
            try await #expect(subject.store.auditEntries(AuditFilter()).map(\.number) == [8])
            try await #expect(subject.store.firstBrokenAuditEntry() == nil)
        },
        .init("never is never") { subject in
            try await subject.failed("a")
            try await subject.settle("a", 2, subject.applied())
            _ = try await subject.store.discard([1], reason: "r", by: "operator", time: StoreUnderTest.time)
            var periods = RetentionPeriods()
            (periods.failuresDays, periods.archivedDays, periods.auditDays) = (nil, nil, nil)
            let now = subject.day(9999)
            _ = try await subject.store.retain(periods, now: subject.day(0), limit: 99, by: "retention")
            try await #expect(subject.store.retain(periods, now: now, limit: 99, by: "retention").isNothing)
        },
    ]
}

extension RetentionPeriods {
    /// 30 days with content, 10 without, 100 of the audit log.
    fileprivate static var short: RetentionPeriods {
        var periods = RetentionPeriods()
        (periods.failuresDays, periods.archivedDays, periods.auditDays) = (30, 10, 100)
        return periods
    }
}

extension StoreUnderTest {
    fileprivate func day(_ day: Double) -> Date { self.after(day * 24 * 60) }

    fileprivate func retain(day: Double, limit: Int = 99) async throws -> RetentionStep {
        try await self.store.retain(.short, now: self.day(day), limit: limit, by: "retention")
    }
}
