import Foundation
public import Logging
public import ServiceLifecycle

/// A stand-in for Unikum: it collects import files from a drop folder, takes them as Unikum documents it, and can be
/// asked what it holds.
///
/// Files are taken in the order of their names, so a batch's objects before its relations. A name that begins with a
/// dot or ends in neither of the two suffixes is passed over. A row that is wrong is refused and the rest of its file
/// taken. Taken files go to an archive folder, or are deleted. It looks at the folder every few milliseconds.
public actor UnikumStandIn: Service {
    public nonisolated let dropFolder: String
    /// Where taken files go; `nil` when they are deleted.
    public nonisolated let archiveFolder: String?
    public nonisolated let format: UnikumFormat
    nonisolated let interval: Duration
    nonisolated let logger: Logger
    nonisolated let bell = Bell()

    var holdings: UnikumHoldings
    var files: [UnikumAppliedFile] = []
    var refused: [UnikumRejection] = []
    /// What was taken: the batch and part, with the place of the first such file.
    private var seen: [String: Int] = [:]
    private var rowCount = 0
    var delay: Duration?
    var collects = true
    var down = false
    /// How many files it has exported.
    var exports = 0
    private var isRunning = false
    private var hasEnded = false

    /// Makes a stand-in; ``run()`` starts it, and makes the drop folder if it is not there.
    ///
    /// - Parameters:
    ///   - dropFolder: where the hub puts files.
    ///   - archiveFolder: where taken files go, on the same file system and not inside the drop folder; `nil`
    ///     deletes them.
    ///   - interval: how long it waits before it looks again when nothing was there.
    public init(
        dropFolder: String,
        archiveFolder: String? = nil,
        format: UnikumFormat = UnikumFormat(),
        interval: Duration = .milliseconds(15),
        logger: Logger = Logger(label: "standin.unikum", factory: { _ in SwiftLogNoOpLogHandler() })
    ) {
        self.dropFolder = dropFolder
        self.archiveFolder = archiveFolder
        self.format = format
        self.interval = interval
        self.logger = logger
        self.holdings = UnikumHoldings(format: format)
    }

    // MARK: Running

    /// Collects until it is cancelled or shut down.
    ///
    /// - Throws: ``StandInError`` when a folder can't be made or read.
    public func run() async throws {
        defer {
            self.hasEnded = true
            self.bell.ring()
        }
        for folder in [self.dropFolder, self.archiveFolder].compactMap({ $0 }) where !self.down {
            try Self.attempt("the folder \(folder) can't be made; check its parent and its rights") {
                try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
            }
        }
        self.isRunning = true
        self.bell.ring()
        try await cancelWhenGracefulShutdown { try await self.collectForever() }
    }

    private func collectForever() async throws {
        while !Task.isCancelled {
            let names = self.collects && !self.down ? try self.waitingFiles() : []
            for name in names where self.collects && !self.down && !Task.isCancelled {
                if let delay = self.delay { try? await Task.sleep(for: delay) }
                if self.collects, !self.down { try self.take(name) }
                await Task.yield()
            }
            if names.isEmpty { try? await Task.sleep(for: self.interval) }
        }
    }

    /// The files that wait, in the order in which they were put there.
    ///
    /// A folder read while files are being added may show a later one and not an earlier one. So it is read twice:
    /// whatever was there before the last name of the first reading is in the second.
    private func waitingFiles() throws -> [String] {
        guard let last = try self.listing().last else { return [] }
        return try self.listing().filter { !Self.isBefore(last, $0) }
    }

    private func listing() throws -> [String] {
        let names = try Self.attempt("the drop folder \(self.dropFolder) can't be read; was it moved by somebody else?") {
            try FileManager.default.contentsOfDirectory(atPath: self.dropFolder)
        }
        return names.filter { self.batch(of: $0) != nil }.sorted(by: Self.isBefore)
    }

    private static func isBefore(_ left: String, _ right: String) -> Bool {
        left.utf8.lexicographicallyPrecedes(right.utf8)
    }

    private func batch(of name: String) -> (id: String, part: UnikumAppliedFile.Part)? {
        guard !name.hasPrefix(".") else { return nil }
        for (suffix, part) in [
            (self.format.objectsSuffix, UnikumAppliedFile.Part.objects), (self.format.relationsSuffix, .relations),
        ] where name.hasSuffix(suffix) && name.utf8.count > suffix.utf8.count {
            return (String(name.dropLast(suffix.count)), part)
        }
        return nil
    }

    private func take(_ name: String) throws {
        guard let (batch, part) = self.batch(of: name) else { return }
        let path = self.dropFolder + "/" + name
        // Somebody may have taken the file away since the folder was read.
        guard FileManager.default.fileExists(atPath: path) else { return }
        let bytes = try Self.attempt("the file \(name) can't be read") {
            Array(try Data(contentsOf: URL(fileURLWithPath: path)))
        }
        var reading = UnikumImport(format: self.format, file: name)
        reading.apply(bytes, part: part, to: &self.holdings)
        try self.putAway(name, path)
        let name = "\(batch)/\(part.rawValue)"
        let first = self.seen[name].map { self.files[$0] }
        if first == nil { self.seen[name] = self.files.count }
        self.files.append(UnikumAppliedFile(batch: batch, part: part, rows: reading.rows, first: first))
        self.refused += reading.rejections
        self.rowCount += reading.rows.count
        self.logger.debug(
            "took a file", metadata: ["rows": "\(reading.rows.count)", "refused": "\(reading.rejections.count)"])
        self.bell.ring()
    }

    private func putAway(_ name: String, _ path: String) throws {
        try Self.attempt("the file \(name) can't be put away; check the archive folder") {
            guard let archive = self.archiveFolder else { return try FileManager.default.removeItem(atPath: path) }
            var target = archive + "/" + name
            var number = 2
            while FileManager.default.fileExists(atPath: target) {
                target = "\(archive)/\(name).\(number)"
                number += 1
            }
            try FileManager.default.moveItem(atPath: path, toPath: target)
        }
    }

    static func attempt<Value>(_ message: String, _ work: () throws -> Value) throws(StandInError) -> Value {
        do {
            return try work()
        } catch {
            throw StandInError(.notRunning, message, cause: error)
        }
    }

    /// Whether no file waits in the drop folder: everything that was put there has been taken.
    ///
    /// - Throws: ``StandInError`` when it is away or the folder can't be read.
    public var isIdle: Bool {
        get throws(StandInError) {
            do {
                return try self.listing().isEmpty
            } catch {
                throw StandInError(.notRunning, "whether files wait for Unikum can't be told", cause: error)
            }
        }
    }

    // MARK: Waiting

    /// Returns once it collects.
    ///
    /// - Throws: ``StandInError`` when it has ended; `CancellationError`.
    public func waitUntilStarted() async throws {
        try await self.wait { $0.isRunning || $0.hasEnded }
        if self.hasEnded { throw StandInError(.notRunning, "the Unikum stand-in has ended; run it as a service") }
    }

    /// Returns when a condition holds; looks again after each file taken and each fault set.
    ///
    /// - Throws: ``StandInError`` when it has ended without that; `CancellationError`.
    public func waitUntil(_ condition: @Sendable (isolated UnikumStandIn) -> Bool) async throws {
        try await self.wait { $0.hasEnded || condition($0) }
        guard condition(self) else {
            throw StandInError(.notRunning, "the Unikum stand-in has ended before what was waited for came")
        }
    }

    private func wait(_ condition: @Sendable (isolated UnikumStandIn) -> Bool) async throws {
        while true {
            let rings = self.bell.rings
            if condition(self) { return }
            try await self.bell.wait(past: rings)
        }
    }

    // MARK: Counting

    /// How much it has and has seen.
    public var statistics: UnikumStatistics {
        var statistics = UnikumStatistics()
        statistics.held = self.holdings.counts
        statistics.files = self.files.count
        statistics.repeatedFiles = self.files.count { $0.isRepeat }
        statistics.rows = self.rowCount
        statistics.rejectedRows = self.refused.count
        return statistics
    }
}
