import Foundation
import Hub
import SchoolRecords
import Testing

extension StoreRequirement {
    static let rules: [StoreRequirement] = [
        .init("a rule takes what is its own and has waited long enough, and counts what it sent for ever") { subject in
            try await subject.failed("a", "b")
            try await subject.store.record(
                [subject.failure("a", system: "vega"), subject.failure("b", code: "mandatory-missing")], time: StoreUnderTest.time
            )
            var rule = ReplayRule(name: "night", afterMinutes: 30, atMost: 2)
            (rule.system, rule.code) = ("unikum", "value-*")
            func at(_ minutes: Double) -> Date { subject.after(minutes) }
            // b failed otherwise since: one failure a record.
            try await #expect(subject.store.look(rule, now: at(29)) == RuleLook(due: 0, spent: 0, next: at(30)))
            try await #expect(subject.store.replayDue(rule, now: at(29), limit: 9) == nil)
            try await #expect(subject.store.due(rule, now: at(30), limit: 9) == [1])
            let first = try #require(try await subject.store.replayDue(rule, now: at(30), limit: 9))
            #expect(first.state == .running && first.size == 1 && first.madeBy == "rule/night" && first.tally[.waiting] == 1)
            // What a replay has is nobody else's, and nothing is due meanwhile.
            try await #expect(subject.store.replayDue(rule, now: at(99), limit: 9) == nil)
            _ = try await subject.store.advance(first.id, now: at(30))
            try await subject.settle("a", 1, .failed(subject.failure("a")), time: RFC3339.text(at(31)))
            _ = try await subject.store.advance(first.id, now: at(31))

            let next = try await subject.another()
            try await #expect(next.look(rule, now: at(40)) == RuleLook(due: 0, spent: 0, next: at(61)))
            let second = try #require(try await next.replayDue(rule, now: at(61), limit: 9))
            _ = try await next.advance(second.id, now: at(61))
            try await subject.settle("a", 1, .failed(subject.failure("a")), time: RFC3339.text(at(62)))
            _ = try await next.advance(second.id, now: at(62))
            try await #expect(next.replayDue(rule, now: at(9999), limit: 9) == nil)
            try await #expect(next.look(rule, now: at(9999)) == RuleLook(due: 0, spent: 1, next: nil))

            let runs = try await next.runs(of: ["night", "other"])
            #expect(runs.keys.sorted() == ["night"])
            #expect(runs["night"]?.runs == 2 && runs["night"]?.sent == 2 && runs["night"]?.failed == 2)
            #expect(runs["night"]?.lastBatch == second.id && runs["night"]?.lastAt == RFC3339.text(at(61)))
            var filter = AuditFilter()
            filter.person = "rule/night"
            let entries = try await next.auditEntries(filter)
            #expect(entries.map(\.action) == ["replay.start", "replay", "replay.start", "replay"])
            try await #expect(next.firstBrokenAuditEntry() == nil)
        },
        .init("two who follow one rule send each failure once") { subject in
            try await subject.failed("a", "b", "c")
            let rule = subject.everything("all")
            let other = try await subject.another()
            async let one = subject.store.replayDue(rule, now: subject.after(60), limit: 9)
            async let two = other.replayDue(rule, now: subject.after(60), limit: 9)
            try await #expect([one, two].compactMap { $0?.tally[.waiting] } == [3])
        },
        .init("a rule leaves alone what a person has, what waits for approval and what is no longer open") { subject in
            try await subject.failed("a", "b", "c", "d")
            let rule = subject.everything("all")
            var filter = FailureFilter()
            filter.ids = [1]
            let own = try await subject.store.select(filter, plan: ReplayPlan(), by: "operator", time: StoreUnderTest.time)
            try await subject.store.change(own.id, .start, by: "operator", time: StoreUnderTest.time)
            try await subject.store.edit(
                FailureEdit(
                    failure: 2, sequence: 1, body: Data("{}".utf8), fields: ["givenName"], reason: "r", person: "operator",
                    time: StoreUnderTest.time, needsApproval: true))
            _ = try await subject.store.discard([3], reason: "r", by: "operator", time: StoreUnderTest.time)
            try await #expect(subject.store.due(rule, now: subject.after(60), limit: 9) == [4])
            try await subject.store.approveEdit(of: 2, by: "other", time: StoreUnderTest.time)
            try await subject.store.change(own.id, .cancel, by: "operator", time: StoreUnderTest.time)
            try await #expect(subject.store.due(rule, now: subject.after(60), limit: 9) == [1, 2, 4])
            try await #expect(subject.store.due(rule, now: subject.after(60), limit: 2) == [1, 2])
            try await #expect(subject.store.replayDue(rule, now: subject.after(60), limit: 2)?.size == 2)
        },
        .init("what can't be sent is tried as often as the rule says, not for ever") { subject in
            try await subject.store.record([subject.failure("unknown")], time: StoreUnderTest.time)
            var rule = subject.everything("all")
            rule.rate = 60
            for _ in 0..<2 {
                let batch = try #require(try await subject.store.replayDue(rule, now: subject.after(60), limit: 9))
                #expect(batch.plan.rate == 60)
                _ = try await subject.store.advance(batch.id, now: subject.after(60))
                _ = try await subject.store.advance(batch.id, now: subject.after(61))
            }
            try await #expect(subject.store.replayDue(rule, now: subject.after(60), limit: 9) == nil)
        },
        .init("the mark of a rule changes when its failures do, and with replays") { subject in
            var rule = subject.everything("all")
            rule.code = "value-without-code"
            var marks = [try await subject.store.mark(of: rule)]
            try await subject.failed("a")
            marks.append(try await subject.store.mark(of: rule))
            try await subject.settle("a", 1, .failed(subject.failure("a")), time: StoreUnderTest.later)
            marks.append(try await subject.store.mark(of: rule))
            let batch = try await subject.start()
            marks.append(try await subject.store.mark(of: rule))
            #expect(Set(marks).count == 4)
            try await subject.store.record([subject.failure("b", code: "mandatory-missing")], time: StoreUnderTest.time)
            try await #expect(subject.store.mark(of: rule) == marks[3], "another code")
            try await subject.store.change(batch.id, .cancel, by: "operator", time: StoreUnderTest.later)
            try await #expect(subject.store.mark(of: rule) == marks[2])
        },
    ]
}

extension RuleLook {
    fileprivate init(due: Int, spent: Int, next: Date?) {
        self.init()
        (self.due, self.spent, self.next) = (due, spent, next.map(RFC3339.text))
    }
}

extension StoreUnderTest {
    /// So many minutes after ``time``.
    func after(_ minutes: Double) -> Date {
        (RFC3339.date(Self.time) ?? .distantPast).addingTimeInterval(60 * minutes)
    }

    /// A rule that takes every failure after half an hour, twice.
    fileprivate func everything(_ name: String) -> ReplayRule {
        var rule = ReplayRule(name: name, afterMinutes: 30, atMost: 2)
        rule.code = "*"
        return rule
    }
}
