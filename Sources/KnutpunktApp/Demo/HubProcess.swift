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
        do { try process.run() } catch { throw AppError(.demo, "\(self.executable): can't be started.", cause: error) }
        self.state.withLock { $0.process = process }
    }

    var isRunning: Bool { self.state.withLock { $0.process?.isRunning ?? false } }

    var processID: Int32? { self.state.withLock { $0.process?.processIdentifier } }

    /// The end of its log, for an error message.
    var lastLines: String {
        let text = (try? String(contentsOfFile: self.logPath, encoding: .utf8)) ?? ""
        return text.split(separator: "\n").suffix(5).joined(separator: "\n")
    }

    /// Kills it at once, as a power cut would (`SIGKILL`), and waits until it is gone.
    func kill() {
        self.noteMemory()
        self.state.withLock { state in
            guard let process = state.process else { return }
            Glibc.kill(process.processIdentifier, SIGKILL)
            process.waitUntilExit()
            state.process = nil
        }
    }

    /// Asks it to stop (`SIGTERM`) and waits until it has; returns its exit status.
    @discardableResult
    func stop() -> Int32 {
        self.noteMemory()
        let process = self.state.withLock { state in
            defer { state.process = nil }
            return state.process
        }
        guard let process else { return 0 }
        process.terminate()
        process.waitUntilExit()
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
