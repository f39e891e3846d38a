import Hub
import SchoolRecords
import Testing

extension StoreRequirement {
    static let interop: [StoreRequirement] = [
        .init("what went where is counted by system and entity, with the last time") { subject in
            try await #expect(subject.store.interopFacts() == InteropFacts())
            try await subject.published("a", "b")
            try await subject.settle("a", 1, subject.applied([subject.row("k")]))
            try await subject.settle("b", 1, .failed(subject.failure("b")))
            let facts = try await subject.store.interopFacts()
            #expect(facts.taken.values.map(\.records) == [2])
            let place = InteropFacts.Place("unikum", .person)
            #expect(facts.given[place]?.records == 1 && facts.given[place]?.last != nil)
            #expect(facts.failedOut[place] == 1 && facts.failedIn.isEmpty)
        },
        .init("a system that was given nothing of a record isn't counted as having it") { subject in
            try await subject.published("a")
            try await subject.settle("a", 1, subject.applied())
            try await #expect(subject.store.interopFacts().given.isEmpty)
        },
        .init("a run of the probe is kept, and the last one is told") { subject in
            try await #expect(subject.store.lastProbeRun() == nil)
            let first = ProbeRun(
                id: "probe-1", by: "anna", startedAt: "2026-11-01T00:00:00.000Z", scope: ["vega": [.person, .roleGrant]])
            var second = ProbeRun(id: "probe-2", by: "anna", startedAt: "2026-11-02T00:00:00.000Z", scope: [:])
            try await subject.store.keep(second)
            try await subject.store.keep(first)
            try await #expect(subject.store.lastProbeRun() == second)
            second.finishedAt = "2026-11-02T00:01:00.000Z"
            second.report = "{}"
            try await subject.store.keep(second)
            try await #expect(subject.another().lastProbeRun() == second)
            // However many there are, the last one is among those that are kept.
            for day in 10..<70 {
                try await subject.store.keep(
                    ProbeRun(id: "probe-x\(day)", by: "anna", startedAt: "2026-12-01T00:00:00.0\(day)Z", scope: [:]))
            }
            try await #expect(subject.store.lastProbeRun()?.id == "probe-x69")
        },
    ]
}
