import ConnectorKit
import Foundation
import Synchronization

/// A program of the municipality's own that the hub starts, e.g. to carry files where they belong. It gets no secret of the hub's: of the
/// environment only `PATH`, `HOME`, `LANG` and what it is given.
struct HookCommand: Sendable {
    private let command: [String]
    private let timeout: Duration
    private let system: String

    init(_ command: [String], timeout: Duration, of system: String) {
        self.command = command
        self.timeout = timeout
        self.system = system
    }

    /// Runs it to its end. What it prints isn't kept: it may name persons.
    ///
    /// - Throws: ``ConnectorFailure`` (`systemUnavailable`) when it can't be started, ends with another status than 0, or takes too long;
    ///   it is killed then.
    func run(with arguments: [String], environment: [String: String]) async throws {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: self.command.first ?? "")
        process.arguments = Array(self.command.dropFirst()) + arguments
        let own = ProcessInfo.processInfo.environment.filter { ["PATH", "HOME", "LANG"].contains($0.key) }
        process.environment = own.merging(environment) { $1 }
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        let (ends, end) = AsyncStream.makeStream(of: Int32.self)
        process.terminationHandler = { process in
            end.yield(process.terminationReason == .exit ? process.terminationStatus : 128 + process.terminationStatus)
            end.finish()
        }
        do { try process.run() } catch {
            throw self.failure("can't be started: check the path and the rights on it", error)
        }
        let pid = process.processIdentifier
        let isLate = Flag()
        let timeout = self.timeout
        let status = await withTaskGroup(of: Int32?.self) { group in
            group.addTask {
                for await status in ends { return status }
                return nil
            }
            // Also when the hub is stopped: whoever starts a program ends it.
            group.addTask { await Self.wait(timeout, isLate) }
            var status: Int32?
            while let next = await group.next() {
                status = next ?? status
                if next == nil { kill(pid, SIGKILL) }
                if status != nil { break }
                if next == nil, Task.isCancelled { break }
            }
            group.cancelAll()
            return status
        }
        if isLate.isSet { throw self.failure("took longer than \(self.timeout) and was ended", nil) }
        guard status == 0 else { throw self.failure("ended with status \(status.map(String.init) ?? "unknown")", nil) }
    }

    private final class Flag: Sendable {
        private let value = Atomic(false)
        var isSet: Bool { self.value.load(ordering: .relaxed) }
        func set() { self.value.store(true, ordering: .relaxed) }
    }

    private static func wait(_ timeout: Duration, _ isLate: Flag) async -> Int32? {
        if (try? await Task.sleep(for: timeout)) != nil { isLate.set() }
        return nil
    }

    private func failure(_ what: String, _ cause: (any Error)?) -> ConnectorFailure {
        ConnectorFailure(
            .systemUnavailable, code: .hookFailed, message: "the program that carries files to \(self.system) \(what)",
            cause: cause)
    }
}
