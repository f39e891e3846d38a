import Foundation
import KnutpunktApp

/// The built program, run as people run it.
enum Program {
    /// Beside the test bundle, where the package manager puts it.
    static var path: String {
        let bundle = URL(fileURLWithPath: CommandLine.arguments[0]).deletingLastPathComponent()
        for folder in [bundle.path, bundle.deletingLastPathComponent().path]
        where FileManager.default.isExecutableFile(atPath: folder + "/knutpunkt") {
            return folder + "/knutpunkt"
        }
        return bundle.path + "/knutpunkt"
    }

    static var mappings: String {
        URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("../../../Mappings").standardized.path
    }

    /// Tests/Contract.
    static var scripts: String {
        URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("../../Contract").standardized.path
    }

    struct Outcome {
        let status: Int32
        let output: String
        let errors: String
    }

    /// Runs the program to its end.
    ///
    /// - Parameter input: what it gets on standard input; `nil` for nothing.
    static func run(
        _ arguments: [String], environment: [String: String] = [:], input: String? = nil
    ) async throws -> Outcome {
        try await Self.run(Self.path, arguments, environment, input)
    }

    /// Runs a script of Tests/Contract to its end.
    static func script(_ name: String, _ arguments: [String]) async throws -> Outcome {
        try await Self.run("/usr/bin/env", ["python3", "\(Self.scripts)/\(name)"] + arguments, [:])
    }

    private static func run(
        _ executable: String, _ arguments: [String], _ environment: [String: String], _ input: String? = nil
    ) async throws -> Outcome {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: executable)
        process.arguments = arguments
        var variables = ProcessInfo.processInfo.environment.merging(environment) { _, new in new }
        variables["KNUTPUNKT_LANG"] = "en"
        process.environment = variables
        let files = try (0..<3).map { _ in try TemporaryDirectory.file() }
        let handles = files.compactMap(FileHandle.init(forWritingAtPath:))
        process.standardOutput = handles[0]
        process.standardError = handles[1]
        try Data((input ?? "").utf8).write(to: URL(fileURLWithPath: files[2]))
        process.standardInput = FileHandle(forReadingAtPath: files[2])
        // Waiting must not hold a thread that the stand-ins in this process need.
        try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Void, any Error>) in
            process.terminationHandler = { _ in continuation.resume() }
            do { try process.run() } catch {
                process.terminationHandler = nil
                continuation.resume(throwing: error)
            }
        }
        let texts = files.map { (try? String(contentsOfFile: $0, encoding: .utf8)) ?? "" }
        for file in files { try? FileManager.default.removeItem(atPath: file) }
        return Outcome(status: process.terminationStatus, output: texts[0], errors: texts[1])
    }

    /// Writes `hub.yaml` for a hub of its own in a directory.
    ///
    /// - Parameter more: settings that follow, lines of YAML.
    /// - Returns: the file's path.
    static func configuration(_ directory: String, _ more: String) throws -> String {
        let path = directory + "/hub.yaml"
        let text = "data: {directory: \(directory)/data}\nmappings: {directory: \(Self.mappings)}\n" + more
        try Data(text.utf8).write(to: URL(fileURLWithPath: path))
        return path
    }
}

/// A directory that is gone when its scope ends.
enum TemporaryDirectory {
    static func with<Result>(_ body: (String) async throws -> Result) async throws -> Result {
        let path = FileManager.default.temporaryDirectory.path + "/knutpunkt-e2e-" + UUID().uuidString.prefix(8)
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: path) }
        do {
            return try await body(path)
        } catch {
            Self.tellLogs(in: path)
            throw error
        }
    }

    /// Prints how the logs end, since they go with the directory. Each line is marked as a remark to the failure.
    private static func tellLogs(in path: String) {
        for log in ["hub.log", "data/rabbitmq/log/node.log"] {
            guard let text = try? String(contentsOfFile: "\(path)/\(log)", encoding: .utf8) else { continue }
            for line in text.split(separator: "\n").suffix(15) { print("↳ \(log): \(line)") }
        }
    }

    static func file() throws -> String {
        let path = FileManager.default.temporaryDirectory.path + "/knutpunkt-out-" + UUID().uuidString
        _ = FileManager.default.createFile(atPath: path, contents: nil)
        return path
    }
}
