import Logging
import Synchronization

/// Hears what the adapter logs, so that a test can wait for a thing to happen.
final class LogListener: Sendable {
    private struct State {
        var lines: [String] = []
        var waiting: [(String, CheckedContinuation<Void, Never>)] = []
    }

    private let state = Mutex(State())

    var logger: Logger { Logger(label: "test") { _ in Handler(listener: self) } }

    /// Everything that was logged so far, metadata too.
    var lines: [String] { self.state.withLock { $0.lines } }

    /// Returns when such a line was or is logged.
    func hears(_ message: String) async {
        await withCheckedContinuation { continuation in
            let isThere = self.state.withLock { state in
                if state.lines.contains(where: { $0.hasPrefix(message) }) { return true }
                state.waiting.append((message, continuation))
                return false
            }
            if isThere { continuation.resume() }
        }
    }

    fileprivate func heard(_ line: String) {
        let served = self.state.withLock { state in
            state.lines.append(line)
            let served = state.waiting.filter { line.hasPrefix($0.0) }
            state.waiting.removeAll { line.hasPrefix($0.0) }
            return served
        }
        for (_, continuation) in served { continuation.resume() }
    }

    private struct Handler: LogHandler {
        let listener: LogListener
        var metadata: Logger.Metadata = [:]
        var logLevel = Logger.Level.trace

        init(listener: LogListener) { self.listener = listener }

        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { self.metadata[key] }
            set { self.metadata[key] = newValue }
        }

        func log(event: LogEvent) {
            self.listener.heard("\(event.message) \(event.metadata ?? [:])")
        }
    }
}
