package import Logging

/// Hears what the adapter logs, so that a test can wait for a thing to happen.
package final class LogListener: Sendable {
    private let heard = Observed<[String]>([])

    package init() {}

    package var logger: Logger { Logger(label: "test") { _ in Handler(heard: self.heard) } }

    /// Everything that was logged so far, metadata too.
    package var lines: [String] { self.heard.value }

    package func count(_ message: String) -> Int { self.lines.count { $0.hasPrefix(message) } }

    /// Returns when such a line was logged so often.
    package func hears(_ message: String, times: Int = 1) async throws {
        try await self.heard.wait(for: "log line '\(message)'") { lines in
            lines.count { $0.hasPrefix(message) } >= times
        }
    }

    private struct Handler: LogHandler {
        let heard: Observed<[String]>
        var metadata: Logger.Metadata = [:]
        var logLevel = Logger.Level.trace

        init(heard: Observed<[String]>) { self.heard = heard }

        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { self.metadata[key] }
            set { self.metadata[key] = newValue }
        }

        func log(event: LogEvent) {
            self.heard.update { $0.append("\(event.message) \(event.metadata ?? [:])") }
        }
    }
}
