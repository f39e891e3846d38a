import Foundation
import Logging
import MessagingTesting
import Testing

@testable import RabbitMQBroker

/// What `rabbitmqctl` said no to.
struct ControlFailure: Error, CustomStringConvertible {
    let description: String
}

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

    /// A new directory for a node, see ``NodeFolder``.
    static func directory() throws -> String { try NodeFolder.make() }

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
            // A node that is coming up may never answer.
            process.executableURL = URL(fileURLWithPath: "/usr/bin/timeout")
            process.arguments = ["-s", "KILL", "120", program, "-q"] + arguments
            process.environment = environment
            let pipe = Pipe()
            process.standardOutput = pipe
            process.standardError = pipe
            try process.run()
            let output = String(decoding: pipe.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
            process.waitUntilExit()
            guard process.terminationStatus == 0 else { throw ControlFailure(description: "rabbitmqctl \(arguments): \(output)") }
            return output
        }
    }
}

// MARK: - Faults

extension TestNode {
    static func kill(_ node: PrivateNode) throws {
        let process = try #require(node.processID)
        try #require(Foundation.kill(process, SIGKILL) == 0)
    }

    static func closeConnections(_ node: PrivateNode) async throws {
        try await Self.control(node, "close_all_connections", "--vhost", NodeDirectory.virtualHost, "test")
    }

    static func deleteQueue(_ name: String, _ node: PrivateNode) async throws {
        try await Self.control(node, "delete_queue", "-p", NodeDirectory.virtualHost, name)
    }

    /// Has a queue refuse what comes when it holds so many messages.
    static func limit(_ queue: String, to length: Int, _ node: PrivateNode) async throws {
        try await Self.control(
            node, "set_policy", "-p", NodeDirectory.virtualHost, "--apply-to", "queues", queue, "^\(queue)$",
            #"{"max-length": \#(length)}"#)
    }

    static func lift(_ queue: String, _ node: PrivateNode) async throws {
        try await Self.control(node, "clear_policy", "-p", NodeDirectory.virtualHost, queue)
    }

    /// The consumers that the broker lists for a queue.
    static func consumers(of queue: String, _ node: PrivateNode) async throws -> Int {
        let list = try await Self.control(
            node, "list_consumers", "-p", NodeDirectory.virtualHost, "--no-table-headers", "queue_name")
        return list.split(separator: "\n").count { $0 == queue }
    }

    enum Resource: CaseIterable {
        case memory, disk
    }

    /// The broker is short of a resource for the duration of `body`.
    static func withAlarm(_ resource: Resource, on node: PrivateNode, _ body: () async throws -> Void) async throws {
        switch resource {
        case .memory: try await Self.control(node, "set_vm_memory_high_watermark", "0.000001")
        case .disk: try await Self.control(node, "set_disk_free_limit", "1000000000000000")
        }
        let result: Result<Void, any Error>
        do { result = .success(try await body()) } catch { result = .failure(error) }
        switch resource {
        case .memory: try await Self.control(node, "set_vm_memory_high_watermark", "0.4")
        case .disk: try await Self.control(node, "set_disk_free_limit", "50000000")
        }
        try result.get()
    }
}
