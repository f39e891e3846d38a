public import ConnectorKit

/// What is still to be told to each sink: the latest event of each cause. A pure value.
///
/// An alarm that is over before its raising could be told is told as passed all the same: whether the sink heard of it isn't known.
public struct AlarmPost: Sendable, Hashable, Codable {
    private var waiting: [String: [String: AlarmEvent]] = [:]

    public init() {}

    public mutating func add(_ events: [AlarmEvent], for sinks: [String]) {
        for sink in sinks {
            for event in events {
                let earlier = self.waiting[sink]?[event.alarm.cause]
                // What was never told as raised isn't told as changed.
                let step: AlarmEvent.Step = event.step == .changed && earlier?.step == .raised ? .raised : event.step
                self.waiting[sink, default: [:]][event.alarm.cause] = AlarmEvent(step, event.alarm, time: event.time)
            }
        }
    }

    /// The events for a sink, in the order of their times.
    public func events(for sink: String) -> [AlarmEvent] {
        (self.waiting[sink] ?? [:]).values.sorted { ($0.time, $0.alarm.cause) < ($1.time, $1.alarm.cause) }
    }

    /// The sink has this one.
    public mutating func told(_ event: AlarmEvent, to sink: String) {
        if self.waiting[sink]?[event.alarm.cause] == event { self.waiting[sink]?[event.alarm.cause] = nil }
        if self.waiting[sink]?.isEmpty == true { self.waiting[sink] = nil }
    }

    /// Forgets sinks that there are no more.
    public mutating func keep(only sinks: [String]) { self.waiting = self.waiting.filter { sinks.contains($0.key) } }
}
