import Foundation
import Hub
import Messaging
import SchoolRecords
import Testing

extension StoreRequirement {
    static let outbox: [StoreRequirement] = [
        .init("entries come in the order in which they were taken, as many as asked for") { subject in
            for number in 0..<30 { try await subject.take([subject.state("p\(number)", "x")]) }
            let entries = try await subject.store.next(limit: 20)
            #expect(entries.map(\.change.key.id) == (0..<20).map { "p\($0)" })
            #expect(entries.map(\.position) == entries.map(\.position).sorted())
        },
        .init("an entry is the change as other programs get it") { subject in
            try await subject.take([subject.state("a", "Prov")])
            let entry = try await subject.store.next(limit: 1).first
            #expect(entry?.exchange == RecordChange.exchange)
            #expect(entry?.routingKey == entry?.change.routingKey)
            #expect(entry?.change.source == "edlevo" && entry?.change.time == StoreUnderTest.time)
            let record = try await subject.store.records([subject.person("a")])[subject.person("a")]
            #expect(entry?.change.body == record?.publishedBody && entry?.change.redelivery == nil)
            #expect(entry.flatMap { UUID(uuidString: $0.change.id) } != nil)
        },
        .init("entries stay, under the same id, until they are confirmed") { subject in
            try await subject.take([subject.state("a", "A"), subject.state("b", "B")])
            let entries = try await subject.store.next(limit: 9)
            try await #expect(subject.store.next(limit: 9) == entries)
            try await #expect(subject.another().next(limit: 9) == entries)
            try await subject.store.published([entries[0].position])
            try await #expect(subject.store.next(limit: 9) == [entries[1]])
            try await #expect(subject.store.backlog() == 1)
        },
        .init("what is confirmed twice is counted once") { subject in
            try await subject.take([subject.state("a", "A")])
            let positions = try await subject.store.next(limit: 9).map(\.position)
            try await subject.store.published(positions)
            try await subject.store.published(positions)
            try await #expect(subject.counts.published == 1)
        },
        .init("an overtaken entry is dropped and counted, the newer one goes") { subject in
            for text in ["A", "B", "C"] { try await subject.take([subject.state("a", text)]) }
            try await #expect(subject.waitingToGo == ["record.person.upserted.edlevo a 3"])
            try await #expect(subject.counts.superseded == 2)
            try await #expect(subject.store.backlog() == 1)
        },
        .init("overtaken entries are counted once however many look") { subject in
            for number in 0..<40 { try await subject.take([subject.state("a", "\(number)")]) }
            let other = try await subject.another()
            async let first = subject.store.next(limit: 100)
            async let second = other.next(limit: 100)
            _ = try await (first, second)
            try await #expect(subject.counts.superseded == 39)
        },
        .init("overtaken entries don't hide those behind them") { subject in
            for text in ["A", "B", "C"] { try await subject.take([subject.state("a", text)]) }
            try await subject.take([subject.state("b", "B")])
            try await #expect(subject.store.next(limit: 2).first?.change.sequence == 3)
            try await #expect(subject.waitingToGo.count == 2)
        },
        .init("who listens is told at once, when something is taken, and at every interval") { subject in
            let often = subject.store.changes(every: .milliseconds(5))
            var ticks = 0
            for await _ in often {
                ticks += 1
                if ticks == 3 { break }
            }
            var seldom = subject.store.changes(every: .seconds(3600)).makeAsyncIterator()
            await seldom.next()
            try await subject.take([subject.state("a", "A")])
            await seldom.next()
            try await subject.store.redeliver([subject.person("a")], to: "unikum", reason: "retry")
            await seldom.next()
        },
        .init("what another process takes is seen by who listens") { subject in
            let changes = subject.store.changes(every: .milliseconds(5))
            _ = try await subject.another().take(
                [subject.state("a", "A")], withheld: [], failures: [], source: "edlevo", time: StoreUnderTest.time)
            for await _ in changes where try await subject.store.backlog() == 1 { break }
        },
    ]

    static let redelivery: [StoreRequirement] = [
        .init("a redelivery goes to the system's own queue and says why") { subject in
            try await subject.published("a")
            try await subject.store.redeliver([subject.person("a")], to: "unikum", reason: "retry")
            let entry = try await subject.store.next(limit: 9).first
            #expect(entry?.exchange == "" && entry?.routingKey == "deliver.unikum")
            #expect(entry?.change.redelivery == "retry" && entry?.change.sequence == 1)
            let record = try await subject.store.records([subject.person("a")])[subject.person("a")]
            #expect(record?.body == subject.state("a", "first").body && entry?.change.body == record?.publishedBody)
        },
        .init("a redelivery carries the present state and is never overtaken") { subject in
            try await subject.published("a")
            try await subject.store.redeliver([subject.person("a")], to: "unikum", reason: "retry")
            try await subject.take([subject.state("a", "second")])
            try await #expect(subject.waitingToGo == ["deliver.unikum a 2", "record.person.upserted.edlevo a 2"])
            try await subject.take([subject.state("a", nil)])
            try await #expect(subject.waitingToGo == ["deliver.unikum a 3", "record.person.deleted.edlevo a 3"])
            try await #expect(subject.store.next(limit: 1).first?.change.operation == .deleted)
        },
        .init("one redelivery of a record to a system is enough, each system has its own") { subject in
            try await subject.published("a", "b")
            let keys = [subject.person("a"), subject.person("b"), subject.person("a")]
            for system in ["unikum", "other"] {
                for reason in ["retry", "replay"] { try await subject.store.redeliver(keys, to: system, reason: reason) }
            }
            try await #expect(
                subject.waitingToGo.sorted() == [
                    "deliver.other a 1", "deliver.other b 1", "deliver.unikum a 1", "deliver.unikum b 1",
                ])
        },
        .init("a redelivery asked for while an earlier one is on its way is sent after it") { subject in
            try await subject.published("a")
            try await subject.store.redeliver([subject.person("a")], to: "unikum", reason: "retry")
            let onItsWay = try await subject.store.next(limit: 9)
            // The receiver may have settled the message before the broker's confirm is noted here.
            try await subject.store.redeliver([subject.person("a")], to: "unikum", reason: "reference")
            try await subject.store.published(onItsWay.map(\.position))
            let after = try await subject.store.next(limit: 9)
            #expect(after.map(\.change.redelivery) == ["reference"])
            #expect(after.map(\.change.id) != onItsWay.map(\.change.id))
        },
        .init("what the register doesn't know can't be sent and holds nothing up") { subject in
            try await subject.published("a")
            try await subject.store.redeliver([subject.person("never"), subject.person("a")], to: "unikum", reason: "retry")
            try await #expect(subject.waitingToGo == ["deliver.unikum a 1"])
        },
    ]
}
