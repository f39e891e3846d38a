import Foundation
public import ServiceLifecycle

/// A stand-in for the page of Skola24 where somebody imports files of guardians, children and staff: it takes files from the
/// folder where the hub leaves them, as the page's help says, and can be asked what it holds.
///
/// A file is the whole of what it is about: a row that isn't in it any more is gone. Taken files are deleted. It looks at the
/// folder every few milliseconds.
public actor Skola24ImportStandIn: Service {
    public nonisolated let folder: String
    private nonisolated let interval: Duration
    /// File name → what the last file of that name said.
    private var held: [String: Set<Skola24Row>] = [:]
    private var fileCount = 0
    private var changedRows = 0
    private var refusalTexts: [String] = []

    /// - Parameters:
    ///   - folder: where the hub leaves files; must be there when it runs.
    ///   - interval: how long it waits before it looks again when nothing was there.
    public init(folder: String, interval: Duration = .milliseconds(20)) {
        self.folder = folder
        self.interval = interval
    }

    /// Imports until it is cancelled or shut down.
    ///
    /// - Throws: ``StandInError`` when the folder can't be read.
    public func run() async throws {
        try await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                let names = try await self.waiting()
                for name in names where !Task.isCancelled {
                    try await self.take(name)
                    await Task.yield()
                }
                if names.isEmpty { try? await Task.sleep(for: self.interval) }
            }
        }
    }

    private func waiting() throws(StandInError) -> [String] {
        do {
            return try FileManager.default.contentsOfDirectory(atPath: self.folder).filter { Self.kind(of: $0) != nil }.sorted()
        } catch {
            throw StandInError(
                .notRunning, "the folder \(self.folder) can't be read; was it moved by somebody else?", cause: error)
        }
    }

    private static func kind(of name: String) -> Skola24File? {
        guard name.hasSuffix(".csv"), !name.hasPrefix(".") else { return nil }
        if name.hasPrefix("barn-") { return .child }
        if name.hasPrefix("personal-") { return .staff }
        return name == "foraldrar.csv" ? .guardian : nil
    }

    private func take(_ name: String) throws(StandInError) {
        guard let kind = Self.kind(of: name) else { return }
        // Out of the way first: the hub may put a newer one there at any time.
        let own = "\(self.folder)/.taken-\(name)"
        let bytes: [UInt8]
        do {
            try FileManager.default.moveItem(atPath: "\(self.folder)/\(name)", toPath: own)
            bytes = Array(try Data(contentsOf: URL(fileURLWithPath: own)))
            try FileManager.default.removeItem(atPath: own)
        } catch {
            throw StandInError(.notRunning, "a file in \(self.folder) can't be taken; check the rights on it", cause: error)
        }
        let reading = Skola24Import(kind, bytes)
        let before = self.held.updateValue(reading.rows, forKey: name) ?? []
        self.changedRows += reading.rows.symmetricDifference(before).count
        self.refusalTexts += reading.refusals
        self.fileCount += 1
    }

    /// Whether no file waits.
    ///
    /// - Throws: ``StandInError`` when the folder can't be read.
    public var isIdle: Bool { get throws(StandInError) { try self.waiting().isEmpty } }

    /// All rows that it holds.
    public var rows: [Skola24Row] { self.held.values.flatMap { $0 } }

    /// How many files it has taken.
    public var files: Int { self.fileCount }

    /// How many rows appeared or vanished in all of them.
    public var changes: Int { self.changedRows }

    /// Why rows weren't taken, in order; never with a value.
    public var refusals: [String] { self.refusalTexts }
}
