import ConnectorKit
import Dispatch
import Foundation
import Logging
import SchoolRecords
import Synchronization

/// The folder in which another system leaves files for the hub. A file that is whole is read once and moved: to `done/` when
/// all of it could be taken, else to `rejected/`, each with a report beside it.
///
/// What the system holds is what the files in `done/` come to, taken in the order of their names, which begin with when they
/// were taken. Nothing else is kept, so a crash at any moment leaves nothing to repair.
final class FileInbox: Sendable {
    private struct Looked {
        let stamp: FileStamp
        let since: Duration
    }

    private struct Memory {
        var looked: [String: Looked] = [:]
        var taken: Set<String> = []
        var states: [Entity: DelimitedState] = [:]
        var lastTime = Date.distantPast
    }

    let system: String
    let settings: DelimitedSourceSettings
    let files: any ReadableFileSystem
    let clock: ConnectorClock
    let logger: Logger
    private let queue: DispatchQueue
    private let memory = Mutex(Memory())

    init(
        system: String, settings: DelimitedSourceSettings, files: any ReadableFileSystem, clock: ConnectorClock, logger: Logger
    ) {
        self.system = system
        self.settings = settings
        self.files = files
        self.clock = clock
        self.logger = logger
        self.queue = DispatchQueue(label: "knutpunkt.inbox.\(system)")
    }

    var done: String { "\(self.settings.folder)/done" }
    var rejected: String { "\(self.settings.folder)/rejected" }

    /// Takes in what has come, and tells what there is of each entity; an entity that no file has come for isn't there.
    ///
    /// - Throws: ``ConnectorFailure``.
    func refreshed() async throws(ConnectorFailure) -> [Entity: DelimitedState] {
        let result: Result<[Entity: DelimitedState], ConnectorFailure> = await withCheckedContinuation { continuation in
            self.queue.async {
                do throws(ConnectorFailure) {
                    try self.refresh()
                    continuation.resume(returning: .success(self.memory.withLock { $0.states }))
                } catch {
                    continuation.resume(returning: .failure(error))
                }
            }
        }
        return try result.get()
    }

    /// Files that were rejected and still lie where they were put.
    var rejectedCount: Int {
        ((try? self.files.names(in: self.rejected)) ?? []).count { !$0.hasSuffix(FileReport.suffix) && Self.parts(of: $0) != nil }
    }

    // MARK: On the queue

    private func refresh() throws(ConnectorFailure) {
        do throws(FileError) {
            guard try self.files.isFolder(self.settings.folder) else { throw FileError(errno: ENOENT, operation: "stat") }
            try self.files.makeFolder(self.done)
            try self.files.makeFolder(self.rejected)
            for name in try self.wholeFiles() { try self.takeIn(name) }
        } catch {
            throw self.failure(error)
        }
        try self.load()
        self.prune()
    }

    /// The names of files that are for us and won't change any more, in order.
    private func wholeFiles() throws(FileError) -> [String] {
        let names = try self.files.names(in: self.settings.folder).sorted()
        let ours = names.filter { name in !name.hasPrefix(".") && self.settings.files.contains { $0.takes(name) } }
        if let suffix = self.settings.readySuffix { return ours.filter { names.contains($0 + suffix) } }
        let now = self.clock.uptime()
        var whole: [String] = []
        var looked: [String: Looked] = [:]
        for name in ours {
            guard let stamp = try self.files.stamp("\(self.settings.folder)/\(name)") else { continue }
            let before = self.memory.withLock { $0.looked[name] }
            let since = before?.stamp == stamp ? before?.since ?? now : now
            looked[name] = Looked(stamp: stamp, since: since)
            if now - since >= self.settings.unchanged { whole.append(name) }
        }
        let seen = looked
        self.memory.withLock { $0.looked = seen }
        return whole
    }

    private func takeIn(_ name: String) throws(FileError) {
        let path = "\(self.settings.folder)/\(name)"
        let bytes = try self.files.read(path)
        let time = self.nextTime()
        let newName = "\(Self.text(time))-\(name)"
        var report = FileReport(name: name, bytes: bytes.count, time: time)
        for file in self.settings.files where file.takes(name) {
            do throws(FileProblem) {
                let content = try DelimitedFileContent(bytes, file, system: self.system, origin: newName)
                var trial = self.memory.withLock { $0.states[file.entity] } ?? DelimitedState()
                report.add(file, content, trial.take(content, file, at: time))
            } catch {
                report.reject(file, error)
            }
        }
        let folder = report.isRejected ? self.rejected : self.done
        try self.files.rename(path, to: "\(folder)/\(newName)")
        try self.files.write(Array(report.text.utf8), to: "\(folder)/\(newName)\(FileReport.suffix)")
        if let suffix = self.settings.readySuffix { try self.files.remove(path + suffix) }
        if report.isRejected {
            self.logger.warning("A file was rejected; see the report beside it", metadata: ["code": "\(report.codes)"])
        } else {
            // Rows of this file count for the next one.
            self.memory.withLock { _ = $0.looked.removeValue(forKey: name) }
            try? self.load()
        }
    }

    /// Above every time before, also where the machine's clock was set back.
    private func nextTime() -> Date {
        self.memory.withLock { memory in
            let now = Date(timeIntervalSince1970: (self.clock.now().timeIntervalSince1970 * 1000).rounded(.down) / 1000)
            memory.lastTime = max(now, memory.lastTime + 0.001)
            return memory.lastTime
        }
    }

    /// Takes the files of `done/` that weren't taken yet.
    private func load() throws(ConnectorFailure) {
        let names: [String]
        do throws(FileError) {
            names = try self.files.names(in: self.done).sorted()
        } catch {
            throw self.failure(error)
        }
        for name in names where !name.hasSuffix(FileReport.suffix) {
            guard let (time, original) = Self.parts(of: name), self.memory.withLock({ !$0.taken.contains(name) }) else {
                continue
            }
            for file in self.settings.files where file.takes(original) {
                try self.load(name, file, time)
            }
            self.memory.withLock { memory in
                memory.taken.insert(name)
                memory.lastTime = max(memory.lastTime, time)
            }
        }
    }

    private func load(_ name: String, _ file: DelimitedSourceSettings.File, _ time: Date) throws(ConnectorFailure) {
        let content: DelimitedFileContent
        do {
            content = try DelimitedFileContent(
                try self.files.read("\(self.done)/\(name)"), file, system: self.system, origin: name)
        } catch let error as FileError {
            throw self.failure(error)
        } catch {
            throw ConnectorFailure(
                .misconfigured, code: .takenFileUnreadable,
                message: "a file in \(self.done) was taken by other settings and can't be read by these (\(file.name)): "
                    + "set them back, or move it away and have a full file sent", cause: error)
        }
        self.memory.withLock { memory in
            _ = memory.states[file.entity, default: DelimitedState()].take(content, file, at: time)
        }
    }

    /// Removes files that are old and that nothing depends on: those before the last full file, notices, and rejected ones.
    private func prune() {
        let oldest = self.clock.now() - Double(self.settings.keepDays) * 86_400
        guard let names = try? self.files.names(in: self.done).sorted().reversed() else { return }
        var covered: Set<Entity> = []
        for name in names {
            guard !name.hasSuffix(FileReport.suffix), let (time, original) = Self.parts(of: name) else { continue }
            let takers = self.settings.files.filter { $0.takes(original) }
            if time < oldest, !takers.isEmpty,
                takers.allSatisfy({ $0.content == .notices || covered.contains($0.entity) })
            {
                self.remove(name, from: self.done)
            }
            for taker in takers where taker.content == .full { covered.insert(taker.entity) }
        }
        for entity in Set(self.settings.files.filter { $0.content == .notices }.map(\.entity)) {
            self.memory.withLock { $0.states[entity]?.forget(before: oldest) }
        }
        for name in (try? self.files.names(in: self.rejected)) ?? [] where !name.hasSuffix(FileReport.suffix) {
            if let (time, _) = Self.parts(of: name), time < oldest { self.remove(name, from: self.rejected) }
        }
    }

    private func remove(_ name: String, from folder: String) {
        try? self.files.remove("\(folder)/\(name)\(FileReport.suffix)")
        try? self.files.remove("\(folder)/\(name)")
    }
}
