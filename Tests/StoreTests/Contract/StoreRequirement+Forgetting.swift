import Foundation
import Hub
import Messaging
import SchoolRecords
import Testing

extension StoreUnderTest {
    /// So many days after the time that everything here is taken at.
    fileprivate func later(_ days: Double) throws -> Date {
        try #require(RFC3339.date(Self.time)).addingTimeInterval(86_400 * days)
    }

    fileprivate func forget(_ days: Double) async throws -> Forgotten {
        try await self.store.forget(ForgettingPeriods(), now: self.later(days), limit: 99, by: "a")
    }
}

extension StoreRequirement {
    static let forgetting: [StoreRequirement] = [
        .init("a record that is gone is forgotten when it is old and no system has anything of it") { subject in
            try await subject.take([subject.state("a", "x"), subject.state("b", "x"), subject.state("c", "x")])
            try await subject.publishAll()
            try await subject.settle("a", 1, subject.applied([subject.row("rad")]))
            try await subject.take([subject.state("a", nil), subject.state("b", nil)])
            let early = try await subject.forget(401)
            #expect(early.gone == 0, "they wait to be told of")
            #expect(early.keys == 2, "nothing is sealed with their keys")
            try await subject.publishAll()
            let foreseen = try await subject.store.forgettable(ForgettingPeriods(), now: subject.later(401), limit: 99)
            #expect(foreseen.gone == 1)
            try await #expect(subject.forget(399).gone == 0)
            try await #expect(subject.forget(401).gone == 1)
            try await #expect(
                Set(subject.store.records([subject.person("a"), subject.person("b"), subject.person("c")]).keys)
                    == [subject.person("a"), subject.person("c")])
            try await subject.settle("a", 2, subject.applied())
            try await #expect(subject.forget(401).gone == 1)
            try await #expect(subject.forget(401).isNothing)
            try await #expect(subject.store.auditEntries(AuditFilter()).allSatisfy { $0.action == "retention.forget" })
        },
        .init("what a legal hold is about stays, until it is lifted or over") { subject in
            try await subject.take([subject.state("a", "x"), subject.state("a", "y")])
            try await subject.take([subject.state("a", nil)])
            try await subject.publishAll()
            let hold = LegalHold(
                person: subject.withheld("a").opaqueKey.id, realID: "a", by: "a", reason: "r", time: StoreUnderTest.time,
                until: String(RFC3339.text(try subject.later(500)).prefix(10)))
            try await subject.store.keep(hold, ids: ["a"])
            try await #expect(subject.store.legalHolds() == [hold.person: hold])
            let held = try await subject.forget(450)
            #expect(held.gone == 0 && held.history == 0)
            let over = try await subject.forget(502)
            #expect(over.gone == 1)
            try await #expect(subject.store.liftHold(of: hold.person, by: "a", reason: "r", time: StoreUnderTest.time))
            try await #expect(!subject.store.liftHold(of: hold.person, by: "a", reason: "r", time: StoreUnderTest.time))
        },
        .init("nothing of an erased person is taken in, by the register or the vault, until that is lifted") { subject in
            var erasure = Erasure(
                person: subject.withheld("a").opaqueKey.id, time: StoreUnderTest.time, by: "a", reason: "r")
            try await subject.take([subject.state("a", "x"), subject.state("b", "x")])
            try await subject.store.begin(erasure, keys: [subject.person("a")])
            try await #expect(subject.store.keys(ofErased: erasure.person) == [subject.person("a")])
            try await #expect(subject.store.erasedPersons() == [erasure.person])
            try await #expect(subject.store.withheldPersons() == [erasure.person])
            try await #expect(subject.store.holds([RecordKey(.person, erasure.person)]).count == 1)
            try await subject.take([subject.state("a", "y")], withheld: [subject.withheld("a")])
            try await #expect(subject.store.records([subject.person("a")])[subject.person("a")]?.operation == .deleted)
            try await #expect(subject.store.withheldCounts().isEmpty)
            let shredded = try await subject.store.shred(erasure.person, realID: "a", keys: [subject.person("a")])
            #expect(shredded["data_key"] == 1)
            try await #expect(subject.store.unconfirmed([subject.person("a")]).isOnTheWay)
            erasure.state = .lifted
            try await subject.store.keep(erasure, action: "erase.lift", by: "a", reason: "r", time: StoreUnderTest.time)
            try await #expect(subject.store.erasedPersons().isEmpty)
            try await #expect(subject.store.keys(ofErased: erasure.person).isEmpty)
            try await subject.take([subject.state("a", "z")])
            try await #expect(subject.store.records([subject.person("a")])[subject.person("a")]?.operation == .upserted)
        },
    ]
}
