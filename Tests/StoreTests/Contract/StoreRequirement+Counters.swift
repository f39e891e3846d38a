import Hub
import SchoolRecords
import Testing

extension StoreRequirement {
    static let counters: [StoreRequirement] = [
        .init("nothing has been counted in a new store") { subject in
            try await #expect(subject.counts == HubCounts())
            try await #expect(subject.failureCounts.isEmpty)
            try await #expect(subject.store.liveCounts().isEmpty)
            try await #expect(subject.store.withheldCounts().isEmpty)
            try await #expect(subject.store.waitingCounts().isEmpty)
        },
        .init("what lags is what was taken and neither given nor failed") { subject in
            try await subject.take(["a", "b", "c"].map { subject.state($0, "x") } + [subject.state("g", "x", .group)])
            try await #expect(subject.store.lag(of: "unikum", entities: [.person]) == 3)
            try await subject.settle("a", 1, subject.applied())
            try await subject.settle("b", 1, .failed(subject.failure("b")))
            try await #expect(subject.store.lag(of: "unikum", entities: [.person]) == 1)
            try await #expect(subject.store.lag(of: "unikum", entities: [.person, .group]) == 2)
            try await #expect(subject.store.lag(of: "other", entities: [.person]) == 3)
            try await #expect(subject.store.lag(of: "unikum", entities: []) == 0)
        },
        .init("a deletion lags only for a system that was given the record") { subject in
            try await subject.published("a", "b")
            try await subject.settle("a", 1, subject.applied())
            try await subject.take(["a", "b"].map { subject.state($0, nil) })
            try await #expect(subject.store.lag(of: "unikum", entities: [.person]) == 1)
            try await subject.settle("a", 2, subject.applied())
            try await #expect(subject.store.lag(of: "unikum", entities: [.person]) == 0)
        },
        .init("what is counted is kept") { subject in
            try await subject.published("a")
            try await subject.settle("a", 1, subject.applied([subject.row("k")]))
            let counts = try await subject.counts
            #expect(counts.published == 1 && counts.delivered == 1)
            let again: HubCounts = try await subject.another().counts()
            #expect(again == counts)
        },
    ]
}
