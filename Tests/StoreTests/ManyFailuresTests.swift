import Foundation
import Hub
import Messaging
import SchoolRecords
import TestChance
import Testing

@Suite("Very many failures")
struct ManyFailuresTests {
    /// A failure of one of `kinds` kinds.
    private static func failure(_ number: Int, kinds: Int) -> NewFailure {
        let kind = number % kinds
        return NewFailure(
            stage: .delivery, system: "system-\(kind % 5)", key: RecordKey(.organisation, "o\(number)"), sequence: 1,
            kind: "mapping", code: "code-\(kind)", field: "f", place: "unikum/organisation.yaml:3", message: "no code", body: nil)
    }

    /// A moment some minutes after the others' first.
    private static func time(_ minute: Int) -> String {
        RFC3339.text(Date(timeIntervalSince1970: 1_787_000_000 + Double(minute) * 60))
    }

    @Test func `ten thousand failures of twenty-five kinds are twenty-five groups, and every page of any choice is exact`()
        async throws
    {
        try await StoreFixture.with { fixture in
            let store = fixture.subject.store
            var random = SeededRandom(seed: 7)
            var all: [(failure: NewFailure, time: String)] = (0..<10_000).map { number in
                (Self.failure(number, kinds: 25), Self.time(Int.random(in: 0..<500, using: &random)))
            }
            all.sort { $0.time < $1.time }
            for (time, part) in Dictionary(grouping: all, by: \.time).sorted(by: { $0.key < $1.key }) {
                try await store.record(part.map(\.failure), time: time)
            }
            let groups = try await store.groups(FailureFilter())
            #expect(groups.count == 25 && groups.allSatisfy { $0.count == 400 })
            for group in groups {
                let members = all.filter { $0.failure.fingerprint == group.fingerprint }.map(\.time)
                #expect(group.firstAt == members.min() && group.lastAt == members.max())
            }

            var choices: [FailureFilter] = []
            for change in [
                { _ in }, { $0.system = "system-3" }, { $0.code = "code-7" }, { $0.since = Self.time(120) },
                { ($0.system, $0.since, $0.until) = ("system-1", Self.time(100), Self.time(300)) },
                { ($0.code, $0.until) = ("code-2", Self.time(250)) }, { $0.record = "o17" },
                { $0.states = [.failed, .discarded] },
            ] as [(inout FailureFilter) -> Void] {
                var filter = FailureFilter()
                change(&filter)
                choices.append(filter)
            }
            _ = try await store.discard([5, 500, 5000], reason: "test data", by: "operator", time: Self.time(501))
            for choice in choices {
                let whole = try await store.list(choice)
                var paged: [Int64] = []
                var page = choice
                page.limit = 333
                while true {
                    let part = try await store.list(page)
                    guard let last = part.last else { break }
                    paged += part.map(\.id)
                    page.after = last.id
                }
                #expect(paged == whole.map(\.id), "\(choice)")
                try await #expect(store.groups(choice).reduce(0) { $0 + $1.count } == whole.count, "\(choice)")
                #expect(!whole.isEmpty)
            }
        }
    }

    @Test(.timeLimit(.minutes(5)))
    func `R15: a replay of a hundred thousand takes little memory and little room, and other changes get past`() async throws {
        let number = 100_000
        try await StoreFixture.with { fixture in
            let subject = fixture.subject
            for start in stride(from: 0, to: number, by: 5000) {
                let ids = (start..<start + 5000).map { "o\($0)" }
                try await subject.take(ids.map { subject.state($0, "first", .organisation) })
                try await subject.publishAll()
                try await subject.store.record(
                    (start..<start + 5000).map { Self.failure($0, kinds: 1) }, time: StoreUnderTest.time)
            }
            let before = Self.residentMebibytes
            var filter = FailureFilter()
            filter.system = "system-0"
            let batch = try await subject.store.select(filter, plan: ReplayPlan(), by: "operator", time: StoreUnderTest.later)
            #expect(batch.size == number)
            try await subject.store.change(batch.id, .start, by: "operator", time: StoreUnderTest.later)
            var replayed = 0
            for round in 0..<5 {
                try await #expect(subject.store.advance(batch.id, now: .now).sent > 0)
                // Somebody else's change stands behind a thousand at most.
                try await subject.take([subject.state("other", "state \(round)")])
                let entries = try await subject.store.next(limit: 100_000)
                #expect(entries.count <= 1001 && entries.contains { $0.change.key.id == "other" })
                try await subject.store.published(entries.map(\.position))
                let settlements = entries.filter { $0.change.redelivery == "replay" }.map { entry in
                    Settlement(key: entry.change.key, sequence: entry.change.sequence, outcome: subject.applied())
                }
                replayed += settlements.count
                try await subject.store.settle(settlements, in: "system-0", time: StoreUnderTest.later)
            }
            let advanced = try await subject.store.advance(batch.id, now: .now).batch
            #expect(advanced.tally[.replayed] == replayed && replayed == 5000)
            let cancelled = try await subject.store.change(batch.id, .cancel, by: "operator", time: StoreUnderTest.later)
            #expect(cancelled.tally.numbers.values.reduce(0, +) == number)
            #expect(Self.residentMebibytes - before < 64)
        }
    }

    /// The memory of this process.
    private static var residentMebibytes: Int {
        let status = (try? String(contentsOfFile: "/proc/self/status", encoding: .utf8)) ?? ""
        let line = status.split(separator: "\n").first { $0.hasPrefix("VmRSS:") } ?? ""
        return (line.split(whereSeparator: { $0 == " " || $0 == "\t" }).dropFirst().first.flatMap { Int($0) } ?? 0) / 1024
    }
}
