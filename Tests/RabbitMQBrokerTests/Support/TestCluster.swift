import Foundation
import MessagingTesting
import Testing

@testable import RabbitMQBroker

/// Three private nodes that are one cluster, each on a loopback address of its own.
struct TestCluster {
    let members: [PrivateNode]

    static let shared = Task { try await Self.start() }

    private static func start() async throws -> TestCluster {
        let secret = try NodeState.fresh()
        let cookie = NodeState.secret()
        let ports = try FreePorts.pick(3)
        let members = try await withThrowingTaskGroup(of: (Int, PrivateNode).self) { group in
            for number in 0..<3 {
                let directory = try NodeFolder.make()
                try Self.write(cookie, in: directory)
                var state = secret
                state.port = ports[number]
                var more = NodeAdditions()
                more.identity = .member(number + 1)
                more.fresh = state
                let additions = more
                group.addTask {
                    let node = try await PrivateNode.start(
                        directory: directory, installation: .debian, limits: .init(), additions: additions, logger: TestNode.quiet
                    ) { _ in }
                    return (number, node)
                }
            }
            var nodes: [(Int, PrivateNode)] = []
            for try await node in group { nodes.append(node) }
            return nodes.sorted { $0.0 < $1.0 }.map(\.1)
        }
        for member in members.dropFirst() {
            try await TestNode.control(member, "stop_app")
            try await TestNode.control(member, "join_cluster", members[0].directory.additions.identity.name)
            try await TestNode.control(member, "start_app")
        }
        for member in members { Task { try await member.run() } }
        return TestCluster(members: members)
    }

    /// Erlang nodes let in whoever has their cookie.
    private static func write(_ cookie: String, in directory: String) throws {
        try FileManager.default.createDirectory(atPath: directory + "/home", withIntermediateDirectories: true)
        let file = directory + "/home/.erlang.cookie"
        guard FileManager.default.createFile(atPath: file, contents: Data(cookie.utf8), attributes: [.posixPermissions: 0o400])
        else { throw CocoaError(.fileWriteUnknown, userInfo: [NSFilePathErrorKey: file]) }
    }

    func configuration() throws -> RabbitMQConfiguration {
        var configuration = try TestNode.configuration(self.members[0])
        configuration.endpoints = try self.members.flatMap { try TestNode.configuration($0).endpoints }
        configuration.heartbeat = .seconds(1)
        return configuration
    }

    /// The member that leads a quorum queue, as another member sees it.
    func leader(of queue: String, askedOf member: PrivateNode) async throws -> PrivateNode {
        let answer = try await TestNode.control(
            member, "eval",
            """
            {ok, Q} = rabbit_amqqueue:lookup(rabbit_misc:r(<<"\(NodeDirectory.virtualHost)">>, queue, <<"\(queue)">>)), \
            {_, Node} = amqqueue:get_pid(Q), Node.
            """)
        return try #require(
            self.members.first { answer.contains($0.directory.additions.identity.name) }, "'\(answer)' names no member")
    }

    /// The member that a queue's only consumer is connected with: each knows those of its own.
    func memberOfConsumer(of queue: String) async throws -> PrivateNode {
        for member in self.members {
            let answer = try await TestNode.control(
                member, "eval",
                """
                length([T || T <- ets:tab2list(consumer_created), \
                element(4, element(1, element(1, T))) =:= <<"\(queue)">>]).
                """)
            if answer.contains("1") { return member }
        }
        throw ControlFailure(description: "no member has a consumer of '\(queue)'")
    }

    func moveLeader(of queue: String, to member: PrivateNode) async throws -> String {
        try await TestNode.control(
            member, "eval",
            """
            {ok, Q} = rabbit_amqqueue:lookup(rabbit_misc:r(<<"\(NodeDirectory.virtualHost)">>, queue, <<"\(queue)">>)), \
            rabbit_quorum_queue:transfer_leadership(Q, node()).
            """)
    }
}
