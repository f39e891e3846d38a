import Foundation
import Glibc
import Synchronization

/// A hub in a process of its own, as it runs in earnest: started, stopped, and killed in the middle of its work.
final class HubProcess: Sendable {
    private let executable: String
    private let arguments: [String]
    private let logPath: String
    private let environment: [String: String]
    private let state = Mutex(State())

    private struct State {
        var process: Process?
        var exit = Exit()
        var peakKibibytes = 0
    }

    /// - Parameters:
    ///   - arguments: e.g. `serve --config FILE`.
    ///   - logPath: where its output is added.
    init(executable: String, arguments: [String], logPath: String, environment: [String: String]) {
        self.executable = executable
        self.arguments = arguments
        self.logPath = logPath
        self.environment = environment
    }

    /// - Throws: ``AppError`` when the program can't be started.
    func start() throws {
        if !FileManager.default.fileExists(atPath: self.logPath) {
            _ = FileManager.default.createFile(atPath: self.logPath, contents: nil, attributes: [.posixPermissions: 0o600])
        }
        guard let log = FileHandle(forWritingAtPath: self.logPath) else {
            throw AppError(.demo, "\(self.logPath): the hub's log can't be written.")
        }
        log.seekToEndOfFile()
        let process = Process()
        process.executableURL = URL(fileURLWithPath: self.executable)
        process.arguments = self.arguments
        process.environment = self.environment
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = log
        process.standardError = log
        let exit = Exit()
        process.terminationHandler = { _ in exit.happened() }
        do { try process.run() } catch { throw AppError(.demo, "\(self.executable): can't be started.", cause: error) }
        self.state.withLock { state in
            state.process = process
            state.exit = exit
        }
    }

    var isRunning: Bool { self.state.withLock { $0.process?.isRunning ?? false } }

    var processID: Int32? { self.state.withLock { $0.process?.processIdentifier } }

    /// The end of its log, for an error message.
    var lastLines: String {
        let text = (try? String(contentsOfFile: self.logPath, encoding: .utf8)) ?? ""
        return text.split(separator: "\n").suffix(5).joined(separator: "\n")
    }

    /// Kills it at once, as a power cut would (`SIGKILL`), and returns when it is gone.
    func kill() async { _ = await self.end(with: SIGKILL) }

    /// Asks it to stop (`SIGTERM`) and returns its exit status when it has.
    @discardableResult
    func stop() async -> Int32 { await self.end(with: SIGTERM) }

    private func end(with signal: Int32) async -> Int32 {
        self.noteMemory()
        let (process, exit) = self.state.withLock { state in
            defer { state.process = nil }
            return (state.process, state.exit)
        }
        guard let process else { return 0 }
        Glibc.kill(process.processIdentifier, signal)
        // Without holding a thread that the stand-ins in this process need.
        await exit.wait()
        return process.terminationStatus
    }

    /// Looks at how much memory it has used at most so far.
    func noteMemory() {
        self.state.withLock { state in
            guard let pid = state.process?.processIdentifier,
                let status = try? String(contentsOfFile: "/proc/\(pid)/status", encoding: .utf8),
                let line = status.split(separator: "\n").first(where: { $0.hasPrefix("VmHWM:") }),
                let number = line.split(whereSeparator: { $0 == " " || $0 == "\t" }).dropFirst().first.flatMap({ Int($0) })
            else { return }
            state.peakKibibytes = max(state.peakKibibytes, number)
        }
    }

    /// The most memory that any of its lives has used, in MiB.
    var peakMebibytes: Int { self.state.withLock { ($0.peakKibibytes + 1023) / 1024 } }
}

/// The end of a process, to be waited for by many.
private final class Exit: Sendable {
    private let waiters = Mutex<[CheckedContinuation<Void, Never>]?>([])

    func happened() {
        let waiters = self.waiters.withLock { waiters in
            defer { waiters = nil }
            return waiters ?? []
        }
        for waiter in waiters { waiter.resume() }
    }

    func wait() async {
        await withCheckedContinuation { continuation in
            let isOver = self.waiters.withLock { waiters in
                waiters?.append(continuation)
                return waiters == nil
            }
            if isOver { continuation.resume() }
        }
    }
}
