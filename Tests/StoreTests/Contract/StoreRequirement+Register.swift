import Foundation
import Hub
import Messaging
import SchoolRecords
import Testing

extension StoreRequirement {
    static let taking: [StoreRequirement] = [
        .init("a new record gets sequence 1, and the same again leaves no trace") { subject in
            try await #expect(subject.take([subject.state("a", "Prov")]).created == 1)
            let before = try await subject.store.records([subject.person("a")])
            let again = try await subject.take([subject.state("a", "Prov")], time: StoreUnderTest.later)
            #expect(again.unchanged == 1 && again.changed == 0)
            try await #expect(subject.store.records([subject.person("a")]) == before)
            try await #expect(subject.waitingToGo == ["record.person.upserted.edlevo a 1"])
        },
        .init("a record is kept as it was given, with its source, its time and what was done") { subject in
            try await subject.take([subject.state("a", "Prov")])
            let record = try await subject.store.records([subject.person("a")])[subject.person("a")]
            #expect(
                record
                    == RegisteredRecord(
                        key: subject.person("a"), source: "edlevo", sequence: 1, operation: .upserted,
                        body: subject.state("a", "Prov").body ?? Data(), time: StoreUnderTest.time,
                        created: StoreUnderTest.time))
        },
        .init("the sequence grows by one with every change, also over a deletion and a return") { subject in
            for text in ["A", "B", nil, nil, "A", "A"] { try await subject.take([subject.state("a", text)]) }
            let record = try await subject.store.records([subject.person("a")])[subject.person("a")]
            #expect(record?.sequence == 4 && record?.operation == .upserted)
        },
        .init("a key that comes twice in one batch goes from state to state") { subject in
            let result = try await subject.take(["A", "A", "B", nil, "B"].map { subject.state("a", $0) })
            #expect(result.created == 2 && result.unchanged == 1 && result.updated == 1 && result.deleted == 1)
            try await #expect(subject.waitingToGo == ["record.person.upserted.edlevo a 4"])
        },
        .init("the deletion of what isn't there is no change") { subject in
            try await #expect(subject.take([subject.state("a", nil)]).unchanged == 1)
            try await #expect(subject.store.backlog() == 0)
            try await #expect(subject.store.records([subject.person("a")]).isEmpty)
        },
        .init("what another source gives is a change even when the content is the same") { subject in
            try await subject.take([subject.state("a", "A")])
            try await #expect(subject.take([subject.state("a", "A")], source: "other").updated == 1)
            try await #expect(subject.waitingToGo == ["record.person.upserted.other a 2"])
        },
        .init("more records than fit one statement are taken alike") { subject in
            let states = (0..<1203).map { subject.state("p\($0)", "x") }
            try await #expect(subject.take(states).created == 1203)
            try await #expect(subject.take(states).unchanged == 1203)
            try await #expect(subject.store.records(states.map(\.key)).count == 1203)
            try await #expect(subject.store.compare(states, source: "edlevo").allSatisfy { $0.difference == .unchanged })
        },
        .init("withheld records go to the vault and nowhere else") { subject in
            try await #expect(subject.take([], withheld: [subject.withheld("real")]).withheld == 1)
            try await #expect(subject.store.withheldPersons() == [subject.withheld("real").opaqueKey.id])
            try await #expect(subject.store.backlog() == 0)
            try await #expect(
                subject.store.records([subject.person("real"), subject.withheld("real").opaqueKey]).isEmpty)
        },
        .init("open intake failures of what is taken are closed, those of others and of other sources stay") { subject in
            let failing = ["a", "b", "c"].map { subject.failure($0, stage: .intake) }
            try await subject.store.record(
                failing + [subject.failure("a", stage: .intake, system: "other"), subject.failure("a")], time: StoreUnderTest.time
            )
            try await #expect(subject.store.replay([1]) == 1)
            try await subject.take([subject.state("a", "A"), subject.state("b", nil)])
            try await #expect(subject.failures.map(\.state) == [.replayed, .superseded, .failed, .failed, .failed])
            try await #expect(subject.counts.replayed == 1)
        },
        .init("intake failures of a person who is withheld are closed under the opaque id and the real one") { subject in
            let withheld = subject.withheld("real")
            try await subject.store.record(
                [subject.failure("real", stage: .intake), subject.failure(withheld.opaqueKey.id, stage: .intake)],
                time: StoreUnderTest.time)
            try await subject.take([], withheld: [withheld])
            try await #expect(subject.failures.map(\.state) == [.superseded, .superseded])
        },
        .init("failures of the reading are recorded with what was taken") { subject in
            try await subject.take([subject.state("a", "A")], failures: [subject.failure("b", stage: .intake)])
            try await #expect(subject.failures.map(\.failure.key) == [subject.person("b")])
            try await #expect(subject.counts.failed == 1)
        },
    ]

    static let erasing: [StoreRequirement] = [
        .init("a deletion leaves a tombstone with the id alone") { subject in
            try await subject.take([subject.state("a", "Prov")])
            try await #expect(subject.take([subject.state("a", nil)]).deleted == 1)
            let entry = try await subject.store.next(limit: 10).first
            #expect(entry?.routingKey == "record.person.deleted.edlevo")
            #expect(entry?.change.operation == .deleted)
            #expect(entry.map { String(decoding: $0.change.body, as: UTF8.self) } == #"{"id":"a"}"#)
        },
        .init("a deletion takes along what is set aside of the record, and nothing else") { subject in
            try await subject.store.stage([subject.state("a", "A"), subject.state("b", "B")], run: "edlevo")
            try await subject.store.stage([subject.state("a", "A")], run: "older")
            try await subject.take([subject.state("a", nil)])
            try await #expect(subject.store.staged(run: "edlevo", after: nil, limit: 9).map(\.key.id) == ["b"])
            try await #expect(subject.store.staged(run: "older", after: nil, limit: 9).isEmpty)
        },
        .init("a deletion takes along the messages kept of failures, which stay open") { subject in
            try await subject.published("a", "b")
            for id in ["a", "b"] { try await subject.settle(id, 1, .failed(subject.failure(id))) }
            try await subject.take([subject.state("a", nil)])
            let (gone, kept) = (try await subject.store.message(1), try await subject.store.message(2))
            #expect(gone?.failure.body == nil && gone?.state == .failed)
            #expect(kept?.failure.body == Data("body of b".utf8))
        },
        .init("an old message that fails after the deletion is kept without its body") { subject in
            try await subject.published("a")
            try await subject.take([subject.state("a", nil)])
            try await subject.settle("a", 1, .failed(subject.failure("a")))
            let failed = try await subject.store.message(1)
            #expect(failed?.state == .failed && failed?.failure.body == nil)
        },
        .init("what goes to the vault leaves nothing set aside and no message of a failure") { subject in
            try await subject.published("real")
            try await subject.settle("real", 1, .failed(subject.failure("real")))
            try await subject.store.stage([subject.state("real", "A")], run: "edlevo")
            try await subject.take([], withheld: [subject.withheld("real")])
            try await #expect(subject.store.staged(run: "edlevo", after: nil, limit: 9).isEmpty)
            try await #expect(subject.store.message(1)?.failure.body == nil)
        },
    ]

    static let reading: [StoreRequirement] = [
        .init("comparing says what taking would do, in order, and does nothing") { subject in
            try await subject.take([subject.state("a", "A"), subject.state("b", "B"), subject.state("c", "C")])
            try await subject.publishAll()
            let states = [
                subject.state("c", nil), subject.state("new", "N"), subject.state("a", "A"), subject.state("b", "other"),
                subject.state("never", nil),
            ]
            try await #expect(
                subject.store.compare(states, source: "edlevo").map(\.difference)
                    == [.deleted, .created, .unchanged, .updated, .unchanged])
            try await #expect(subject.store.backlog() == 0)
        },
        .init("comparing says which school unit the register has the record in, whatever the new state says") { subject in
            let moved = { (unit: String?) in
                RecordState(key: subject.person("a"), owner: nil, body: Data("\(unit ?? "")".utf8), unit: unit)
            }
            let new = try await subject.store.compare([moved("A")], source: "edlevo")[0]
            #expect(new.difference == .created && new.unit == nil && new.sequence == 0)
            try await subject.take([moved("A")])
            let other = try await subject.store.compare([moved("B")], source: "edlevo")[0]
            #expect(other.difference == .updated && other.unit == "A" && other.sequence == 1)
            #expect(other.content != nil && other.content != new.content)
            try await subject.take([moved("B")])
            let without = try await subject.store.compare([moved(nil)], source: "edlevo")[0]
            #expect(without.difference == .updated && without.unit == "B" && without.sequence == 2)
        },
        .init("records are found with deleted ones, without those never seen") { subject in
            try await subject.take([subject.state("a", "A"), subject.state("b", "B"), subject.state("a", "A", .group)])
            try await subject.take([subject.state("b", nil)])
            let keys = [subject.person("a"), subject.person("b"), subject.person("c"), RecordKey(.group, "a")]
            let found = try await subject.store.records(keys + keys)
            #expect(found.mapValues(\.operation) == [keys[0]: .upserted, keys[1]: .deleted, keys[3]: .upserted])
        },
        .init("live ids are those of the entity and the source, without deleted ones") { subject in
            try await subject.take([subject.state("a", "A"), subject.state("b", "B"), subject.state("g", "G", .group)])
            try await subject.take([subject.state("o", "O")], source: "other")
            try await subject.take([subject.state("b", nil)])
            try await #expect(subject.store.liveIDs(of: .person, source: "edlevo") == ["a"])
            try await #expect(subject.store.liveIDs(of: .person, source: "other") == ["o"])
            try await #expect(subject.store.liveCounts() == [.person: 2, .group: 1])
        },
        .init("live records stream in the order of their ids") { subject in
            try await subject.take(["d", "b", "a", "c", "e"].map { subject.state($0, "x") } + [subject.state("aa", "x", .group)])
            try await subject.take([subject.state("c", nil)])
            var seen: [String] = []
            var after: String?
            while true {
                let page = try await subject.store.liveRecords(of: .person, after: after, limit: 2)
                guard let last = page.last else { break }
                #expect(page.count <= 2)
                seen += page.map(\.key.id)
                after = last.key.id
            }
            #expect(seen == ["a", "b", "d", "e"])
        },
    ]
}
