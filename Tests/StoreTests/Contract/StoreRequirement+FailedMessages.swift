import Foundation
import Hub
import Messaging
import SchoolRecords
import Testing

extension StoreRequirement {
    static let failures: [StoreRequirement] = [
        .init("a failure is kept with its message") { subject in
            try await subject.settle("a", 1, .failed(subject.failure("a")))
            let kept = try await subject.store.message(1)
            #expect(kept?.failure == subject.failure("a") && kept?.fingerprint == subject.failure("a").fingerprint)
            #expect(kept?.attempts == 1 && kept?.state == .failed)
            #expect(kept?.firstAt == StoreUnderTest.time && kept?.lastAt == StoreUnderTest.time)
            try await #expect(subject.store.message(99) == nil)
        },
        .init("failing again counts up what is open, with the latest cause, and is no new failure") { subject in
            try await subject.settle("a", 1, .failed(subject.failure("a")))
            try await subject.settle(
                "a", 2, .failed(subject.failure("a", sequence: 2, code: "other")), time: StoreUnderTest.later)
            let kept = try await subject.store.message(1)
            #expect(kept?.attempts == 2 && kept?.failure.code == "other" && kept?.failure.sequence == 2)
            #expect(kept?.firstAt == StoreUnderTest.time && kept?.lastAt == StoreUnderTest.later)
            try await #expect(subject.failures.count == 1)
            try await #expect(subject.counts.failed == 1)
        },
        .init("an older state that fails late doesn't hide that a newer one failed") { subject in
            try await subject.settle("a", 3, .failed(subject.failure("a", sequence: 3, code: "newer")))
            try await subject.settle("a", 1, .failed(subject.failure("a", sequence: 1, code: "older")))
            let kept = try await subject.store.message(1)
            #expect(kept?.failure.sequence == 3 && kept?.failure.code == "newer")
            try await subject.settle("a", 2, subject.applied())
            try await #expect(subject.store.message(1)?.state == .failed)
        },
        .init("record, system and stage each have a failure of their own") { subject in
            try await subject.store.record(
                [
                    subject.failure("a"), subject.failure("b"), subject.failure("a", system: "other"),
                    subject.failure("a", stage: .intake, system: "unikum"), subject.failure("a", entity: .group),
                    subject.failure("a"),
                ], time: StoreUnderTest.time)
            try await #expect(subject.failures.map(\.attempts) == [2, 1, 1, 1, 1])
        },
        .init("messages without a record are each a failure") { subject in
            try await subject.store.record([subject.failure(nil), subject.failure(nil)], time: StoreUnderTest.time)
            try await #expect(subject.failures.map(\.failure.key) == [nil, nil])
            try await #expect(subject.store.message(1)?.failure.body == Data("body of nobody".utf8))
        },
        .init("a newer or equal state that goes through leaves nothing to replay") { subject in
            for (id, sequence) in [("a", Int64(1)), ("b", 2), ("c", 3)] {
                try await subject.settle(id, 2, .failed(subject.failure(id, sequence: 2)))
                try await subject.settle(id, sequence, subject.applied())
            }
            try await #expect(subject.failures.map(\.state) == [.failed, .superseded, .superseded])
            try await #expect(subject.counts.replayed == 0)
        },
        .init("a record that failed, went through and fails again has a new failure") { subject in
            try await subject.settle("a", 1, .failed(subject.failure("a")))
            try await subject.settle("a", 2, subject.applied())
            try await subject.settle("a", 3, .failed(subject.failure("a", sequence: 3)))
            try await #expect(subject.failures.map(\.state) == [.superseded, .failed])
            try await #expect(subject.failureCounts == [.superseded: 1, .failed: 1])
            try await #expect(subject.counts.failed == 2)
        },
        .init("a group has the failures of one cause, the largest first, with the latest message") { subject in
            for id in ["a", "b"] { try await subject.settle(id, 1, .failed(subject.failure(id))) }
            try await subject.settle("c", 1, .failed(subject.failure("c", code: "mandatory-missing")))
            try await subject.settle("b", 1, .failed(subject.failure("b")), time: StoreUnderTest.later)
            let groups = try await subject.store.groups(FailureFilter())
            #expect(groups.map(\.count) == [2, 1] && groups.map(\.code) == ["value-without-code", "mandatory-missing"])
            #expect(groups.first?.fingerprint == subject.failure("a").fingerprint)
            #expect(groups.first?.system == "unikum" && groups.first?.entity == .person && groups.first?.field == "f")
            #expect(groups.first?.firstAt == StoreUnderTest.time && groups.first?.lastAt == StoreUnderTest.later)
        },
        .init("failures are chosen by id, cause, system, entity and state, in order, as many as asked for") { subject in
            try await subject.store.record(
                [
                    subject.failure("a"), subject.failure("b", code: "other"), subject.failure("c", system: "other"),
                    subject.failure("d", entity: .group), subject.failure("e"),
                ], time: StoreUnderTest.time)
            try await subject.settle("e", 1, subject.applied())
            func ids(_ change: (inout FailureFilter) -> Void) async throws -> [Int64] {
                var filter = FailureFilter()
                change(&filter)
                let listed = try await subject.store.list(filter).map(\.id)
                let grouped = try await subject.store.groups(filter).reduce(0) { $0 + $1.count }
                if filter.limit == nil { #expect(grouped == listed.count) }
                return listed
            }
            try await #expect(ids { _ in } == [1, 2, 3, 4])
            try await #expect(ids { $0.ids = [4, 1, 5] } == [1, 4])
            try await #expect(ids { $0.fingerprint = subject.failure("a", code: "other").fingerprint } == [2])
            try await #expect(ids { $0.system = "other" } == [3])
            try await #expect(ids { $0.entity = .group } == [4])
            try await #expect(ids { $0.states = [.superseded] } == [5])
            try await #expect(ids { $0.states = [] } == [1, 2, 3, 4, 5])
            try await #expect(ids { $0.limit = 2 } == [1, 2])
            try await #expect(ids { $0.ids = Array(1...2000) } == [1, 2, 3, 4])
        },
    ]

    static let replaying: [StoreRequirement] = [
        .init("a replay sends the record's present state, once, however often and from where it is asked for") { subject in
            try await subject.published("a")
            try await subject.settle("a", 1, .failed(subject.failure("a")))
            try await subject.take([subject.state("a", "second")])
            try await subject.publishAll()
            let other = try await subject.another()
            async let first = subject.store.replay([1, 1])
            async let second = other.replay([1])
            let sent = try await first + second
            #expect(sent == 1)
            try await #expect(subject.store.next(limit: 9).map(\.change.redelivery) == ["replay"])
            try await #expect(subject.waitingToGo == ["deliver.unikum a 2"])
            try await #expect(subject.store.message(1)?.state == .replaying)
        },
        .init("a replay that goes through is counted, one that fails again is open again") { subject in
            try await subject.published("a", "b")
            for id in ["a", "b"] { try await subject.settle(id, 1, .failed(subject.failure(id))) }
            try await #expect(subject.store.replay([1, 2]) == 2)
            try await subject.settle("a", 1, subject.applied([subject.row("k")]))
            try await subject.settle("b", 1, .failed(subject.failure("b")))
            try await #expect(subject.failures.map(\.state) == [.replayed, .failed])
            try await #expect(subject.failures.map(\.attempts) == [1, 2])
            try await #expect(subject.counts.replayed == 1)
            try await #expect(subject.counts.failed == 2)
            try await #expect(subject.store.replay([1, 2]) == 1)
        },
        .init("a replay stays under way over a retry") { subject in
            try await subject.published("a")
            try await subject.settle("a", 1, .failed(subject.failure("a")))
            try await #expect(subject.store.replay([1]) == 1)
            try await subject.settle("a", 1, .retry(due: 1, reason: "slow"))
            try await #expect(subject.store.message(1)?.state == .replaying)
            try await subject.settle("a", 1, subject.applied())
            try await #expect(subject.store.message(1)?.state == .replayed)
        },
        .init("a replayed message that turns out overtaken leaves nothing open") { subject in
            try await subject.published("a")
            try await subject.settle("a", 1, .failed(subject.failure("a")))
            try await #expect(subject.store.replay([1]) == 1)
            try await subject.settle("a", 1, .superseded)
            try await #expect(subject.store.message(1)?.state == .replaying, "nothing was applied: the replay is still to come")
            try await subject.settle("a", 2, subject.applied())
            try await #expect(subject.store.message(1)?.state == .replayed)
        },
        .init("what can't be sent again stays failed") { subject in
            try await subject.store.record(
                [subject.failure(nil), subject.failure("never seen"), subject.failure(nil, stage: .intake)],
                time: StoreUnderTest.time)
            try await #expect(subject.store.replay([1, 2, 3, 99]) == 0)
            try await #expect(subject.failureCounts == [.failed: 3])
            try await #expect(subject.store.backlog() == 0)
        },
        .init("intake failures are marked for the source to be asked again") { subject in
            try await subject.store.record(
                [
                    subject.failure("a", stage: .intake), subject.failure("b", stage: .intake),
                    subject.failure("c", stage: .intake, system: "other"),
                ], time: StoreUnderTest.time)
            try await #expect(subject.store.intakeReplays(source: "edlevo").isEmpty)
            try await #expect(subject.store.replay([1, 3]) == 2)
            try await #expect(subject.store.intakeReplays(source: "edlevo") == [subject.person("a")])
            try await #expect(subject.store.backlog() == 0)
            try await subject.take([subject.state("a", "A")])
            try await #expect(subject.store.intakeReplays(source: "edlevo").isEmpty)
        },
    ]
}
