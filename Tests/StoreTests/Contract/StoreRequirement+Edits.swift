import Foundation
import Hub
import Messaging
import SchoolRecords
import Testing

extension StoreRequirement {
    static let edits: [StoreRequirement] = [
        .init("R7: of two corrections the second is refused, and so is one of what is done") { subject in
            try await subject.failed("a")
            let other = try await subject.another()
            async let first = Self.refusal { try await subject.store.edit(subject.correction(of: 1, by: "one")) }
            async let second = Self.refusal { try await other.edit(subject.correction(of: 1, by: "two")) }
            let refusals = try await [first, second].compactMap { $0 }
            #expect(refusals.count == 1)
            let author = try await subject.store.edits(of: [1])[1]?.person ?? ""
            #expect(refusals.first?.reason == .edited(by: author))
            try await subject.store.undoEdit(of: 1, by: "one", time: StoreUnderTest.later)
            try await subject.store.edit(subject.correction(of: 1, by: "three"))
            try await subject.replayAll()
            await #expect(throws: EditRefusal(failure: 1, reason: .inReplay)) {
                try await subject.store.undoEdit(of: 1, by: "three", time: StoreUnderTest.later)
            }
            try await subject.settle("a", 1, subject.applied())
            await #expect(throws: EditRefusal(failure: 1, reason: .notOpen(.replayed))) {
                try await subject.store.edit(subject.correction(of: 1, by: "four"))
            }
            await #expect(throws: EditRefusal(failure: 9, reason: .unknown)) {
                try await subject.store.edit(subject.correction(of: 9, by: "four"))
            }
        },
        .init("R8: a corrected message goes under an id of its own, as its record's state, and is the same failure") { subject in
            try await subject.failed("a", "b")
            try await subject.store.edit(subject.correction(of: 1, by: "one"))
            try await subject.replayAll()
            let sent = try await subject.store.next(limit: 9).map(\.change)
            #expect(sent.map(\.key.id) == ["a", "b"] && sent.map(\.sequence) == [1, 1])
            #expect(sent.map(\.redelivery) == ["edit", "replay"])
            #expect(Set(sent.map(\.id)).count == 2)
            let names = try sent.map { try JSONValue(parsing: $0.body)["givenName"]?.stringValue }
            #expect(names == ["corrected", "first"])
            #expect(try JSONValue(parsing: sent[0].body)["meta"] != nil)
            try await subject.settle("a", 1, .failed(subject.failure("a")))
            let failure = try #require(try await subject.store.message(1))
            #expect(failure.attempts == 2 && failure.state == .failed)
            let kept = try await subject.store.records([subject.person("a")])[subject.person("a")]
            #expect(
                try JSONValue(parsing: try #require(kept).body)["givenName"] == "first", "the register keeps what the source says"
            )
        },
        .init("a correction is of one state: a newer one goes as it is, and a correction of an older one is refused") { subject in
            try await subject.failed("a", "b")
            try await subject.store.edit(subject.correction(of: 1, by: "one"))
            try await subject.take([subject.state("a", "second"), subject.state("b", "second")])
            await #expect(throws: EditRefusal(failure: 2, reason: .overtaken)) {
                try await subject.store.edit(subject.correction(of: 2, by: "one"))
            }
            try await subject.publishAll()
            try await subject.replayAll()
            let sent = try await subject.store.next(limit: 9).map(\.change)
            #expect(sent.map(\.redelivery) == ["replay", "replay"] && sent.map(\.sequence) == [2, 2])
            try await subject.settle("a", 2, .failed(subject.failure("a", sequence: 2)))
            try await #expect(subject.store.edits(of: [1]).isEmpty)
        },
        .init("a correction that needs approval isn't sent before somebody else has approved it") { subject in
            try await subject.failed("a")
            try await subject.store.edit(subject.correction(of: 1, by: "one", needsApproval: true))
            try await #expect(subject.replayAll().tally[.skipped] == 1)
            await #expect(throws: EditRefusal(failure: 1, reason: .ownEdit)) {
                try await subject.store.approveEdit(of: 1, by: "one", time: StoreUnderTest.later)
            }
            try await subject.store.approveEdit(of: 1, by: "two", time: StoreUnderTest.later)
            try await subject.replayAll()
            try await #expect(subject.store.next(limit: 9).map(\.change.redelivery) == ["edit"])
        },
        .init("a correction goes with its record") { subject in
            try await subject.failed("a")
            try await subject.store.edit(subject.correction(of: 1, by: "one"))
            try await subject.take([subject.state("a", nil)])
            try await #expect(subject.store.edits(of: [1]).isEmpty)
        },
    ]

    static let audit: [StoreRequirement] = [
        .init("R11: the audit log has each replayed message with its operation and who let it go") { subject in
            try await subject.failed("a", "b", "c")
            let batch = try await subject.start(ReplayPlan(canary: 2))
            try await subject.store.advance(batch.id, now: .now)
            var filter = AuditFilter()
            filter.operation = batch.id
            let entries = try await subject.store.auditEntries(filter)
            #expect(entries.map(\.subject) == ["replay/\(batch.id)", "failure/1", "failure/2"])
            #expect(Set(entries.map(\.person)) == ["operator"])
            for id in ["a", "b"] { try await subject.settle(id, 1, .failed(subject.failure(id))) }
            try await subject.store.advance(batch.id, now: .now)
            try await subject.store.change(batch.id, .resume, by: "another", time: StoreUnderTest.later)
            try await subject.store.advance(batch.id, now: .now)
            let later = try await subject.store.auditEntries(filter).dropFirst(3)
            #expect(later.map(\.action) == ["replay.resume", "replay"] && Set(later.map(\.person)) == ["another"])
            try await #expect(subject.store.discard([1, 2], reason: "test data", by: "third", time: StoreUnderTest.later) == 2)
            filter = AuditFilter()
            filter.person = "third"
            try await #expect(subject.store.auditEntries(filter).map(\.reason) == ["test data", "test data"])
            try await #expect(subject.store.firstBrokenAuditEntry() == nil)
        },
        .init("the audit log is read from its end too, page by page, and by what was done") { subject in
            for number in 1...5 {
                try await subject.store.note(
                    number % 2 == 0 ? "look" : "show", of: "thing/\(number)", reason: "r", by: "one", time: StoreUnderTest.time)
            }
            var filter = AuditFilter()
            (filter.isNewestFirst, filter.limit) = (true, 2)
            let first = try await subject.store.auditEntries(filter)
            #expect(first.map(\.subject) == ["thing/5", "thing/4"])
            filter.before = first.last?.number
            try await #expect(subject.store.auditEntries(filter).map(\.subject) == ["thing/3", "thing/2"])
            (filter.before, filter.action) = (nil, "show")
            try await #expect(subject.store.auditEntries(filter).map(\.subject) == ["thing/5", "thing/3"])
            try await #expect(subject.store.auditActions() == ["look", "show"])
        },
    ]

    private static func refusal(_ body: () async throws -> Void) async throws -> EditRefusal? {
        do {
            try await body()
            return nil
        } catch let refusal as EditRefusal { return refusal }
    }
}

extension StoreUnderTest {
    /// A correction of a person's first state.
    fileprivate func correction(of failure: Int64, by person: String, needsApproval: Bool = false) -> FailureEdit {
        FailureEdit(
            failure: failure, sequence: 1,
            body: JSONValue.object(["givenName": "corrected", "id": .string(failure == 1 ? "a" : "b")]).canonicalData,
            fields: ["givenName"], reason: "a trial", person: person, time: Self.later, needsApproval: needsApproval)
    }

    @discardableResult
    fileprivate func replayAll() async throws -> ReplayBatch {
        let batch = try await self.start()
        return try await self.store.advance(batch.id, now: .now).batch
    }
}
