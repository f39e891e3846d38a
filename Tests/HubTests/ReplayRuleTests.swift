import Foundation
import Logging
import SchoolRecords
import Synchronization
import Testing

@testable import Hub

@Suite("Rules send failed messages again by themselves")
struct ReplayRuleTests {
    @Test(arguments: [
        ("row-refused", "row-refused", true), ("row-refused", "row-refuse", false), ("row-*", "row-refused", true),
        ("row-*", "a-row-refused", false), ("*-missing", "mandatory-missing", true), ("*-missing", "missing-x", false),
        ("*", "anything", true), ("r*-*d", "row-refused", true), ("r*-*d", "rd", false), ("ab*ba", "aba", false),
        ("*row*", "a-row-b", true),
        ("", "x", false),
    ])
    func `a code is as its pattern says`(pattern: String, code: String, matches: Bool) {
        #expect(CodePattern(pattern).matches(code) == matches)
    }

    @Test func `a rule is for the groups that all of its words say`() {
        var rule = ReplayRule(name: "r", afterMinutes: 1, atMost: 1)
        (rule.group, rule.system, rule.entity, rule.code) = ("4f1c", "unikum", .duty, "value-*")
        func takes(
            _ fingerprint: String = "4f1c2a", _ system: String = "unikum", _ entity: Entity? = .duty,
            _ code: String = "value-without-code"
        ) -> Bool { rule.takes(fingerprint: fingerprint, system: system, entity: entity, code: code) }
        #expect(takes())
        #expect(!takes("5f1c2a") && !takes("4f1c2a", "vega") && !takes("4f1c2a", "unikum", nil))
        #expect(!takes("4f1c2a", "unikum", .person) && !takes("4f1c2a", "unikum", .duty, "bad-value"))
    }

    /// Time that only the test moves.
    private final class Clock: Sendable {
        private let time = Mutex(Date(timeIntervalSince1970: 1_800_000_000))
        var hub: HubClock { HubClock(now: { self.time.withLock { $0 } }, sleep: { _ in await Task.yield() }) }
        func pass(minutes: Double) { self.time.withLock { $0 += 60 * minutes } }
    }

    private func failure(_ id: String, code: String = "row-refused") -> NewFailure {
        NewFailure(
            stage: .delivery, system: "unikum", key: RecordKey(.person, id), sequence: 1, kind: "rejected", code: code,
            field: nil,
            place: nil, message: "refused", body: nil)
    }

    @Test func `each is sent after its time, so often, and then never again, also after a restart`() async throws {
        try await TestHub.with { hub in
            let clock = Clock()
            _ = try await hub.store.take(
                [RecordState(key: RecordKey(.person, "a"), owner: "a", body: Data(#"{"id":"a"}"#.utf8))], withheld: [],
                failures: [],
                source: "edlevo", time: clock.hub.timestamp)
            try await hub.store.record([self.failure("a")], time: clock.hub.timestamp)
            var rule = ReplayRule(name: "again", afterMinutes: 20, atMost: 3)
            rule.code = "row-*"
            func service() -> ReplayRuleService {
                ReplayRuleService(rules: [rule], store: hub.store, clock: clock.hub, logger: hub.logger)
            }
            let replays = ReplayService(store: hub.store, clock: clock.hub, logger: hub.logger)
            var (seen, sentAt): ([String: ReplayRuleService.Seen], [Int]) = ([:], [])
            for minute in 0..<200 {
                // Now and then the hub is another one, which knows only what the store does.
                if minute % 37 == 0 { seen = [:] }
                if try await service().round(&seen).count == 1 {
                    sentAt.append(minute)
                    var tallies: [String: ReplayTally] = [:]
                    try await replays.round(&tallies)
                    try await hub.store.settle(
                        [Settlement(key: RecordKey(.person, "a"), sequence: 1, outcome: .failed(self.failure("a")))],
                        in: "unikum",
                        time: clock.hub.timestamp)
                    try await replays.round(&tallies)
                }
                clock.pass(minutes: 1)
            }
            #expect(sentAt == [20, 40, 60])
            #expect(try await hub.store.list(FailureFilter()).map(\.attempts) == [4])
            #expect(try await hub.store.runs(of: ["again"])["again"]?.failed == 3)
        }
    }

    @Test func `a rule at rest looks again when something of its own comes, and only then`() async throws {
        try await TestHub.with { hub in
            let clock = Clock()
            var rule = ReplayRule(name: "again", afterMinutes: 20, atMost: 1)
            rule.code = "row-*"
            let service = ReplayRuleService(rules: [rule], store: hub.store, clock: clock.hub, logger: hub.logger)
            var seen: [String: ReplayRuleService.Seen] = [:]
            try await service.round(&seen)
            let rest = seen["again"]?.mark
            try await hub.store.record([self.failure("x", code: "bad-value")], time: clock.hub.timestamp)
            try await service.round(&seen)
            #expect(seen["again"]?.mark == rest && seen["again"]?.next == nil)
            try await hub.store.record([self.failure("y")], time: clock.hub.timestamp)
            try await service.round(&seen)
            #expect(seen["again"]?.next == RFC3339.text(clock.hub.now().addingTimeInterval(1200)))
            clock.pass(minutes: 21)
            #expect(try await service.round(&seen).map(\.madeBy) == ["rule/again"])
        }
    }
}
