import Foundation
import Logging
import Synchronization
import Testing

@testable import RabbitMQBroker

/// Real private nodes for the tests. They never outlive the test process, however it ends.
enum TestNode {
    /// The node that tests share which do it no harm.
    static let shared = Task { try await PrivateNode.start(directory: Self.directory(), logger: Self.quiet) }

    /// A node that tests kill and disturb; it is watched over and comes back.
    static let disturbed = Task {
        let node = try await PrivateNode.start(directory: Self.directory(), logger: Self.quiet)
        Task { try await node.run() }
        return node
    }

    static let quiet = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

    /// A new directory for a node. A guard process ends what runs in it and removes it when this process is gone.
    static func directory() throws -> String {
        let directory =
            FileManager.default.temporaryDirectory.path + "/knutpunkt-test-\(UUID().uuidString.prefix(8).lowercased())"
        try Guard.watch(directory)
        return directory
    }

    static func configuration(_ node: PrivateNode) throws -> RabbitMQConfiguration {
        try RabbitMQConfiguration(url: node.url)
    }

    /// A broker on the node for the duration of `body`.
    static func withBroker<Result: Sendable>(
        on node: PrivateNode, logger: Logger = TestNode.quiet,
        _ change: (inout RabbitMQConfiguration) -> Void = { _ in },
        _ body: (RabbitMQBroker) async throws -> Result
    ) async throws -> Result {
        var configuration = try Self.configuration(node)
        // For tests that kill no broker.
        configuration.newQueuePause = .zero
        change(&configuration)
        let broker = RabbitMQBroker(configuration: configuration, logger: logger)
        let result: Swift.Result<Result, any Error>
        do { result = .success(try await body(broker)) } catch { result = .failure(error) }
        await broker.close()
        return try result.get()
    }

    /// Runs `rabbitmqctl` against the node.
    @discardableResult
    static func control(_ node: PrivateNode, _ arguments: String...) async throws -> String {
        let (program, environment) = node.control
        return try await DedicatedThread.run("rabbitmqctl") {
            let process = Process()
            process.executableURL = URL(fileURLWithPath: program)
            process.arguments = ["-q"] + arguments
            process.environment = environment
            let pipe = Pipe()
            process.standardOutput = pipe
            process.standardError = pipe
            try process.run()
            let output = String(decoding: pipe.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
            process.waitUntilExit()
            try #require(process.terminationStatus == 0, "rabbitmqctl \(arguments): \(output)")
            return output
        }
    }
}

/// A shell that waits for the end of this process (its input ends then) and cleans up after it.
private enum Guard {
    /// The inputs of the guards, open as long as this process lives.
    private static let inputs = Mutex<[Pipe]>([])

    static func watch(_ directory: String) throws {
        let pipe = Pipe()
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/bin/sh")
        process.arguments = [
            "-c",
            """
            trap '' INT TERM HUP; cat > /dev/null
            for process in /proc/[0-9]*; do
                if tr '\\0' '\\n' < $process/environ 2> /dev/null | grep -qxF "RABBITMQ_MNESIA_BASE=$0"; then
                    kill -CONT ${process#/proc/}; kill -KILL ${process#/proc/}
                fi
            done
            rm -rf "$0"
            """, directory,
        ]
        process.standardInput = pipe
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        try process.run()
        Self.inputs.withLock { $0.append(pipe) }
    }
}
