import Foundation
import Logging
import Messaging
import Synchronization

extension PrivateNode {
    /// Takes over a node that runs here already.
    ///
    /// - Returns: false when there is none, or when it didn't let us in and was ended.
    func adopt(_ onProgress: @Sendable (Progress) -> Void) async throws -> Bool {
        let state = self.life.withLock { $0.state }
        guard let process = NodeProcess.running(in: self.directory, recorded: state.process) else { return false }
        onProgress(.adopting)
        // Without a note of it we don't know its port and password.
        let isKnown = state.process == process.id && state.processStart == process.start
        if isKnown, try await self.waitUntilReady(process, state, limit: self.limits.adoption, onProgress) {
            try self.took(process)
            self.logger.info("took over the private node of an earlier run", metadata: ["node.process": "\(process.id)"])
            onProgress(.ready(seconds: 0))
            return true
        }
        onProgress(.clearing)
        await Self.end(process, patience: min(.seconds(10), self.limits.end))
        return false
    }

    /// Starts the process and waits until it lets us in.
    ///
    /// - Parameter keepingPort: clients know the port already; else another one is taken when it is not free.
    func bringUp(keepingPort: Bool, _ onProgress: @Sendable (Progress) -> Void) async throws {
        var state = self.life.withLock { $0.state }
        // A node that ended in order is not noted as running any more.
        let wasKilled = state.process != nil
        if try await !self.waitForPorts(state) {
            guard !keepingPort else {
                throw BrokerError(
                    .startFailed,
                    "port \(state.port) or \(state.distributionPort) of the private node is taken by another program")
            }
            let ports = try FreePorts.pick(2)
            (state.port, state.distributionPort) = (ports[0], ports[1])
        }
        try self.directory.create()
        try self.directory.writeConfiguration(state)
        let began = ContinuousClock.now
        let process = try NodeProcess.spawn(
            self.installation.server, environment: self.directory.environment(state), directory: self.directory.path,
            output: self.directory.startLog)
        self.life.withLock { $0.state = state }
        try self.took(process)
        onProgress(.starting)
        do {
            guard try await self.waitUntilReady(process, state, limit: self.limits.start, onProgress) else {
                throw self.startFailure(didEnd: !process.isAlive)
            }
            if wasKilled { try await self.electLeaders(state) }
        } catch {
            await Self.end(process, patience: .seconds(5))
            throw error
        }
        onProgress(.ready(seconds: Int((ContinuousClock.now - began).components.seconds)))
    }

    /// A process that was killed a moment ago may still hold its ports.
    private func waitForPorts(_ state: NodeState) async throws -> Bool {
        let limit = ContinuousClock.now + .seconds(2)
        let address = self.directory.additions.identity.address
        while !FreePorts.isFree(state.port) || !FreePorts.isFree(state.distributionPort, on: address) {
            try Task.checkCancellation()
            if ContinuousClock.now > limit { return false }
            await Self.pause()
        }
        return true
    }

    private func took(_ process: NodeProcess) throws(BrokerError) {
        let (state, isStopped) = self.life.withLock { life in
            life.process = process
            life.state.process = process.id
            life.state.processStart = process.start
            return (life.state, life.isStopped)
        }
        guard !isStopped else {
            process.killAll()
            throw BrokerError.closed
        }
        try self.directory.save(state)
    }

    /// Ready means that a client gets in and has a channel; the port alone is open before that.
    ///
    /// - Returns: false when the process ended, refuses our password, or the time is over.
    private func waitUntilReady(
        _ process: NodeProcess, _ state: NodeState, limit: Duration, _ onProgress: @Sendable (Progress) -> Void
    ) async throws -> Bool {
        var configuration = try RabbitMQConfiguration(url: state.url)
        configuration.connectionName = "knutpunkt start"
        configuration.connectTimeout = min(.seconds(5), limit)
        let probe = configuration
        let began = ContinuousClock.now
        var reported = 0
        while process.isAlive {
            try Task.checkCancellation()
            if self.life.withLock({ $0.isStopped }) { throw BrokerError.closed }
            do {
                try await DedicatedThread.run("amqp ask") { try AMQPConnection(probe, purpose: "probe").close() }
                return true
            } catch let error as BrokerError where error.retry == .never {
                return false
            } catch {}
            let waited = ContinuousClock.now - began
            if waited > limit { return false }
            if waited.components.seconds > reported {
                reported = Int(waited.components.seconds)
                onProgress(.waiting(seconds: reported))
            }
            try await Task.sleep(for: .milliseconds(100))
        }
        return false
    }

    /// Asks it to end, and kills it when it doesn't.
    static func end(_ process: NodeProcess, patience: Duration) async {
        process.signal(SIGTERM)
        let limit = ContinuousClock.now + patience
        while process.isAlive, ContinuousClock.now < limit { await Self.pause() }
        guard process.isAlive else { return }
        process.killAll()
        while process.isAlive { await Self.pause() }
    }

    /// 20 ms; also in a cancelled task, where `Task.sleep` would make a busy loop of the waiting above.
    private static func pause() async {
        await withCheckedContinuation { continuation in
            DispatchQueue.global().asyncAfter(deadline: .now() + .milliseconds(20)) { continuation.resume() }
        }
    }

    /// A quorum queue that was made less than a second before the node was killed comes back without a leader, and
    /// alone it never elects one: everything that uses it waits for ever. RabbitMQ 3.10 needs to be told.
    private func electLeaders(_ state: NodeState) async throws {
        let process = try NodeProcess.spawn(
            self.installation.control,
            [
                "-q", "eval",
                """
                [catch ra:trigger_election(amqqueue:get_pid(Q)) || Q <- rabbit_amqqueue:list(), \
                amqqueue:get_type(Q) =:= rabbit_quorum_queue].
                """,
            ],
            environment: self.directory.controlEnvironment(state), directory: self.directory.path,
            output: self.directory.controlLog)
        let limit = ContinuousClock.now + .seconds(20)
        while process.isAlive {
            if ContinuousClock.now > limit {
                self.logger.info("the private node did not answer rabbitmqctl", metadata: ["node.log": "\(self.logFile)"])
                process.killAll()
            }
            await Self.pause()
        }
    }

    private func startFailure(didEnd: Bool) -> BrokerError {
        let text = [self.directory.startLog, self.directory.log]
            .compactMap { FileManager.default.contents(atPath: $0) }
            .map { String(decoding: $0.suffix(65_536), as: UTF8.self) }
            .joined(separator: "\n")
        let cause =
            if text.contains("enospc") || text.contains("No space left") {
                "its disk is full"
            } else if text.contains("eacces") || text.contains("Permission denied") {
                "it lacks the right to write there"
            } else if text.contains("eaddrinuse") {
                "its port is taken"
            } else {
                didEnd ? "it ended by itself" : "it does not answer"
            }
        return BrokerError(
            .startFailed,
            "the private RabbitMQ node in \(self.directory.path) did not start: \(cause); see \(self.directory.log) and \(self.directory.startLog)"
        )
    }
}
