public import ConnectorKit
public import Foundation

/// Which alarms are open: raised when a finding has lasted, passed when it has been away for a while. A pure value; it is kept over
/// restarts, so that an alarm that ends while the hub is down is told as passed, and none is told twice.
public struct AlarmBook: Sendable, Hashable, Codable {
    private struct Entry: Sendable, Hashable, Codable {
        var since: Date
        var lastSeen: Date
        var lastTold: Date?
        /// Set once it is raised.
        var alarm: Alarm?
    }

    /// Seconds that a finding must be away for its alarm to be over: what flickers is one alarm.
    static let calm = 120.0
    /// Seconds between two tellings that an open alarm's text has changed.
    static let tellAgain = 3600.0

    private var entries: [String: Entry] = [:]

    public init() {}

    /// The alarms that are open, the oldest first.
    public var open: [Alarm] {
        self.entries.values.compactMap(\.alarm).sorted { ($0.raised, $0.cause) < ($1.raised, $1.cause) }
    }

    /// Takes the findings of one look and says what is to be told.
    public mutating func judge(_ findings: [AlarmFinding], at now: Date) -> [AlarmEvent] {
        var events: [AlarmEvent] = []
        let time = RFC3339.text(now)
        for finding in findings {
            var entry = self.entries[finding.cause] ?? Entry(since: now, lastSeen: now)
            entry.lastSeen = now
            if var alarm = entry.alarm {
                let isNews = alarm.text != finding.text
                alarm.text = finding.text
                entry.alarm = alarm
                if isNews, now.timeIntervalSince(entry.lastTold ?? now) >= Self.tellAgain {
                    entry.lastTold = now
                    events.append(AlarmEvent(.changed, alarm, time: time))
                }
            } else if now.timeIntervalSince(entry.since) >= finding.delay {
                let alarm = Alarm(
                    finding.kind, finding.subject, severity: finding.severity, text: finding.text, raised: time)
                entry.alarm = alarm
                entry.lastTold = now
                events.append(AlarmEvent(.raised, alarm, time: time))
            }
            self.entries[finding.cause] = entry
        }
        for (cause, entry) in self.entries.sorted(by: { $0.key < $1.key }) where now.timeIntervalSince(entry.lastSeen) > 0 {
            guard let alarm = entry.alarm else {
                self.entries[cause] = nil
                continue
            }
            if now.timeIntervalSince(entry.lastSeen) >= Self.calm {
                self.entries[cause] = nil
                events.append(AlarmEvent(.passed, alarm, time: time))
            }
        }
        return events
    }
}
