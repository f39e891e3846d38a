import ConnectorKit
import Foundation
import Hub
import Messaging
import SchoolRecords
import Testing

extension StoreRequirement {
    private static let notice = TraceContext("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01")

    static let journeys: [StoreRequirement] = [
        .init("every message has a trace, its own or the one that led to it, the same however often it is sent") { subject in
            try await subject.take([subject.state("a", "A"), subject.state("b", "B")])
            _ = try await ChangeOrigin.$current.withValue(.reading(at: "2026-08-17T05:59:00.000Z", trace: Self.notice)) {
                try await subject.take([subject.state("c", "C"), subject.state("d", "D")])
            }
            let entries = try await subject.store.next(limit: 9)
            let traces = entries.compactMap(\.change.trace)
            #expect(traces.count == 4 && traces[0].traceID != traces[1].traceID)
            #expect(traces[0].traceID == entries[0].change.id.replacing("-", with: ""))
            #expect(traces[2].traceID == Self.notice?.traceID && traces[3].traceID == Self.notice?.traceID)
            #expect(traces[2].parentID != traces[3].parentID && traces[2].parentID != Self.notice?.parentID)
            try await #expect(subject.store.next(limit: 9).map(\.change.trace) == traces)
            try await subject.publishAll()
            try await subject.store.redeliver([subject.person("a"), subject.person("c")], to: "unikum", reason: "replay")
            let again = try await subject.store.next(limit: 9).map(\.change)
            #expect(again.map(\.trace?.traceID) == [traces[0].traceID, traces[2].traceID])
            #expect(again.map(\.trace?.parentID) != [traces[0].parentID, traces[2].parentID])
        },
        .init("messages' ids grow with time") { subject in
            try await subject.take([subject.state("z", "Z")], time: "2026-08-17T06:00:00.000Z")
            try await subject.take([subject.state("a", "A")], time: "2026-08-17T06:00:00.001Z")
            let ids = try await subject.store.next(limit: 9).map(\.change.id)
            #expect(ids == ids.sorted() && ids.allSatisfy { UUID(uuidString: $0) != nil && Array($0)[14] == "7" })
        },
        .init("a passage has its times; confirming an overtaken state says nothing of the new one") { subject in
            _ = try await ChangeOrigin.$current.withValue(.reading(at: "2026-08-17T05:59:00.000Z", trace: nil)) {
                try await subject.take([subject.state("a", "A")], time: "2026-08-17T06:00:00.000Z")
            }
            let first = try await subject.store.next(limit: 1)
            try await subject.take([subject.state("a", "B")], time: "2026-08-17T06:01:00.000Z")
            try await subject.store.published(first.map(\.position), at: "2026-08-17T06:02:00.000Z")
            var passages = try await subject.store.passages(of: subject.person("a"))
            #expect(passages.map(\.sequence) == [1, 2] && passages.map(\.isPresent) == [false, true])
            #expect(passages.map(\.readAt) == ["2026-08-17T05:59:00.000Z", nil])
            #expect(passages.map(\.publishedAt) == [nil, nil])
            #expect(passages.map(\.message).first == first.first?.change.id)
            let second = try await subject.store.next(limit: 1)
            try await subject.store.published(second.map(\.position), at: "2026-08-17T06:03:00.000Z")
            passages = try await subject.store.passages(of: subject.person("a"))
            #expect(passages.last?.publishedAt == "2026-08-17T06:03:00.000Z")
            try await subject.take([subject.state("a", "C")])
            passages = try await subject.store.passages(of: subject.person("a"))
            #expect(passages.map(\.publishedAt) == [nil, "2026-08-17T06:03:00.000Z", nil])
        },
        .init("the last states of a record are kept, not all") { subject in
            for number in 0..<40 { try await subject.take([subject.state("a", "\(number)")]) }
            let passages = try await subject.store.passages(of: subject.person("a"))
            #expect(passages.map(\.sequence) == Array(20...40))
            #expect(Set(passages.compactMap(\.message)).count == 21)
        },
        .init("records are found by id, message, trace and the trace of a batch, also in an earlier state") { subject in
            _ = try await ChangeOrigin.$current.withValue(.reading(at: StoreUnderTest.time, trace: Self.notice)) {
                try await subject.take([subject.state("a", "A"), subject.state("b", "B")])
            }
            try await subject.take([subject.state("c", "C")])
            let entries = try await subject.store.next(limit: 9)
            try await subject.publishAll()
            try await subject.take([subject.state("a", "A2"), subject.state("c", "C2")])
            let store = subject.store
            let (a, b, c) = (subject.person("a"), subject.person("b"), subject.person("c"))
            try await #expect(store.records(withID: "a") == [a])
            try await #expect(store.records(withID: "x").isEmpty)
            try await #expect(store.record(ofMessage: entries[0].change.id) == a)
            try await #expect(store.record(ofMessage: "0199f1a0-7b1c-7d2e-9f30-4a5b6c7d8e9f") == nil)
            let search = try await store.records(inTrace: Self.notice?.traceID ?? "", limit: 9)
            #expect(search.keys == [a, b] && search.total == 2)
            let cut = try await store.records(inTrace: Self.notice?.traceID ?? "", limit: 1)
            #expect(cut.keys == [a] && cut.total == 2)
            try await #expect(store.records(inTrace: entries[2].change.trace?.traceID ?? "", limit: 9).keys == [c])
            try await #expect(store.records(inTrace: "x", limit: 9).keys.isEmpty)
            let batch = TargetBatch(id: "000000007-8a8a8a8a", writes: [])
            try await store.settle(
                [Settlement(key: b, sequence: 1, outcome: subject.applied([subject.row("b")]))], in: "unikum",
                time: StoreUnderTest.time, note: SettlementNote(mappedAt: "2026-08-17T06:00:00.100Z", batch: batch.id))
            try await #expect(store.records(inTraceOfBatch: batch.trace?.traceID ?? "", limit: 9).keys == [b])
            try await #expect(store.records(inTraceOfBatch: Self.notice?.traceID ?? "", limit: 9).keys.isEmpty)
        },
        .init("whereabouts say what systems were given, what waits and what is planned") { subject in
            try await subject.published("a", "b")
            let store = subject.store
            let a = subject.person("a")
            try await store.settle(
                [Settlement(key: a, sequence: 1, outcome: subject.applied([subject.row("a")], missing: ["x"]))], in: "unikum",
                time: StoreUnderTest.time, note: SettlementNote(mappedAt: "2026-08-17T05:59:59.000Z", batch: "000000001-ab"))
            try await subject.settle("a", 1, .retry(due: 7, reason: "row-locked"), system: "vega")
            try await subject.take([subject.state("a", "second")])
            try await store.redeliver([a], to: "unikum", reason: "retry")
            let places = try await store.whereabouts(of: a, systems: ["unikum", "vega"])
            #expect(
                places.arrivals == [
                    Arrival(
                        system: "unikum", sequence: 1, mappedAt: "2026-08-17T05:59:59.000Z", time: StoreUnderTest.time,
                        batch: "000000001-ab", hasRows: true)
                ])
            #expect(places.waits == ["unikum": [subject.person("x")]])
            #expect(places.retries == ["vega": .init(due: 7, reason: "row-locked")])
            #expect(
                places.outbox == [.init(queue: nil, reason: nil), .init(queue: "deliver.unikum", reason: "retry")])
            try await #expect(store.whereabouts(of: a, systems: []).arrivals.isEmpty)
            #expect(places.held.isEmpty)
            try await subject.settle("b", 1, subject.applied())
            let empty = try await store.whereabouts(of: subject.person("b"), systems: ["unikum"]).arrivals
            #expect(empty.map(\.hasRows) == [false] && empty[0].batch == nil)
        },
        .init("what a flow makes goes on with the trace of the latest record it is made of, also when it is taken back") {
            subject in
            let store = subject.store
            let (old, new, made) = (subject.person("old"), subject.person("new"), subject.person("made"))
            try await subject.take([subject.state("old", "A")], time: "2026-08-17T06:00:00.000Z")
            _ = try await ChangeOrigin.$current.withValue(.reading(at: StoreUnderTest.time, trace: Self.notice)) {
                try await subject.take([subject.state("new", "B")], time: "2026-08-17T06:01:00.000Z")
            }
            let run = FlowRun(
                flow: "flow", subject: "p", reads: [old, new],
                derivations: [Derivation(key: made, flow: "flow", rule: "rule", origins: [new, old])])
            _ = try await store.begin([run])
            try await ChangeOrigin.$current.withValue(.derived) {
                _ = try await subject.take([subject.state("made", "C")], source: "flow")
            }
            try await store.finish([run])
            try await #expect(store.passages(of: made).last?.trace == Self.notice?.traceID)
            try await #expect(store.derived(from: new) == [made])
            try await #expect(store.derived(from: made).isEmpty)
            try await subject.take([subject.state("old", nil)], time: "2026-08-17T06:02:00.000Z")
            let gone = FlowRun(flow: "flow", subject: "p", reads: [new], derivations: [])
            _ = try await store.begin([gone])
            try await ChangeOrigin.$current.withValue(.derived) {
                _ = try await subject.take([subject.state("made", nil)], source: "flow")
            }
            try await store.finish([gone])
            let trace = try #require(try await store.passages(of: old).last?.trace)
            try await #expect(store.passages(of: made).last?.trace == trace)
        },
        .init("a look at a person is in the audit log, in the chain") { subject in
            let store = subject.store
            try await store.note("person.show", of: "person/p", reason: "case 1", by: "anna", time: StoreUnderTest.time)
            try await store.note("person.show", of: "person/q", reason: "case 2", by: "anna", time: StoreUnderTest.time)
            var filter = AuditFilter()
            filter.subject = "person/q"
            try await #expect(store.auditEntries(filter).map(\.reason) == ["case 2"])
            try await #expect(store.firstBrokenAuditEntry() == nil)
        },
    ]
}
