import Foundation
import Glibc
import Synchronization

/// Chromium's driver, as a process of its own on a port of its own.
final class BrowserDriver: Sendable {
    /// The driver can't be started.
    struct Missing: Error, CustomStringConvertible { let description: String }

    /// What differs among browsers from their start on.
    struct Kind: Sendable, Hashable {
        let size: Browser.Size
        let languages: String
    }

    let url: String
    private let process: Mutex<Process>
    /// Where its browsers have their folders for downloads.
    private let directory: String
    /// Browsers that nobody uses just now.
    private let idle = Mutex<[Kind: [Browser]]>([:])

    private init(url: String, directory: String, process: sending Process) {
        self.url = url
        self.directory = directory
        self.process = Mutex(process)
    }

    /// Runs the driver for the duration of `body`.
    static func with<Result>(_ body: (BrowserDriver) async throws -> Result) async throws -> Result {
        try await TemporaryDirectory.with { directory in
            let driver = try await Self.start(directory)
            defer { driver.stop() }
            do {
                let result = try await body(driver)
                await driver.closeAll()
                return result
            } catch {
                await driver.closeAll()
                throw error
            }
        }
    }

    func take(_ kind: Kind) -> Browser? { self.idle.withLock { $0[kind]?.popLast() } }

    func put(_ browser: Browser, _ kind: Kind) { self.idle.withLock { $0[kind, default: []].append(browser) } }

    func makeDirectory() throws -> String {
        let path = "\(self.directory)/\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        return path
    }

    private func closeAll() async {
        let browsers = self.idle.withLock { idle in
            defer { idle = [:] }
            return idle.values.flatMap(\.self)
        }
        for browser in browsers { await browser.close() }
    }

    /// It takes a free port on `127.0.0.1` and then the same one on `::1`: where somebody has that one already, it ends at once, and
    /// another port does.
    private static func start(_ directory: String) async throws -> BrowserDriver {
        guard let path = ["/usr/bin/chromedriver"].first(where: FileManager.default.isExecutableFile) else {
            throw Missing(description: "/usr/bin/chromedriver isn't there: apt-get install chromium chromium-driver")
        }
        var ended: [String] = []
        while ended.count < 5 {
            switch try Self.attempt(path, directory) {
            case .success(let driver): return driver
            case .failure(let missing): ended.append(missing.description)
            }
        }
        throw Missing(description: "chromedriver ended \(ended.count) times: \(ended.joined(separator: " | "))")
    }

    private static func attempt(_ path: String, _ directory: String) throws -> Result<BrowserDriver, Missing> {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: path)
        process.arguments = ["--port=0"]
        let output = Pipe()
        process.standardOutput = output
        process.standardError = FileHandle.nullDevice
        try process.run()
        // It says its port: "ChromeDriver was started successfully on port 41231."
        var told = ""
        while true {
            let data = output.fileHandleForReading.availableData
            if data.isEmpty { break }
            told += String(decoding: data, as: UTF8.self)
            guard let match = told.firstMatch(of: /on port ([0-9]+)\./) else { continue }
            return .success(BrowserDriver(url: "http://127.0.0.1:\(match.1)", directory: directory, process: process))
        }
        return .failure(Missing(description: told))
    }

    /// Its browsers have been closed by then: nothing is waited for. Not by `TERM`, which a process that is started here may have inherited
    /// as blocked.
    private func stop() { self.process.withLock { _ = kill($0.processIdentifier, SIGKILL) } }
}
