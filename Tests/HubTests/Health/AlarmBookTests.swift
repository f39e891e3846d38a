import ConnectorKit
import Foundation
import Testing

@testable import Hub

@Suite("One alarm a cause: raised when it lasts, over when it has been away")
struct AlarmBookTests {
    private static let start = Date(timeIntervalSince1970: 1_786_000_000)

    private func finding(delay: Double, _ text: String = "text") -> AlarmFinding {
        AlarmFinding(.targetDown, "unikum", .critical, delay: delay, sv: text, en: text)
    }

    @Test func `what lasts too short is no alarm`() {
        var book = AlarmBook()
        #expect(book.judge([self.finding(delay: 60)], at: Self.start).isEmpty)
        #expect(book.judge([self.finding(delay: 60)], at: Self.start + 59).isEmpty)
        #expect(book.judge([], at: Self.start + 70).isEmpty)
        // It begins anew.
        #expect(book.judge([self.finding(delay: 60)], at: Self.start + 80).isEmpty)
        #expect(book.judge([self.finding(delay: 60)], at: Self.start + 139).isEmpty)
        #expect(book.judge([self.finding(delay: 60)], at: Self.start + 140).map(\.step) == [.raised])
        #expect(book.open.map(\.cause) == ["target-down:unikum"])
    }

    @Test func `an outage of an hour is one alarm and one end, however it flickers`() {
        var book = AlarmBook()
        var events: [AlarmEvent] = []
        for minute in 0..<60 {
            // Every seventh look finds it well.
            let findings = minute % 7 == 6 ? [] : [self.finding(delay: 0, "\(minute) wait")]
            events += book.judge(findings, at: Self.start + Double(minute) * 60)
        }
        events += book.judge([], at: Self.start + 3600)
        #expect(events.map(\.step) == [.raised])
        events += book.judge([], at: Self.start + 3700)
        #expect(events.map(\.step) == [.raised, .passed])
        #expect(book.open.isEmpty)
        #expect(events.first?.alarm.raised == events.last?.alarm.raised)
    }

    @Test func `an open alarm that changes is told again at most once an hour`() {
        var book = AlarmBook()
        var steps: [AlarmEvent.Step] = []
        for minute in 0...150 {
            steps += book.judge([self.finding(delay: 0, "\(minute)")], at: Self.start + Double(minute) * 60).map(\.step)
        }
        #expect(steps == [.raised, .changed, .changed])
    }

    @Test func `after a restart an open alarm isn't told again, and its end is`() throws {
        var book = AlarmBook()
        _ = book.judge([self.finding(delay: 0)], at: Self.start)
        var again = try JSONDecoder().decode(AlarmBook.self, from: try JSONEncoder().encode(book))
        #expect(again == book)
        #expect(again.judge([self.finding(delay: 0)], at: Self.start + 600).isEmpty)
        #expect(again.judge([], at: Self.start + 1200).map(\.step) == [.passed])
    }

    @Test func `what couldn't be told is told as what it has become`() {
        var post = AlarmPost()
        let alarm = Alarm(.targetDown, "unikum", severity: .critical, text: Bilingual(sv: "a", en: "a"), raised: "t0")
        post.add([AlarmEvent(.raised, alarm, time: "t0")], for: ["log", "webhook"])
        post.told(AlarmEvent(.raised, alarm, time: "t0"), to: "log")
        post.add([AlarmEvent(.changed, alarm, time: "t1")], for: ["log", "webhook"])
        #expect(post.events(for: "log").map(\.step) == [.changed])
        #expect(post.events(for: "webhook").map(\.step) == [.raised])
        post.add([AlarmEvent(.passed, alarm, time: "t2")], for: ["log", "webhook"])
        #expect(post.events(for: "webhook").map(\.step) == [.passed])
        post.keep(only: ["log"])
        #expect(post.events(for: "webhook").isEmpty)
    }
}

@Suite("From when on something is an alarm")
struct AlarmRulesTests {
    private func kinds(_ change: (inout HealthReading) -> Void, rules: AlarmRules = AlarmRules()) -> [Alarm.Kind] {
        var reading = HealthReading(time: "2026-08-17T06:00:00.000Z")
        reading.targets = [HealthReading.Target(system: "unikum")]
        reading.sources = [HealthReading.Source(system: "edlevo")]
        change(&reading)
        return rules.findings(in: reading).map(\.kind)
    }

    @Test func `a hub at work gives none`() {
        #expect(self.kinds { _ in }.isEmpty)
        #expect(
            self.kinds {
                $0.targets[0].queued = 50_000
                $0.targets[0].oldestSeconds = 100
                $0.targets[0].deliveredLately = 900
                $0.targets[0].failedLately = 10
                $0.outbox = 500
                $0.sources[0].silentSeconds = 90
            }.isEmpty)
    }

    @Test func `each kind has its sign`() {
        #expect(self.kinds { $0.targets[0].breaker = .open } == [.targetDown])
        #expect(self.kinds { $0.targets[0].oldestSeconds = 1801 } == [.messagesLate])
        // After an outage what waited is old; it is late when the system has been there for as long as it may take.
        func kinds(back seconds: Double) -> [Alarm.Kind] {
            self.kinds { reading in
                reading.targets[0].oldestSeconds = 7200
                reading.targets[0].backSeconds = seconds
            }
        }
        #expect(kinds(back: 1800) == [] && kinds(back: 1801) == [.messagesLate])
        #expect(self.kinds { $0.targets[0].failed = 1 } == [.messagesFailed])
        #expect(
            self.kinds {
                $0.targets[0].deliveredLately = 79
                $0.targets[0].failedLately = 21
            } == [.errorRate])
        #expect(self.kinds { $0.sources[0].isDown = true } == [.sourceDown])
        #expect(self.kinds { $0.sources[0].silentSeconds = 27 * 3600 } == [.sourceSilent])
        let held = HeldChange(
            id: "unikum-rows-1", direction: .target, system: "unikum", entity: "rows", mode: "changes", living: 100,
            counts: ChangeCounts(deletes: 90), excess: [], time: "2026-08-17T05:00:00.000Z")
        #expect(self.kinds { $0.held = [HealthReading.Held(held), HealthReading.Held(held)] } == [.changesHeld])
        #expect(self.kinds { $0.isBrokerUp = false } == [.brokerDown])
        #expect(self.kinds { $0.outboxSeconds = 1801 } == [.brokerDown])
        #expect(
            self.kinds { $0.schoolsWithout = ["skola24/CalendarEvent": ["enhet"], "tempus/Placement": []] } == [.schoolsWithout])
        #expect(self.kinds { $0.diskFreeMebibytes = 499 } == [.diskLow])
    }

    @Test func `few failures among few messages are no rate`() {
        #expect(self.kinds { $0.targets[0].failedLately = 49 }.isEmpty)
    }

    @Test func `a system that is down isn't late as well`() {
        #expect(
            self.kinds {
                $0.targets[0].breaker = .open
                $0.targets[0].oldestSeconds = 7200
            } == [.targetDown])
    }
}
