import Foundation
public import ServiceLifecycle

/// A stand-in for a receiver that collects one list from a folder: always the whole of it, with a header, semicolons, UTF-8.
///
/// A file that is taken is deleted, and what it doesn't have any more is gone. It looks at the folder every few milliseconds.
public actor ListCollector: Service {
    public nonisolated let path: String
    private nonisolated let interval: Duration
    private var held: [[String: String]] = []
    private var fileCount = 0
    private var refusalTexts: [String] = []

    /// - Parameters:
    ///   - path: the file that is waited for; its folder must be there.
    ///   - interval: how long it waits before it looks again when nothing was there.
    public init(path: String, interval: Duration = .milliseconds(20)) {
        self.path = path
        self.interval = interval
    }

    /// Collects until it is cancelled or shut down.
    ///
    /// - Throws: ``StandInError`` when the file can't be taken.
    public func run() async throws {
        try await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                if await self.isIdle { try? await Task.sleep(for: self.interval) } else { try await self.take() }
            }
        }
    }

    private func take() throws(StandInError) {
        // Out of the way first: the hub may put a newer one there at any time.
        let own = self.path + ".taken"
        let text: String
        do {
            try FileManager.default.moveItem(atPath: self.path, toPath: own)
            text = String(decoding: try Data(contentsOf: URL(fileURLWithPath: own)), as: UTF8.self)
            try FileManager.default.removeItem(atPath: own)
        } catch {
            throw StandInError(.notRunning, "\(self.path) can't be taken; check the rights on it", cause: error)
        }
        self.fileCount += 1
        let lines = text.split(separator: "\r\n", omittingEmptySubsequences: true).map {
            $0.split(separator: ";", omittingEmptySubsequences: false).map(String.init)
        }
        guard text.hasSuffix("\r\n"), let header = lines.first, lines.allSatisfy({ $0.count == header.count }) else {
            self.refusalTexts.append("a file that is cut off or whose lines differ in length")
            return
        }
        self.held = lines.dropFirst().map { Dictionary(zip(header, $0), uniquingKeysWith: { first, _ in first }) }
    }

    /// Whether no file waits.
    public var isIdle: Bool { !FileManager.default.fileExists(atPath: self.path) }

    /// The last list, row by row, each value by its column.
    public var rows: [[String: String]] { self.held }

    /// How many files it has taken.
    public var files: Int { self.fileCount }

    /// Why it refused files, in its own words.
    public var refusals: [String] { self.refusalTexts }
}
