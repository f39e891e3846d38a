import Foundation
import Messaging
import Synchronization
import Testing

@testable import RabbitMQBroker

extension BrokerTests {
    /// Starts, stops and finds again nodes of its own.
    @Suite(.serialized) struct Node {
        private static func start(
            _ directory: String, limits: PrivateNode.Limits = .init(),
            onProgress: @escaping @Sendable (PrivateNode.Progress) -> Void = { _ in }
        ) async throws -> PrivateNode {
            try await PrivateNode.start(
                directory: directory, installation: .debian, limits: limits, logger: TestNode.quiet, onProgress: onProgress)
        }

        @Test(.timeLimit(.minutes(2))) func `a node starts, shows how far it is, keeps its secrets, and leaves nothing running`()
            async throws
        {
            // Spaces and letters beyond ASCII are in people's directory names.
            let directory = try TestNode.directory() + " å"
            defer { try? FileManager.default.removeItem(atPath: directory) }
            let phases = Mutex<[PrivateNode.Progress]>([])
            let node = try await Self.start(directory) { phase in phases.withLock { $0.append(phase) } }
            let seen = phases.withLock { $0 }
            #expect(Array(seen.prefix(2)) == [.preparing, .starting])
            guard case .ready? = seen.last else {
                Issue.record("the last phase is \(String(describing: seen.last))")
                return
            }
            for file in ["node.json", "definitions.json", "home/.erlang.cookie"] {
                let attributes = try FileManager.default.attributesOfItem(atPath: directory + "/" + file)
                let mode = try #require(attributes[.posixPermissions] as? Int)
                #expect(mode & 0o077 == 0, "\(file) is its owner's alone")
            }
            let process = try #require(node.processID)
            let password = try #require(node.url.split(separator: ":").dropFirst(2).first?.split(separator: "@").first)
            for file in ["cmdline", "environ"] {
                let data = try #require(FileManager.default.contents(atPath: "/proc/\(process)/\(file)"))
                #expect(!String(decoding: data, as: UTF8.self).contains(password), "the password is in nobody's view")
            }
            #expect(getsid(process) == process, "a Ctrl-C for the hub is none for the node")
            let open = try FileManager.default.contentsOfDirectory(atPath: "/proc/\(process)/fd").compactMap {
                try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/\(process)/fd/\($0)")
            }
            #expect(!open.contains { $0.hasSuffix("node.lock") }, "the node holds no lock of the hub")
            await node.stop()
            #expect(PrivateNode.processID(in: directory) == nil)
            #expect(kill(process, 0) != 0)
        }

        /// RabbitMQ makes sure once a minute that there is an epmd, which would listen on all addresses and stay.
        @Test(.timeLimit(.minutes(2))) func `a node starts no epmd, also when RabbitMQ looks for it`() async throws {
            let node = try await TestNode.shared.value
            // Not the usual port, where another program's may be.
            let port = try #require(try FreePorts.pick(1).first)
            try await TestNode.control(
                node, "eval",
                #"os:putenv("ERL_EPMD_PORT", "\#(port)"), rabbit_nodes_common:ensure_epmd(), os:unsetenv("ERL_EPMD_PORT")."#)
            #expect(FreePorts.isFree(port))
        }

        @Test(.timeLimit(.minutes(2))) func `the node of a killed hub is taken over`() async throws {
            let directory = try TestNode.directory()
            let first = try await Self.start(directory)
            // What is left of a hub that was killed: its lock is gone, its node runs.
            first.lock.withLock { $0 = nil }
            let process = first.processID
            let second = try await Self.start(directory)
            #expect(second.processID == process)
            #expect(second.url == first.url)
            second.lock.withLock { $0 = nil }
            // Also when the note of it is lost; the password then is too, and the node has to make way.
            try FileManager.default.removeItem(atPath: directory + "/node.json")
            let third = try await Self.start(directory)
            #expect(third.processID != process)
            let broker = RabbitMQBroker(configuration: try TestNode.configuration(third), logger: TestNode.quiet)
            try await broker.probe()
            await third.stop()
            #expect(PrivateNode.processID(in: directory) == nil)
        }

        @Test(.timeLimit(.minutes(2))) func `the messages of a killed node are there after the next start, on the same port`()
            async throws
        {
            let directory = try TestNode.directory()
            let names = Names()
            let first = try await Self.start(directory)
            try await TestNode.withBroker(on: first) {
                $0.newQueuePause = .milliseconds(1500)
            } _: { broker in
                try await broker.declare(names.topology)
                _ = try await broker.publish((0..<500).map { names.publication($0) })
            }
            kill(try #require(first.processID), SIGKILL)
            first.lock.withLock { $0 = nil }
            let second = try await Self.start(directory)
            #expect(second.url == first.url)
            try await TestNode.withBroker(on: second) { broker in
                try await #expect(broker.collect(names.queue, 500).count == 500)
                _ = try await broker.publish((0..<5).map { names.publication($0) })
            }
            await second.stop()
            let third = try await Self.start(directory)
            #expect(third.url == first.url)
            try await TestNode.withBroker(on: third) { broker in
                try await #expect(broker.collect(names.queue, 5).count == 5)
            }
            await third.stop()
        }

        @Test(.timeLimit(.minutes(2))) func `a left-over node that does not answer is ended and started anew`() async throws {
            let directory = try TestNode.directory()
            let first = try await Self.start(directory)
            let process = try #require(first.processID)
            kill(process, SIGSTOP)
            first.lock.withLock { $0 = nil }
            let phases = Mutex<[PrivateNode.Progress]>([])
            let limits = PrivateNode.Limits(adoption: .seconds(1), end: .seconds(1))
            let second = try await Self.start(directory, limits: limits) { phase in phases.withLock { $0.append(phase) } }
            #expect(phases.withLock { $0.contains(.clearing) })
            #expect(second.processID != process)
            await second.stop()
        }

        @Test(.timeLimit(.minutes(2))) func `two hubs don't share a node's directory`() async throws {
            let directory = try TestNode.directory()
            let node = try await Self.start(directory)
            let error = await #expect(throws: BrokerError.self) { try await Self.start(directory) }
            #expect(error?.code == .startFailed)
            #expect(error?.message.contains(directory) == true)
            let broker = RabbitMQBroker(configuration: try TestNode.configuration(node), logger: TestNode.quiet)
            try await broker.probe()
            await node.stop()
        }

        @Test func `a machine without rabbitmq-server is told how to get it`() async throws {
            let directory = try TestNode.directory()
            let error = await #expect(throws: BrokerError.self) {
                try await PrivateNode.start(
                    directory: directory, installation: NodeInstallation(directory: "/nowhere"), logger: TestNode.quiet)
            }
            #expect(error?.code == .notInstalled)
            #expect(error?.message.contains("sudo apt install rabbitmq-server") == true)
        }

        @Test func `a directory that can't be written is named`() async throws {
            let error = await #expect(throws: BrokerError.self) {
                try await PrivateNode.start(directory: "/dev/null/node", logger: TestNode.quiet)
            }
            #expect(error?.code == .startFailed)
            #expect(error?.message.contains("/dev/null/node") == true)
        }

        @Test(.timeLimit(.minutes(2))) func `a node that can't start says where its log is`() async throws {
            let directory = try TestNode.directory()
            try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
            // Its data directory is a file of rubbish where RabbitMQ wants its own.
            try FileManager.default.createDirectory(atPath: directory + "/data", withIntermediateDirectories: true)
            try Data("rubbish".utf8).write(to: URL(fileURLWithPath: directory + "/data/schema.DAT"))
            let error = await #expect(throws: BrokerError.self) { try await Self.start(directory) }
            #expect(error?.code == .startFailed)
            #expect(error?.message.contains(directory + "/log/node.log") == true)
            #expect(PrivateNode.processID(in: directory) == nil)
        }

        @Test(.timeLimit(.minutes(2))) func `stopping during the start ends the node`() async throws {
            let directory = try TestNode.directory()
            let task = Task {
                try await Self.start(directory) { if case .starting = $0 { withUnsafeCurrentTask { $0?.cancel() } } }
            }
            await #expect(throws: CancellationError.self) { try await task.value }
            #expect(PrivateNode.processID(in: directory) == nil)
        }
    }
}
