import Foundation
import Hub
import SchoolRecords
import Testing

extension StoreRequirement {
    static let staging: [StoreRequirement] = [
        .init("what is set aside comes in the order of the keys, page after page") { subject in
            let states = Entity.allCases.reversed().flatMap { entity in ["b", "a"].map { subject.state($0, "x", entity) } }
            try await subject.store.stage(states, run: "edlevo")
            var seen: [RecordKey] = []
            while true {
                let page = try await subject.store.staged(run: "edlevo", after: seen.last, limit: 3)
                guard !page.isEmpty else { break }
                #expect(page.count <= 3)
                seen += page.map(\.key)
            }
            #expect(seen == states.map(\.key).sorted())
        },
        .init("a later record of a key replaces the earlier, also when it is gone") { subject in
            try await subject.store.stage(
                [subject.state("a", "1"), subject.state("b", "1"), subject.state("b", "2")], run: "edlevo")
            try await subject.store.stage([subject.state("a", nil)], run: "edlevo")
            try await #expect(
                subject.store.staged(run: "edlevo", after: nil, limit: 9).map(\.body)
                    == [nil, subject.state("b", "2").body])
        },
        .init("runs are apart, and cleared one by one or all") { subject in
            for run in ["one", "two", "three"] { try await subject.store.stage([subject.state("a", run)], run: run) }
            try await subject.store.clearStage(run: "one")
            try await #expect(subject.store.staged(run: "one", after: nil, limit: 9).isEmpty)
            try await #expect(subject.store.staged(run: "two", after: nil, limit: 9) == [subject.state("a", "two")])
            try await subject.store.clearStage(run: nil)
            try await #expect(subject.store.staged(run: "two", after: nil, limit: 9).isEmpty)
            try await #expect(subject.store.staged(run: "three", after: nil, limit: 9).isEmpty)
        },
        .init("what is set aside is no record yet") { subject in
            try await subject.store.stage([subject.state("a", "A")], run: "edlevo")
            try await #expect(subject.store.records([subject.person("a")]).isEmpty)
            try await #expect(subject.store.backlog() == 0)
        },
        .init("a mark is nothing before the first reading, then what it was last set to") { subject in
            try await #expect(subject.store.mark(source: "edlevo", entity: "person") == nil)
            try await subject.store.setMark(StoreUnderTest.time, source: "edlevo", entity: "person")
            try await subject.store.setMark(StoreUnderTest.later, source: "edlevo", entity: "person")
            try await #expect(subject.another().mark(source: "edlevo", entity: "person") == StoreUnderTest.later)
            try await #expect(subject.store.mark(source: "edlevo", entity: "group") == nil)
            try await #expect(subject.store.mark(source: "other", entity: "person") == nil)
        },
    ]
}
