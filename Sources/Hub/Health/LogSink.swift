public import ConnectorKit
public import Logging

/// Tells alarms in the log.
public struct LogSink: AlarmSink {
    public let name = "log"
    private let logger: Logger

    public init(logger: Logger) { self.logger = logger }

    public func tell(_ event: AlarmEvent) async throws {
        let level: Logger.Level =
            switch (event.step, event.alarm.severity) {
            case (.passed, _): .notice
            case (_, .critical): .error
            case (_, .warning): .warning
            }
        self.logger.log(
            level: level, "Alarm \(event.step.rawValue)",
            metadata: [
                "cause": "\(event.alarm.cause)", "text": "\(event.alarm.text.en)", "since": "\(event.alarm.raised)",
                "remedy": "\(event.alarm.runbook)",
            ])
    }
}
