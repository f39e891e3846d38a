import ConnectorKit
import Foundation
import Hub
import SchoolRecords
import Testing

extension StoreRequirement {
    static let forms: [StoreRequirement] = [
        .init("what was refused is kept as long as the failure is open") { subject in
            try await subject.published("a", "b", "c", "d")
            for id in ["a", "b", "c", "d"] { try await subject.settle(id, 1, .failed(subject.refused(id))) }
            let kept = try await subject.store.forms(of: [1, 2, 3, 4, 99])
            #expect(kept.keys.sorted() == [1, 2, 3, 4])
            #expect(kept[1] == KeptForm(sequence: 1, form: subject.form("a")))
            _ = try await subject.store.discard([1], reason: "r", by: "operator", time: StoreUnderTest.later)
            try await subject.settle("b", 2, subject.applied())
            try await #expect(subject.store.replay([3]) == 1)
            try await subject.settle("c", 1, subject.applied())
            try await #expect(subject.kept([1, 2, 3, 4]) == [4])
        },
        .init("a form goes with the record that it is of, and with those that it looked at") { subject in
            try await subject.published("a", "b", "c", "x")
            for id in ["a", "b", "c"] {
                try await subject.settle(id, 1, .failed(subject.refused(id, references: id == "b" ? ["x"] : [])))
            }
            try await subject.take([subject.state("a", nil)])
            try await #expect(subject.kept([1, 2, 3]) == [2, 3])
            // Somebody whom b's rows are about is protected now.
            try await subject.take([], withheld: [subject.withheld("x")])
            try await #expect(subject.kept([1, 2, 3]) == [3])
        },
        .init("as it was: what has no form can't be sent, and what has a newer state isn't") { subject in
            try await subject.published("a", "b", "c")
            try await subject.settle("a", 1, .failed(subject.refused("a")))
            try await subject.settle("b", 1, .failed(subject.failure("b")))
            try await subject.settle("c", 1, .failed(subject.refused("c")))
            try await subject.store.record([subject.failure("d", stage: .intake)], time: StoreUnderTest.time)
            let batch = try await subject.start(ReplayPlan(asWas: true))
            #expect(batch.plan.asWas && batch.tally[.waiting] == 4)
            try await subject.take([subject.state("c", "second")])
            let keys = ["a", "b", "c"].map(subject.person)
            try await #expect(subject.store.formsUnderWay(of: keys, to: "unikum").isEmpty)
            let sent = try await subject.store.advance(batch.id, now: .now)
            #expect(sent.sent == 1 && sent.batch.tally[.unsendable] == 2 && sent.batch.tally[.skipped] == 1)
            let other = try await subject.another()
            let underWay = try await other.formsUnderWay(of: keys, to: "unikum")
            #expect(underWay == [subject.person("a"): KeptForm(sequence: 1, form: subject.form("a"))])
            try await #expect(subject.store.formsUnderWay(of: keys, to: "vega").isEmpty)
        },
        .init("a form stays of the mappings that made it, until another one is refused") { subject in
            try await subject.published("a")
            try await subject.settle("a", 1, .failed(subject.refused("a", mappings: "old")))
            try await subject.replay(asWas: true, .failed(subject.refused("a", mappings: "new")))
            try await #expect(subject.version == "old")
            try await subject.replay(asWas: false, .failed(subject.failure("a")))
            try await #expect(subject.version == "old", "today's mapping makes nothing of the same state")
            try await subject.replay(asWas: false, .failed(subject.refused("a", mappings: "new")))
            try await #expect(subject.version == "new")
            try await subject.take([subject.state("a", "second")])
            try await subject.settle("a", 2, .failed(subject.failure("a", sequence: 2)))
            try await #expect(subject.version == nil, "of an older state")
        },
        .init("what was refused is sent again when what it lacked arrives, and when what it looked at changes") { subject in
            try await subject.published("a", "x", "y")
            try await subject.settle("x", 1, subject.applied([subject.row("x")]))
            try await subject.settle("a", 1, .failed(subject.refused("a", references: ["x", "y"], missing: ["y"])))
            try await #expect(subject.waitingToGo.isEmpty)
            try await subject.settle("y", 1, subject.applied([subject.row("y")]))
            try await #expect(subject.waitingToGo == ["deliver.unikum a 1"])
            try await subject.publishAll()
            try await subject.settle("a", 1, .failed(subject.refused("a", references: ["x", "y"])))
            try await #expect(subject.store.waitingCounts().isEmpty, "it waits for nothing any more")
            try await subject.take([subject.state("x", "second")])
            try await subject.publishAll()
            try await subject.settle("x", 2, subject.applied([subject.row("x", "y")]))
            try await #expect(subject.waitingToGo == ["deliver.unikum a 1"])
            try await subject.publishAll()
            try await subject.settle("a", 1, subject.applied())
            try await #expect(subject.store.list(FailureFilter()).isEmpty)
        },
    ]
}

extension StoreUnderTest {
    /// The mappings that the first failure's form is of.
    fileprivate var version: String? {
        get async throws { try await self.store.forms(of: [1])[1]?.form.mappings }
    }

    /// Replays `a`, which ends so.
    fileprivate func replay(asWas: Bool, _ outcome: Settlement.Outcome) async throws {
        let batch = try await self.start(ReplayPlan(asWas: asWas))
        _ = try await self.store.advance(batch.id, now: .now)
        try await #expect(self.store.formsUnderWay(of: [self.person("a")], to: "unikum").isEmpty != asWas)
        try await self.settle("a", 1, outcome)
        _ = try await self.store.advance(batch.id, now: .now)
    }

    /// Which of these failures have a form.
    fileprivate func kept(_ ids: [Int64]) async throws -> [Int64] { try await self.store.forms(of: ids).keys.sorted() }

    fileprivate func form(
        _ id: String, references: [String] = [], missing: [String] = [], mappings: String? = "version"
    ) -> DeliveredForm {
        DeliveredForm(
            rows: [self.row(id)], references: Set(references.map(self.person)), missing: Set(missing.map(self.person)),
            mappings: mappings)
    }

    fileprivate func refused(
        _ id: String, references: [String] = [], missing: [String] = [], mappings: String? = "version"
    ) -> NewFailure {
        NewFailure(
            stage: .delivery, system: "unikum", key: self.person(id), sequence: 1, kind: "rejected", code: "row-refused",
            field: nil,
            place: nil, message: "refused", body: nil,
            form: self.form(id, references: references, missing: missing, mappings: mappings))
    }
}
