import Hub
import Messaging
import SchoolRecords
import Testing

extension StoreRequirement {
    static let waiting: [StoreRequirement] = [
        .init("who waits is sent again when what it waits for is applied") { subject in
            try await subject.published("a", "b")
            try await subject.settle("a", 1, subject.applied(references: ["b"], missing: ["b"]))
            try await #expect(subject.store.waitingCounts() == ["unikum": 1])
            try await #expect(subject.store.plannedRetries() == 0, "it waits for no time")
            try await #expect(subject.store.backlog() == 0)
            try await subject.settle("b", 1, subject.applied(), system: "other")
            try await #expect(subject.store.backlog() == 0)
            try await subject.settle("b", 1, subject.applied())
            try await #expect(subject.store.next(limit: 9).map(\.change.redelivery) == ["reference"])
            try await #expect(subject.waitingToGo == ["deliver.unikum a 1"])
            try await subject.settle("a", 1, subject.applied([subject.row("k")], references: ["b"]))
            try await #expect(subject.store.waitingCounts().isEmpty)
        },
        .init("who waits for two is sent again for each, and waits on for the other") { subject in
            try await subject.published("a", "b", "c")
            try await subject.settle("a", 1, subject.applied(missing: ["b", "c"]))
            try await subject.settle("b", 1, subject.applied())
            try await #expect(subject.waitingToGo == ["deliver.unikum a 1"])
            try await subject.publishAll()
            try await subject.settle("a", 1, subject.applied([subject.row("k")], missing: ["c"]))
            try await subject.settle("c", 1, subject.applied())
            try await #expect(subject.waitingToGo == ["deliver.unikum a 1"])
            try await subject.settle("a", 1, subject.applied([subject.row("k")]))
            try await #expect(subject.store.waitingCounts().isEmpty)
        },
        .init("who waits for a record settled after it in the same go is sent again") { subject in
            try await subject.published("a", "b")
            try await subject.store.settle(
                [
                    Settlement(key: subject.person("a"), sequence: 1, outcome: subject.applied(missing: ["b"])),
                    Settlement(key: subject.person("b"), sequence: 1, outcome: subject.applied()),
                ], in: "unikum", time: StoreUnderTest.time)
            try await #expect(subject.waitingToGo == ["deliver.unikum a 1"])
        },
        .init("who looked at a record is sent again when it changed, not when it is given first or again") { subject in
            try await subject.published("a", "b")
            try await subject.settle("a", 1, subject.applied(references: ["b", "a"]))
            try await subject.settle("b", 1, subject.applied())
            try await subject.settle("b", 1, subject.applied([subject.row("k")]))
            try await #expect(subject.store.backlog() == 0)
            try await subject.settle("b", 2, subject.applied(), system: "other")
            try await #expect(subject.store.backlog() == 0)
            try await subject.settle("b", 2, subject.applied())
            try await #expect(subject.store.next(limit: 9).map(\.change.redelivery) == ["reference"])
            try await #expect(subject.waitingToGo == ["deliver.unikum a 1"])
        },
        .init("who no longer looks at a record is left alone") { subject in
            try await subject.published("a", "b")
            try await subject.settle("b", 1, subject.applied())
            try await subject.settle("a", 1, subject.applied(references: ["b"]))
            try await subject.settle("a", 2, subject.applied())
            try await subject.settle("b", 2, subject.applied())
            try await #expect(subject.store.backlog() == 0)
        },
        .init("a record that looked at itself isn't sent again for its own change") { subject in
            try await subject.published("a")
            try await subject.settle("a", 1, subject.applied(references: ["a"]))
            try await subject.settle("a", 2, subject.applied(references: ["a"]))
            try await #expect(subject.store.backlog() == 0)
            try await #expect(subject.store.waitingCounts().isEmpty)
        },
        .init("the content of who is looked at changes while the redelivery for it is on its way: it is sent again") { subject in
            try await subject.published("a", "b")
            try await subject.settle("b", 1, subject.applied())
            try await subject.settle("a", 1, subject.applied(references: ["b"]))
            try await subject.settle("b", 2, subject.applied())
            let onItsWay = try await subject.store.next(limit: 9)
            try await subject.settle("a", 1, subject.applied(references: ["b"]))
            try await subject.settle("b", 3, subject.applied())
            try await subject.store.published(onItsWay.map(\.position))
            try await #expect(subject.waitingToGo == ["deliver.unikum a 1"])
        },
    ]

    static let retries: [StoreRequirement] = [
        .init("retries are released when due, once, and not before") { subject in
            try await subject.published("a", "b")
            try await subject.settle("a", 1, .retry(due: 1000, reason: "slow"))
            try await subject.settle("b", 1, .retry(due: 2000, reason: "slow"))
            try await #expect(subject.store.waitingCounts() == ["unikum": 2])
            try await #expect(subject.store.plannedRetries() == 2)
            try await #expect(subject.store.releaseDueRetries(now: 999) == 0)
            try await #expect(subject.store.releaseDueRetries(now: 1000) == 1)
            try await #expect(subject.store.releaseDueRetries(now: 1000) == 0)
            try await #expect(subject.store.next(limit: 9).map(\.change.redelivery) == ["retry"])
            try await #expect(subject.waitingToGo == ["deliver.unikum a 1"])
            try await #expect(subject.store.waitingCounts() == ["unikum": 1])
            try await #expect(subject.store.plannedRetries() == 1)
        },
        .init("a retry planned again is due at the later word") { subject in
            try await subject.published("a")
            try await subject.settle("a", 1, .retry(due: 1000, reason: "slow"))
            try await subject.settle("a", 1, .retry(due: 5000, reason: "slow"))
            try await #expect(subject.store.releaseDueRetries(now: 4999) == 0)
            try await #expect(subject.store.releaseDueRetries(now: 5000) == 1)
        },
        .init("a retry ends when the record is applied") { subject in
            try await subject.published("a")
            try await subject.settle("a", 1, .retry(due: 1000, reason: "slow"))
            try await subject.settle("a", 1, subject.applied())
            try await #expect(subject.store.releaseDueRetries(now: 1000) == 0)
            try await #expect(subject.store.waitingCounts().isEmpty)
        },
        .init("a record that waits and is to be tried again counts once, by system") { subject in
            try await subject.settle("a", 1, subject.applied(missing: ["b", "c"]))
            try await subject.settle("a", 2, .retry(due: 1000, reason: "slow"))
            try await subject.settle("a", 1, .retry(due: 1000, reason: "slow"), system: "other")
            try await #expect(subject.store.waitingCounts() == ["unikum": 1, "other": 1])
            try await #expect(subject.store.plannedRetries() == 2)
        },
    ]
}
